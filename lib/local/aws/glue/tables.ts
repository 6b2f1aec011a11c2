/** Glue's operations about tables and their versions. */
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
import { type GlueCatalog, type GlueTable, noSuchVersion } from './catalog.ts'

/** Glue API reference, `TableInput`: what it has besides makes a table of another kind. */
const kept = [
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
const otherKinds = ['TargetTable', 'FederatedTable', 'ViewDefinition']

export function tableOperations(catalog: GlueCatalog): Record<string, Operation> {
  const database = (input: Json) => text(input, 'DatabaseName')
  const ofDatabase = (input: Json) => optionalText(input, 'DatabaseName') ?? ''
  const ofTable = (name: (input: Json) => unknown) => (input: Json) =>
    `${ofDatabase(input)}.${String(name(input) ?? '')}`
  const ofInput = ofTable((input) => structure(input, 'TableInput')['Name'])
  const ofName = ofTable((input) => input['Name'])
  const ofTableName = ofTable((input) => input['TableName'])
  const version = (table: GlueTable) => ({ Table: describe(table), VersionId: String(table.version) })

  return {
    CreateTable: {
      subject: ofInput,
      takes: 'DatabaseName TableInput',
      perform: (input) => {
        const { name, content } = contentOf(input)
        catalog.createTable(database(input), name, content)
        return {}
      },
    },
    UpdateTable: {
      subject: ofInput,
      takes: 'DatabaseName TableInput SkipArchive VersionId',
      perform: (input) => {
        const { name, content } = contentOf(input)
        const expected = optionalText(input, 'VersionId')
        catalog.updateTable(database(input), name, content, expected, input['SkipArchive'] === true)
        return {}
      },
    },
    GetTable: {
      subject: ofName,
      takes: 'DatabaseName Name AuditContext',
      perform: (input) => ({ Table: describe(catalog.table(database(input), text(input, 'Name'))) }),
    },
    GetTables: {
      subject: ofDatabase,
      takes: 'DatabaseName Expression NextToken MaxResults AuditContext ResourceShareType AttributesToGet',
      perform: (input) => {
        const pattern = patternOf(optionalText(input, 'Expression'))
        const tables = catalog.tables(database(input)).filter(({ name }) => pattern.test(name))
        const { items, ...next } = page(tables, input, 100)
        return { TableList: items.map((table) => parts(describe(table), input['AttributesToGet'])), ...next }
      },
    },
    SearchTables: {
      subject: () => '',
      takes: 'SearchText NextToken MaxResults ResourceShareType',
      perform: (input) => {
        const wanted = (optionalText(input, 'SearchText') ?? '').toLowerCase()
        const tables = catalog
          .databases()
          .flatMap(({ Name }) => catalog.tables(String(Name)))
          .map(describe)
          .filter((table) => wordsOf(table).some((word) => word.toLowerCase().includes(wanted)))
        const { items, ...next } = page(tables, input, 1000)
        return { TableList: items, ...next }
      },
    },
    GetTableVersion: {
      subject: ofTableName,
      takes: 'DatabaseName TableName VersionId',
      perform: (input) => {
        const versions = catalog.versions(database(input), text(input, 'TableName'))
        const wanted = optionalText(input, 'VersionId')
        const found =
          wanted === undefined ? versions[0] : versions.find((each) => String(each.version) === wanted)
        if (found === undefined) throw noSuchVersion(wanted ?? '')
        return { TableVersion: version(found) }
      },
    },
    GetTableVersions: {
      subject: ofTableName,
      takes: 'DatabaseName TableName NextToken MaxResults',
      perform: (input) => {
        const versions = catalog.versions(database(input), text(input, 'TableName'))
        const { items, ...next } = page(versions, input, 100)
        return { TableVersions: items.map(version), ...next }
      },
    },
    DeleteTableVersion: {
      subject: ofTableName,
      takes: 'DatabaseName TableName VersionId',
      perform: (input) => {
        catalog.deleteVersion(database(input), text(input, 'TableName'), text(input, 'VersionId'))
        return {}
      },
    },
    DeleteTable: {
      subject: ofName,
      takes: 'DatabaseName Name',
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
      takes: 'DatabaseName TablesToDelete',
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
  }
}

function contentOf(input: Json): { name: string; content: Json } {
  const given = structure(input, 'TableInput')
  const name = text(given, 'Name')
  if (name !== name.trim()) throw new ServiceError('InvalidInputException', 'Table name is invalid.')
  const other = otherKinds.find((member) => given[member] != null)
  if (other !== undefined) {
    throw new ServiceError(
      'InvalidInputException',
      `The local stand-in does not implement ${other} of a table.`,
    )
  }
  // A member that Glue does not have is dropped there too.
  return {
    name,
    content: Object.fromEntries(Object.entries(given).filter(([member]) => kept.includes(member))),
  }
}

/** @throws ServiceError InvalidInputException for what is not a pattern */
function patternOf(expression: string | undefined): RegExp {
  if (expression === undefined) return /^/
  try {
    return new RegExp(`^(?:${expression})$`, 'i')
  } catch {
    throw new ServiceError('InvalidInputException', `Invalid pattern: ${expression}`)
  }
}

/** What SearchTables looks at: names, descriptions and parameters, of the table and of its columns. */
function wordsOf({ Name, Description, Owner, Parameters, StorageDescriptor, PartitionKeys }: Json): string[] {
  const words = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(words) : [String(value ?? '')]
  const { Columns } = structure({ StorageDescriptor }, 'StorageDescriptor')
  return words([Name, Description, Owner, Parameters, Columns, PartitionKeys])
}

/** Names and kinds alone, where no more is asked. */
function parts(table: Json, asked: unknown): Json {
  const attributes = Array.isArray(asked) ? asked : []
  if (attributes.includes('LATEST_ICEBERG_METADATA')) {
    throw new ServiceError(
      'InvalidInputException',
      'The local stand-in does not implement LATEST_ICEBERG_METADATA.',
    )
  }
  if (attributes.length === 0 || attributes.includes('DEFAULT')) return table
  const { Name, DatabaseName, TableType } = table
  return attributes.includes('TABLE_TYPE') && TableType !== undefined
    ? { Name, DatabaseName, TableType }
    : { Name, DatabaseName }
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
