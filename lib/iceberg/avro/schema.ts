/** Avro schemas as JSON has them (Avro specification, "Schema Declaration"), with the ids that Iceberg gives fields. */

export type AvroSchema = string | readonly AvroSchema[] | AvroComplex

export interface AvroComplex {
  readonly type: AvroSchema
  readonly name?: string
  readonly namespace?: string
  readonly fields?: readonly AvroField[]
  readonly items?: AvroSchema
  readonly values?: AvroSchema
  readonly symbols?: readonly string[]
  /** Bytes of a `fixed`. */
  readonly size?: number
  readonly logicalType?: string
  readonly precision?: number
  readonly scale?: number
  readonly 'element-id'?: number
  readonly 'adjust-to-utc'?: boolean
}

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly default?: null
  readonly 'field-id'?: number
}

/** Bytes that are no Avro, or no Avro of the kind that is expected; its message is a clause. */
export class AvroError extends Error {
  override readonly name = 'AvroError'
}

/** Named types met so far, by their full names: a schema may refer to one instead of repeating it. */
export type NamedTypes<T> = Map<string, T>

/** @param around the namespace that the schema stands in */
export function fullName({ name = '', namespace }: AvroComplex, around: string): string {
  if (name.includes('.')) return name
  const space = namespace ?? around
  return space === '' ? name : `${space}.${name}`
}

export function namespaceOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
}

/**
 * Whether an array stands for a map: its items are records of a key and a value (Iceberg specification, Appendix A,
 * "Maps"; Avro's own maps have texts as keys only).
 */
export function isKeyValues({ type, items }: AvroComplex): boolean {
  if (type !== 'array' || typeof items !== 'object' || !('fields' in items)) return false
  const names = items.fields?.map(({ name }) => name)
  return names?.length === 2 && names[0] === 'key' && names[1] === 'value'
}
