/** A table's columns as Iceberg has them: each with an id that outlives its name (Iceberg specification, "Schemas and Data Types"). */
import type { FieldIds } from '../parquet/file-metrics.ts'
import type { Column } from '../types/type.ts'

/** JSON as it stands in table metadata. */
export interface Schema {
  readonly type: 'struct'
  readonly 'schema-id': number
  readonly fields: readonly Field[]
  readonly 'identifier-field-ids'?: readonly number[]
}

export interface Field {
  readonly id: number
  readonly name: string
  /** Dracula's own are all optional: a source column may lose its NOT NULL without notice. */
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

/** `int`, `decimal(18, 2)`, `timestamptz`; of structs and maps, which others may write, no more than that they are some. */
export type IcebergType = string | ListType | { readonly type: 'struct' | 'map' }

export interface ListType {
  readonly type: 'list'
  readonly 'element-id': number
  readonly element: IcebergType
  readonly 'element-required': boolean
}

export type Columns = Readonly<Record<string, Column>>

/** The type of a column's values, or of its elements' if it is an array. */
export function primitiveType({ parquet: { physical, logical } }: Column): string {
  switch (logical.kind) {
    case 'string':
    case 'date':
      return logical.kind
    case 'decimal':
      return `decimal(${logical.precision}, ${logical.scale})`
    case 'timestamp':
      return logical.utc ? 'timestamptz' : 'timestamp'
    case 'none':
      return physicalTypes[physical]
  }
}

const physicalTypes: Readonly<Record<Column['parquet']['physical'], string>> = {
  BOOLEAN: 'boolean',
  INT32: 'int',
  INT64: 'long',
  FLOAT: 'float',
  DOUBLE: 'double',
  BYTE_ARRAY: 'binary',
  FIXED_LEN_BYTE_ARRAY: 'binary',
}

export function isList(type: IcebergType): type is ListType {
  return typeof type === 'object' && type.type === 'list'
}

/** In words, as Athena has them: `decimal(9, 2)`, `list<string>`. */
export function describeType(type: IcebergType): string {
  if (typeof type === 'string') return type
  return isList(type) ? `list<${describeType(type.element)}>` : type.type
}

export function fieldById({ fields }: Schema, id: number): Field | undefined {
  return fields.find((field) => field.id === id)
}

/** What the Parquet writer calls the columns. */
export function fieldIdsOf({ fields }: Schema): FieldIds {
  return Object.fromEntries(
    fields.map(({ id, name, type }) => [name, isList(type) ? { id, element: type['element-id'] } : { id }]),
  )
}

/** Precision and scale; undefined: it is no decimal. */
export function decimalDigits(
  type: IcebergType,
): { readonly precision: number; readonly scale: number } | undefined {
  const [, precision, scale] = (typeof type === 'string' && /^decimal\((\d+), ?(\d+)\)$/.exec(type)) || []
  return precision === undefined ? undefined : { precision: Number(precision), scale: Number(scale) }
}
