import {
  epochSeconds,
  type Json,
  list,
  type Operation,
  optionalText,
  page,
  structure,
  text,
} from '../json-input.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog, GluePartition, GlueTable } from './catalog.ts'

/** Glue API reference, `TableInput`: anything else sent along is dropped, as Glue does. */
const tableInput = [
  'Name',
  'Description',
  'Owner',
  'LastAccessTime',
  'LastAnalyzedTime',
  'Retention',
  'StorageDescriptor',
  'PartitionKeys',
  'ViewOriginalText',
  'ViewExpandedText',
  'TableType',
  'Parameters',
]

/** Databases, tables and partitions of the AWS Glue data catalog. */
export function glueOperations(catalog: GlueCatalog): Record<string, Operation> {
  const database = (input: Json) => text(input, 'DatabaseName')
  const ofDatabase = (input: Json) => optionalText(input, 'DatabaseName') ?? ''
  const ofTable = (name: (input: Json) => unknown) => (input: Json) =>
    `${optionalText(input, 'DatabaseName') ?? ''}.${String(name(input) ?? '')}`
  const ofInput = ofTable((input) => structure(input, 'TableInput')['Name'])
  const ofName = ofTable((input) => input['Name'])
  const ofTableName = ofTable((input) => input['TableName'])
  const inputOf = (input: Json): { name: string; content: Json } => {
    const given = structure(input, 'TableInput')
    const name = text(given, 'Name')
    if (name !== name.trim() || name.length > 255) {
      throw new ServiceError('InvalidInputException', 'Table name is invalid.')
    }
    return {
      name,
      content: Object.fromEntries(Object.entries(given).filter(([key]) => tableInput.includes(key))),
    }
  }

  return {
    CreateDatabase: {
      subject: (input) => optionalText(structure(input, 'DatabaseInput'), 'Name') ?? '',
      perform: (input) => {
        const given = structure(input, 'DatabaseInput')
        catalog.createDatabase(text(given, 'Name'), given)
        return {}
      },
    },
    GetDatabase: {
      subject: (input) => optionalText(input, 'Name') ?? '',
      perform: (input) => ({ Database: catalog.database(text(input, 'Name')) }),
    },
    GetDatabases: {
      subject: () => '',
      perform: (input) => {
        const { items, ...next } = page(catalog.databases(), input, 100)
        return { DatabaseList: items, ...next }
      },
    },
    DeleteDatabase: {
      subject: (input) => optionalText(input, 'Name') ?? '',
      perform: (input) => {
        catalog.deleteDatabase(text(input, 'Name'))
        return {}
      },
    },
    CreateTable: {
      subject: ofInput,
      perform: (input) => {
        const { name, content } = inputOf(input)
        catalog.createTable(database(input), name, content)
        return {}
      },
    },
    UpdateTable: {
      subject: ofInput,
      perform: (input) => {
        const { name, content } = inputOf(input)
        const expected = optionalText(input, 'VersionId')
        catalog.updateTable(database(input), name, content, expected, input['SkipArchive'] === true)
        return {}
      },
    },
    GetTable: {
      subject: ofName,
      perform: (input) => ({ Table: describe(catalog.table(database(input), text(input, 'Name'))) }),
    },
    GetTables: {
      subject: ofDatabase,
      perform: (input) => {
        const expression = optionalText(input, 'Expression')
        const pattern = expression === undefined ? /^/ : new RegExp(`^(?:${expression})$`)
        const tables = catalog.tables(database(input)).filter(({ name }) => pattern.test(name))
        const { items, ...next } = page(tables, input, 100)
        return { TableList: items.map(describe), ...next }
      },
    },
    GetTableVersions: {
      subject: ofTableName,
      perform: (input) => {
        const versions = catalog.versions(database(input), text(input, 'TableName'))
        const { items, ...next } = page(versions, input, 100)
        return {
          TableVersions: items.map((table) => ({
            Table: describe(table),
            VersionId: String(table.version),
          })),
          ...next,
        }
      },
    },
    DeleteTable: {
      subject: ofName,
      perform: (input) => {
        catalog.deleteTable(database(input), text(input, 'Name'))
        return {}
      },
    },
    BatchDeleteTable: {
      subject: (input) =>
        [input['TablesToDelete']]
          .flat()
          .map((name) => `${ofDatabase(input)}.${String(name)}`)
          .join(' '),
      perform: (input) => {
        catalog.database(database(input))
        const names = Array.isArray(input['TablesToDelete']) ? input['TablesToDelete'].map(String) : []
        const errors = names.flatMap((TableName) => {
          if (catalog.find(database(input), TableName) === undefined) {
            const ErrorDetail = { ErrorCode: 'EntityNotFoundException', ErrorMessage: 'Table not found' }
            return [{ TableName, ErrorDetail }]
          }
          catalog.deleteTable(database(input), TableName)
          return []
        })
        return { Errors: errors }
      },
    },
    GetPartitions: {
      subject: ofTableName,
      perform: (input) => {
        if (optionalText(input, 'Expression') !== undefined) {
          throw new ServiceError(
            'InvalidInputException',
            'The local stand-in takes no Expression in GetPartitions.',
          )
        }
        const table = catalog.table(database(input), text(input, 'TableName'))
        const { items, ...next } = page(catalog.partitions(table.database, table.name), input, 1000)
        return { Partitions: items.map((partition) => describePartition(table, partition)), ...next }
      },
    },
  }
}

function describe({ database, name, input, version, created, updated }: GlueTable): Json {
  return {
    ...input,
    Name: name,
    DatabaseName: database,
    CreateTime: epochSeconds(created),
    UpdateTime: epochSeconds(updated),
    PartitionKeys: list(input, 'PartitionKeys'),
    CreatedBy: 'arn:aws:iam::000000000000:user/local',
    IsRegisteredWithLakeFormation: false,
    CatalogId: '000000000000',
    VersionId: String(version),
  }
}

function describePartition(table: GlueTable, { values, location }: GluePartition): Json {
  return {
    Values: values,
    DatabaseName: table.database,
    TableName: table.name,
    StorageDescriptor: { ...structure(table.input, 'StorageDescriptor'), Location: location },
    CatalogId: '000000000000',
  }
}
