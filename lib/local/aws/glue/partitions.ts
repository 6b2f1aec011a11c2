/** Glue's operations about partitions. */
import type { Answering } from '../engine.ts'
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
import { type GlueCatalog, type GluePartition, type GlueTable, partitionKeysOf } from './catalog.ts'
import { matching } from './partition-expression.ts'

export function partitionOperations(catalog: GlueCatalog, engine: Answering): Record<string, Operation> {
  const subject = (input: Json) =>
    `${optionalText(input, 'DatabaseName') ?? ''}.${optionalText(input, 'TableName') ?? ''}`
  const tableOf = (input: Json) => catalog.table(text(input, 'DatabaseName'), text(input, 'TableName'))
  const add = (table: GlueTable, given: Json): void => {
    const partition = partitionOf(table, given)
    if (catalog.partition(table.database, table.name, partition.values) !== undefined) {
      throw new ServiceError('AlreadyExistsException', 'Partition already exists.')
    }
    catalog.putPartition(table.database, table.name, partition)
  }
  const find = (table: GlueTable, values: readonly string[]): GluePartition => {
    const found = catalog.partition(table.database, table.name, values)
    if (found === undefined) throw new ServiceError('EntityNotFoundException', 'Cannot find partition.')
    return found
  }
  const remove = (table: GlueTable, values: readonly string[]): void => {
    find(table, values)
    catalog.deletePartition(table.database, table.name, values)
  }

  /** @param given its values until now, and what it is to be */
  const replace = (table: GlueTable, given: Json): void => {
    const before = find(table, texts(given, 'PartitionValueList'))
    const partition = { ...partitionOf(table, structure(given, 'PartitionInput')), created: before.created }
    catalog.deletePartition(table.database, table.name, before.values)
    catalog.putPartition(table.database, table.name, partition)
  }

  return {
    GetPartition: {
      subject,
      takes: 'DatabaseName TableName PartitionValues AuditContext',
      perform: (input) => {
        const table = tableOf(input)
        return { Partition: describe(table, find(table, texts(input, 'PartitionValues'))) }
      },
    },
    GetPartitions: {
      subject,
      takes:
        'DatabaseName TableName Expression NextToken Segment MaxResults ExcludeColumnSchema AuditContext',
      perform: async (input) => {
        const table = tableOf(input)
        const all = catalog.partitions(table.database, table.name)
        const expression = optionalText(input, 'Expression')
        const matched =
          expression === undefined ? all : await matching(engine, partitionKeysOf(table), all, expression)
        const { items, ...next } = page(ofSegment(matched, structure(input, 'Segment')), input, 1000)
        const bare = input['ExcludeColumnSchema'] === true
        return {
          Partitions: items.map((each) =>
            bare ? withoutColumns(describe(table, each)) : describe(table, each),
          ),
          ...next,
        }
      },
    },
    BatchGetPartition: {
      subject,
      takes: 'DatabaseName TableName PartitionsToGet AuditContext',
      perform: (input) => {
        const table = tableOf(input)
        const found = list(input, 'PartitionsToGet').flatMap((each) => {
          const partition = catalog.partition(table.database, table.name, texts(each, 'Values'))
          return partition === undefined ? [] : [describe(table, partition)]
        })
        return { Partitions: found, UnprocessedKeys: [] }
      },
    },
    CreatePartition: {
      subject,
      takes: 'DatabaseName TableName PartitionInput',
      perform: (input) => {
        add(tableOf(input), structure(input, 'PartitionInput'))
        return {}
      },
    },
    BatchCreatePartition: {
      subject,
      takes: 'DatabaseName TableName PartitionInputList',
      perform: (input) => {
        const table = tableOf(input)
        return { Errors: each(list(input, 'PartitionInputList'), 'Values', (given) => add(table, given)) }
      },
    },
    UpdatePartition: {
      subject,
      takes: 'DatabaseName TableName PartitionValueList PartitionInput',
      perform: (input) => {
        replace(tableOf(input), input)
        return {}
      },
    },
    BatchUpdatePartition: {
      subject,
      takes: 'DatabaseName TableName Entries',
      perform: (input) => {
        const table = tableOf(input)
        const errors = each(list(input, 'Entries'), 'PartitionValueList', (entry) => replace(table, entry))
        return {
          Errors: errors.map(({ PartitionValues, ...rest }) => ({
            PartitionValueList: PartitionValues,
            ...rest,
          })),
        }
      },
    },
    DeletePartition: {
      subject,
      takes: 'DatabaseName TableName PartitionValues',
      perform: (input) => {
        remove(tableOf(input), texts(input, 'PartitionValues'))
        return {}
      },
    },
    BatchDeletePartition: {
      subject,
      takes: 'DatabaseName TableName PartitionsToDelete',
      perform: (input) => {
        const table = tableOf(input)
        return {
          Errors: each(list(input, 'PartitionsToDelete'), 'Values', (given) =>
            remove(table, texts(given, 'Values')),
          ),
        }
      },
    },
  }
}

/** One error for each that failed; the others are done. */
function each(all: readonly Json[], values: string, perform: (given: Json) => void): Json[] {
  return all.flatMap((given) => {
    try {
      perform(given)
      return []
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      const ErrorDetail = { ErrorCode: error.code, ErrorMessage: error.message }
      return [{ PartitionValues: texts(given, values), ErrorDetail }]
    }
  })
}

function partitionOf(table: GlueTable, input: Json): GluePartition {
  const values = texts(input, 'Values')
  const keys = partitionKeysOf(table).length
  if (values.length !== keys) {
    throw new ServiceError(
      'InvalidInputException',
      `The number of partition keys do not match the number of partition values: ${keys} and ${values.length}.`,
    )
  }
  const location = optionalText(structure(input, 'StorageDescriptor'), 'Location') ?? ''
  return { values, location, input, created: Date.now() }
}

function texts(input: Json, name: string): string[] {
  const value = input[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** Segments are dealt out like cards, so that together they have every partition once. */
function ofSegment(all: readonly GluePartition[], segment: Json): readonly GluePartition[] {
  const total = Number(segment['TotalSegments'] ?? 1)
  return all.filter((_, index) => index % total === Number(segment['SegmentNumber'] ?? 0))
}

function describe(table: GlueTable, { values, location, input, created }: GluePartition): Json {
  return {
    ...(input ?? {
      StorageDescriptor: { ...structure(table.input, 'StorageDescriptor'), Location: location },
    }),
    Values: values,
    DatabaseName: table.database,
    TableName: table.name,
    CreationTime: epochSeconds(created),
    CatalogId: '000000000000',
  }
}

function withoutColumns(partition: Json): Json {
  const { Columns: _, ...descriptor } = structure(partition, 'StorageDescriptor')
  return { ...partition, StorageDescriptor: descriptor }
}
