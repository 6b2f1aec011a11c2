/** Types of Iceberg in the words of DuckDB, and the ids of what a column is made of. */
import { type Field, type IcebergType, isList } from '../../../../iceberg/schema.ts'
import { identifier } from '../../hive-type.ts'
import { QueryFailure } from '../failure.ts'

/** The room `lib/iceberg` knows of a struct and a map only that they are some; all of them stands in the metadata. */
interface StructType {
  readonly fields: readonly Field[]
}

interface MapType {
  readonly 'key-id': number
  readonly key: IcebergType
  readonly 'value-id': number
  readonly value: IcebergType
}

const plainTypes: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
}

/** @throws QueryFailure for a type that version 2 does not have */
export function duckType(type: IcebergType): string {
  if (typeof type === 'string') {
    const found = plainTypes[type] ?? (type.startsWith('fixed[') ? 'BLOB' : undefined)
    if (found !== undefined) return found
    if (/^decimal\(\d+, ?\d+\)$/.test(type)) return type.toUpperCase()
    throw new QueryFailure(`NOT_SUPPORTED: the type ${type} is not supported by this stand-in`)
  }
  if (isList(type)) return `${duckType(type.element)}[]`
  if (type.type === 'map') {
    const { key, value } = type as unknown as MapType
    return `MAP(${duckType(key)}, ${duckType(value)})`
  }
  const { fields } = type as unknown as StructType
  return `STRUCT(${fields.map(({ name, type: each }) => `${identifier(name.toLowerCase())} ${duckType(each)}`).join(', ')})`
}

/** What has values in a file: the column itself, or what is innermost in it. */
export function leafIds({ id, type }: Pick<Field, 'id' | 'type'>): number[] {
  if (typeof type === 'string') return [id]
  if (isList(type)) return leafIds({ id: type['element-id'], type: type.element })
  if (type.type === 'map') {
    const map = type as unknown as MapType
    return [
      ...leafIds({ id: map['key-id'], type: map.key }),
      ...leafIds({ id: map['value-id'], type: map.value }),
    ]
  }
  return (type as unknown as StructType).fields.flatMap(leafIds)
}

/** Names of what structs are made of, by their ids. */
export function namesWithin(type: IcebergType): [id: number, name: string][] {
  if (typeof type === 'string') return []
  if (isList(type)) return namesWithin(type.element)
  if (type.type === 'map') {
    const { key, value } = type as unknown as MapType
    return [...namesWithin(key), ...namesWithin(value)]
  }
  return (type as unknown as StructType).fields.flatMap((field): [number, string][] => [
    [field.id, field.name.toLowerCase()],
    ...namesWithin(field.type),
  ])
}
