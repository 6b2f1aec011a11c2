/** Members of a record that an Avro file has, each of the kind it has to be: what others write is not believed. */

export type AvroRecord = Readonly<Record<string, unknown>>

export function textOf(record: AvroRecord, name: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : wrong(name, 'text')
}

export function bigintOf(record: AvroRecord, name: string): bigint {
  return optionalBigint(record, name) ?? wrong(name, 'number')
}

export function optionalBigint(record: AvroRecord, name: string): bigint | undefined {
  const value = record[name] ?? undefined
  if (typeof value === 'bigint' || value === undefined) return value
  return typeof value === 'number' ? BigInt(value) : wrong(name, 'number')
}

/** A count or a size: no number beyond 2^53. */
export function numberOf(record: AvroRecord, name: string): number {
  return optionalNumber(record, name) ?? wrong(name, 'number')
}

export function optionalNumber(record: AvroRecord, name: string): number | undefined {
  const value = optionalBigint(record, name)
  return value === undefined ? undefined : Number(value)
}

export function optionalBytes(record: AvroRecord, name: string): Uint8Array | undefined {
  const value = record[name] ?? undefined
  return value === undefined || value instanceof Uint8Array ? value : wrong(name, 'bytes')
}

export function recordOf(record: AvroRecord, name: string): AvroRecord {
  const value = record[name]
  return typeof value === 'object' && value !== null ? (value as AvroRecord) : wrong(name, 'record')
}

export function optionalList(record: AvroRecord, name: string): readonly unknown[] | undefined {
  const value: unknown = record[name] ?? undefined
  return value === undefined || Array.isArray(value) ? value : wrong(name, 'list')
}

export function optionalMap(record: AvroRecord, name: string): ReadonlyMap<unknown, unknown> | undefined {
  const value = record[name] ?? undefined
  return value === undefined || value instanceof Map ? value : wrong(name, 'map')
}

function wrong(name: string, kind: string): never {
  throw new TypeError(`it has no ${kind} as ${name}`)
}
