/** Athena's operations about catalogs, databases and tables. */
import { type GlueCatalog, type GlueTable, partitionKeysOf } from '../glue/catalog.ts'
import {
  epochSeconds,
  type Json,
  list,
  type Operation,
  optionalText,
  page,
  structure,
  text,
} from '../json/input.ts'
import { ServiceError } from '../service-error.ts'

const name = 'AwsDataCatalog'

/** The Glue catalog as Athena shows it, and the catalogs and workgroups there are: one of each. */
export function catalogOperations(catalog: GlueCatalog): Record<string, Operation> {
  const cut = <T>(all: readonly T[], input: Json) => page(all, input, 50, 'InvalidRequestException')
  const subject = (input: Json) =>
    [optionalText(input, 'DatabaseName'), optionalText(input, 'TableName')].filter(Boolean).join('.')
  const database = (input: Json): string => {
    known(text(input, 'CatalogName'))
    return text(input, 'DatabaseName')
  }

  return {
    ListDataCatalogs: {
      subject: () => '',
      takes: 'NextToken MaxResults WorkGroup',
      perform: () => ({
        DataCatalogsSummary: [{ CatalogName: name, Type: 'GLUE', Status: 'CREATE_COMPLETE' }],
      }),
    },
    GetDataCatalog: {
      subject: (input) => optionalText(input, 'Name') ?? '',
      takes: 'Name WorkGroup',
      perform: (input) => {
        known(text(input, 'Name'))
        return { DataCatalog: { Name: name, Type: 'GLUE', Parameters: { 'catalog-id': '000000000000' } } }
      },
    },
    ListDatabases: {
      subject,
      takes: 'CatalogName NextToken MaxResults WorkGroup',
      perform: (input) => {
        known(text(input, 'CatalogName'))
        const { items, ...next } = cut(catalog.databases(), input)
        return { DatabaseList: items.map(describeDatabase), ...next }
      },
    },
    GetDatabase: {
      subject,
      takes: 'CatalogName DatabaseName WorkGroup',
      perform: (input) => ({ Database: describeDatabase(found(() => catalog.database(database(input)))) }),
    },
    ListTableMetadata: {
      subject,
      takes: 'CatalogName DatabaseName Expression NextToken MaxResults WorkGroup',
      perform: (input) => {
        const pattern = patternOf(optionalText(input, 'Expression'))
        const tables = found(() => catalog.tables(database(input))).filter((table) =>
          pattern.test(table.name),
        )
        const { items, ...next } = cut(tables, input)
        return { TableMetadataList: items.map(describeTable), ...next }
      },
    },
    GetTableMetadata: {
      subject,
      takes: 'CatalogName DatabaseName TableName WorkGroup',
      perform: (input) => ({
        TableMetadata: describeTable(found(() => catalog.table(database(input), text(input, 'TableName')))),
      }),
    },
  }
}

function known(asked: string): void {
  if (asked.toLowerCase() === name.toLowerCase()) return
  throw new ServiceError('InvalidRequestException', `Data catalog ${asked} was not found`)
}

/** Athena has one exception for whatever its catalog cannot do. */
function found<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'EntityNotFoundException') throw error
    throw new ServiceError('MetadataException', `${error.message} (Service: AmazonDataCatalog)`)
  }
}

/** @throws ServiceError InvalidRequestException for what is not a pattern */
function patternOf(expression: string | undefined): RegExp {
  try {
    return expression === undefined ? /^/ : new RegExp(expression, 'i')
  } catch {
    throw new ServiceError('InvalidRequestException', `Invalid expression: ${expression}`)
  }
}

function describeDatabase({ Name, Description, Parameters }: Json): Json {
  return { Name, Description: Description === '' ? undefined : Description, Parameters }
}

function describeTable(table: GlueTable): Json {
  const descriptor = structure(table.input, 'StorageDescriptor')
  const columns = (all: readonly Json[]) => all.map(({ Name, Type, Comment }) => ({ Name, Type, Comment }))
  const { InputFormat, OutputFormat, Location } = descriptor
  const serde = structure(descriptor, 'SerdeInfo')['SerializationLibrary']
  const stored = {
    location: Location,
    inputformat: InputFormat,
    outputformat: OutputFormat,
    'serde.serialization.lib': serde,
  }
  return {
    Name: table.name,
    CreateTime: epochSeconds(table.created),
    TableType: table.input['TableType'],
    Columns: columns(list(descriptor, 'Columns')),
    PartitionKeys: partitionKeysOf(table).length === 0 ? [] : columns(list(table.input, 'PartitionKeys')),
    Parameters: {
      ...structure(table.input, 'Parameters'),
      ...Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined)),
    },
  }
}
