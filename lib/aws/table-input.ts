/** The Glue table of Parquet files under one folder, or of Iceberg metadata; new, or as an edit of a live one. */
import type { Column, StorageDescriptor, Table, TableInput } from '@aws-sdk/client-glue'

export interface GlueColumn {
  readonly name: string
  /** In Hive's words: `int`, `decimal(18,6)`. */
  readonly type: string
  readonly comment?: string
}

export interface TableContent {
  readonly name: string
  /** `s3://bucket/…/`, with the slash. */
  readonly location: string
  readonly columns: readonly GlueColumn[]
  readonly parameters: Readonly<Record<string, string>>
  /** What the names of parameters begin with that are the content's alone: of the live table's none is kept. */
  readonly owned?: string
  readonly described?: Described
}

/** All there is to be of a table's words; absent: they stay as they are. */
export interface Described {
  readonly description: string | undefined
  readonly owner: string | undefined
  /** By column. */
  readonly comments: Readonly<Record<string, string>>
  /** Parameters, and what the names of all of their kind begin with. */
  readonly labels: Readonly<Record<string, string>>
  readonly labelPrefix: string
}

/** Athena User Guide, "Parquet SerDe". */
const parquet = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  Compressed: false,
} satisfies StorageDescriptor

const serialization = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'

/**
 * What to send to CreateTable or UpdateTable. UpdateTable replaces the whole table, so everything of the live one
 * that this content does not speak of is sent back as it was: retention, partition keys, other parameters (partition
 * projection among them), and unless it is described, description, owner and the comments of columns that keep their name.
 */
export function tableInput(content: TableContent, live: Table | undefined): TableInput {
  const storage = live?.StorageDescriptor
  const before = new Map(storage?.Columns?.map((column) => [column.Name, column]))
  const same = storage?.SerdeInfo?.SerializationLibrary === serialization
  const StorageDescriptor: StorageDescriptor = {
    ...storage,
    ...parquet,
    Location: content.location,
    Columns: content.columns.map((column) => edited(column, before.get(column.name), content.described)),
    SerdeInfo: {
      SerializationLibrary: serialization,
      Parameters: (same ? storage.SerdeInfo?.Parameters : undefined) ?? { 'serialization.format': '1' },
    },
  }
  const kept = writable(live, content.described)
  return {
    ...kept,
    Name: content.name,
    TableType: 'EXTERNAL_TABLE',
    StorageDescriptor,
    Parameters: { ...keptParameters(live, content), ...content.parameters },
  }
}

export interface IcebergContent {
  readonly name: string
  /** `s3://bucket/…`, without a slash at its end. */
  readonly location: string
  /** For people: engines read the metadata. */
  readonly columns: readonly (GlueColumn & { readonly id: number })[]
  /** `s3://…`: the metadata that is the table from now on. */
  readonly metadata: string
  readonly parameters: Readonly<Record<string, string>>
  /** The same as in {@link TableContent}. */
  readonly owned?: string
  readonly described?: Described
}

/** What only a table of plain files has. */
const plainParameters: readonly string[] = ['classification', 'compressionType', 'typeOfData', 'EXTERNAL']

/** An Iceberg table as its readers expect it in Glue (apache/iceberg, GlueTableOperations, IcebergToGlueConverter). */
export function icebergTableInput(content: IcebergContent, live: Table | undefined): TableInput {
  const { name, location, columns, metadata, described } = content
  const before = new Map(live?.StorageDescriptor?.Columns?.map((column) => [column.Name, column]))
  const { PartitionKeys: _, ...kept } = writable(live, described)
  const parameters = Object.entries(keptParameters(live, content)).filter(
    ([each]) => !plainParameters.includes(each),
  )
  const previous = live?.Parameters?.['metadata_location']
  return {
    ...kept,
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    StorageDescriptor: {
      Location: location,
      Columns: columns.map(({ id, ...column }) => ({
        ...edited(column, before.get(column.name), described),
        Parameters: {
          'iceberg.field.id': String(id),
          'iceberg.field.optional': 'true',
          'iceberg.field.current': 'true',
        },
      })),
    },
    Parameters: {
      ...Object.fromEntries(parameters),
      ...content.parameters,
      table_type: 'ICEBERG',
      metadata_location: metadata,
      ...pick('previous_metadata_location', previous),
    },
  }
}

/** Parameters of the live table that the content does not speak of, and those of its labels. */
function keptParameters(
  live: Table | undefined,
  { owned, described }: Pick<TableContent, 'owned' | 'described'>,
): Record<string, string> {
  const spoken = [owned, described?.labelPrefix].flatMap((prefix) => prefix ?? [])
  const kept = Object.entries(live?.Parameters ?? {}).filter(
    ([name]) => !spoken.some((prefix) => name.startsWith(prefix)),
  )
  return { ...Object.fromEntries(kept), ...described?.labels }
}

function edited(
  { name, type, comment }: GlueColumn,
  before: Column | undefined,
  described: Described | undefined,
): Column {
  const own = described?.comments ?? {}
  const kept = before?.Comment ?? comment
  return {
    Name: name,
    Type: type,
    ...(before?.Parameters === undefined ? {} : { Parameters: before.Parameters }),
    ...pick('Comment', described === undefined ? kept : Object.hasOwn(own, name) ? own[name] : undefined),
  }
}

/** The fields of a Table that a TableInput has too; the others are Glue's own and refused (Glue API, TableInput). */
function writable(live: Table | undefined, described: Described | undefined): Omit<TableInput, 'Name'> {
  const { description, owner } = described ?? { description: live?.Description, owner: live?.Owner }
  return {
    ...pick('Description', description),
    ...pick('Owner', owner),
    ...pick('LastAccessTime', live?.LastAccessTime),
    ...pick('LastAnalyzedTime', live?.LastAnalyzedTime),
    ...pick('Retention', live?.Retention),
    ...pick('PartitionKeys', live?.PartitionKeys),
    ...pick('ViewOriginalText', live?.ViewOriginalText),
    ...pick('ViewExpandedText', live?.ViewExpandedText),
    ...pick('TargetTable', live?.TargetTable),
  }
}

function pick<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value })
}
