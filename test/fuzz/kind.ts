/** What a type of Postgres is to the fuzzing, written a second time and without the product's code. */
import type { Column } from '../../lib/types/type.ts'
import type { Random } from '../support/random.ts'
import { type WireWriter, wireWriter } from './wire-writer.ts'

/** The bytes are no value of the type: no server sends them. */
export const broken = Symbol('no value of the type')
/** A value, which has no place in the column. */
export const outside = Symbol('no place in the column')

/**
 * A value as the file is to have it: numbers and the bits of floats as signed integers, bytes as characters of Latin-1, a
 * list in JSON of the words of its elements. Null where a lossy column has null.
 */
export type Reading = string | null | typeof broken | typeof outside

export interface Kind {
  readonly column: Column
  /** Bytes of some value, mostly one that has a place. */
  readonly make: (random: Random) => Uint8Array
  readonly read: (field: Uint8Array) => Reading
  /** The words of what a function of a script sees. */
  readonly ofValue: (value: unknown) => string
}

export const view = (field: Uint8Array) => new DataView(field.buffer, field.byteOffset, field.length)

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

export function ofWidth(width: number, read: (view: DataView, field: Uint8Array) => Reading): Kind['read'] {
  return (field) => (field.length === width ? read(view(field), field) : broken)
}

export function randomBytes(length: number): (random: Random) => Uint8Array {
  return (random) => Uint8Array.from({ length }, () => random.integer(256))
}

export function edges(width: 2 | 4 | 8, ...values: readonly bigint[]): Kind['make'] {
  const any = randomBytes(width)
  return (random) => {
    if (random() < 0.5) return any(random)
    const writer = wireWriter()
    writer.int64(random.pick(values))
    return writer.taken().subarray(8 - width)
  }
}

export const words = (value: unknown) => String(value)
export const textWords = (value: unknown) => latin1(new TextEncoder().encode(String(value)))

export function putField(writer: WireWriter, field: Uint8Array | null): void {
  writer.int32(field === null ? -1 : field.length)
  if (field !== null) writer.bytes(field)
}
