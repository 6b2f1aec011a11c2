/** Files of a table, each with what became of it in the snapshot that wrote the manifest (Iceberg specification, "Manifests"). */
import { readContainer, writeContainer } from './avro/container.ts'
import type { DataFile } from './data-file.ts'
import type { Counts, ManifestFile, PartitionSummary } from './manifest-list.ts'
import { manifestEntrySchema, nameById, partitionName } from './manifest-schema.ts'
import { type BoundField, bindFields, type PartitionSpec } from './partition.ts'
import { type ReadObject, readParsed } from './read-object.ts'
import {
  type AvroRecord,
  numberOf,
  optionalBigint,
  optionalBytes,
  optionalList,
  optionalMap,
  optionalNumber,
  recordOf,
  textOf,
} from './record.ts'
import type { Schema } from './schema.ts'
import { compareValues, encodeValue, type SingleValue } from './single-value.ts'
import type { PartitionValue } from './transform.ts'

export interface Entry {
  readonly status: 'existing' | 'added' | 'deleted'
  /** The snapshot that added the file, or deleted it. */
  readonly snapshot: bigint
  /** The rows' age and the file's; undefined: that of the snapshot which adds it, whatever it will be. */
  readonly sequence: number | undefined
  readonly fileSequence: number | undefined
  /** The spec that the file's partition is of. */
  readonly specId: number
  readonly file: DataFile
}

const statuses = ['existing', 'added', 'deleted'] as const

export interface ManifestOptions {
  readonly path: string
  readonly entries: readonly Entry[]
  readonly spec: PartitionSpec
  /** The table's current schema first, then older ones, which may have columns that the spec is made of. */
  readonly schemas: readonly [Schema, ...Schema[]]
  /** The snapshot that writes it. */
  readonly snapshot: bigint
  readonly sequence: number
}

/** A manifest of data files of one spec. */
export function writeManifest({ path, entries, spec, schemas, snapshot, sequence }: ManifestOptions): {
  readonly bytes: Uint8Array
  readonly manifest: ManifestFile
} {
  const fields = bindFields(spec, schemas)
  const [schema] = schemas
  const metadata = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': JSON.stringify(spec.fields),
    'partition-spec-id': String(spec['spec-id']),
    'format-version': '2',
    content: 'data',
  }
  const records = entries.map((entry) => entryRecord(entry, fields))
  const bytes = writeContainer(manifestEntrySchema(fields), metadata, records)
  const live = entries.filter(({ status }) => status !== 'deleted')
  const manifest: ManifestFile = {
    ...{ path, bytes: bytes.length, specId: spec['spec-id'], content: 'data', snapshot, sequence },
    minSequence: live.reduce((least, entry) => Math.min(least, entry.sequence ?? sequence), sequence),
    added: countsOf(entries, 'added'),
    existing: countsOf(entries, 'existing'),
    deleted: countsOf(entries, 'deleted'),
    partitions: fields.map((field, at) =>
      summaryOf(
        field,
        live.map(({ file }) => file.partition[at] ?? null),
      ),
    ),
  }
  return { bytes, manifest }
}

function countsOf(entries: readonly Entry[], status: Entry['status']): Counts {
  const found = entries.filter((entry) => entry.status === status)
  return { files: found.length, rows: found.reduce((sum, { file }) => sum + file.rows, 0) }
}

function summaryOf({ type }: BoundField, values: readonly PartitionValue[]): PartitionSummary {
  const found = values.filter((value) => value !== null)
  const bound = (sign: number) => {
    const first = found[0]
    if (first === undefined) return undefined
    const least = (best: SingleValue, value: SingleValue) =>
      sign * compareValues(value, best) < 0 ? value : best
    return encodeValue(type, found.reduce(least, first))
  }
  return { containsNull: found.length < values.length, lower: bound(1), upper: bound(-1) }
}

function entryRecord(
  { status, snapshot, sequence, fileSequence, file }: Entry,
  fields: readonly BoundField[],
) {
  return {
    status: statuses.indexOf(status),
    snapshot_id: snapshot,
    sequence_number: sequence,
    file_sequence_number: fileSequence,
    data_file: {
      content: 0,
      file_path: file.path,
      file_format: file.format,
      partition: Object.fromEntries(fields.map((field, at) => [partitionName(field), file.partition[at]])),
      record_count: file.rows,
      file_size_in_bytes: file.bytes,
      column_sizes: file.columnSizes,
      value_counts: file.valueCounts,
      null_value_counts: file.nullCounts,
      nan_value_counts: file.nanCounts,
      lower_bounds: file.lowerBounds,
      upper_bounds: file.upperBounds,
      key_metadata: file.keyMetadata,
      split_offsets: file.splitOffsets,
      equality_ids: undefined,
      sort_order_id: file.sortOrderId,
    },
  }
}

/**
 * The entries of a manifest, whoever wrote it, with what they inherit.
 * @param spec that the manifest list says it is of
 * @throws Failure (4) for a manifest that is gone, or is none
 */
export function readManifest(
  read: ReadObject,
  manifest: ManifestFile,
  spec: PartitionSpec,
): Promise<Entry[]> {
  return readEntries(read, manifest, spec, new Set())
}

/** The same without what may be absent of a file, which is most of an entry. @throws as {@link readManifest} */
export function readFileNames(
  read: ReadObject,
  manifest: ManifestFile,
  spec: PartitionSpec,
): Promise<Entry[]> {
  return readEntries(read, manifest, spec, metricNames)
}

const metricNames: ReadonlySet<string> = new Set([
  ...['column_sizes', 'value_counts', 'null_value_counts', 'nan_value_counts'],
  ...['lower_bounds', 'upper_bounds', 'key_metadata', 'split_offsets', 'equality_ids', 'sort_order_id'],
])

function readEntries(
  read: ReadObject,
  manifest: ManifestFile,
  spec: PartitionSpec,
  unwanted: ReadonlySet<string>,
): Promise<Entry[]> {
  return readParsed(read, manifest.path, (bytes) =>
    readContainer(bytes, nameById, unwanted).records.map((record) => entryOf(record, manifest, spec)),
  )
}

function entryOf(record: AvroRecord, manifest: ManifestFile, spec: PartitionSpec): Entry {
  const status = statuses[numberOf(record, 'status')]
  if (status === undefined) throw new TypeError('it has an entry of an unknown status')
  const file = recordOf(record, 'data_file')
  if ((optionalNumber(file, 'content') ?? 0) !== 0)
    throw new TypeError('it has delete files among data files')
  const values = recordOf(file, 'partition')
  return {
    status,
    snapshot: optionalBigint(record, 'snapshot_id') ?? manifest.snapshot,
    sequence: optionalNumber(record, 'sequence_number') ?? manifest.sequence,
    fileSequence: optionalNumber(record, 'file_sequence_number') ?? manifest.sequence,
    specId: spec['spec-id'],
    file: {
      path: textOf(file, 'file_path'),
      format: textOf(file, 'file_format').toUpperCase(),
      partition: spec.fields.map((field) => (values[field['field-id']] ?? null) as PartitionValue),
      rows: numberOf(file, 'record_count'),
      bytes: numberOf(file, 'file_size_in_bytes'),
      ...metricsOf(file),
    },
  }
}

/** What may be absent. */
function metricsOf(file: AvroRecord): Partial<DataFile> {
  return withoutUndefined({
    columnSizes: numbersOf(file, 'column_sizes'),
    valueCounts: numbersOf(file, 'value_counts'),
    nullCounts: numbersOf(file, 'null_value_counts'),
    nanCounts: numbersOf(file, 'nan_value_counts'),
    lowerBounds: bytesOf(file, 'lower_bounds'),
    upperBounds: bytesOf(file, 'upper_bounds'),
    keyMetadata: optionalBytes(file, 'key_metadata'),
    splitOffsets: optionalList(file, 'split_offsets')?.map(Number),
    sortOrderId: optionalNumber(file, 'sort_order_id'),
  })
}

function numbersOf(file: AvroRecord, name: string): Map<number, number> | undefined {
  const found = optionalMap(file, name)
  return found && new Map([...found].map(([id, value]) => [Number(id), Number(value)]))
}

function bytesOf(file: AvroRecord, name: string): Map<number, Uint8Array> | undefined {
  const found = optionalMap(file, name)
  return found && new Map([...found].map(([id, value]) => [Number(id), value as Uint8Array]))
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

function withoutUndefined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>
}
