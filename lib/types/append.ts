/** Values that functions of a script return, appended to their columns' vectors. */

import { reserveBytes, reserveSlots, reserveValues, type Vector } from '../batch/vector.ts'
import { isDecimal, unscaled } from '../decimal/decimal.ts'
import { firstDay, firstMicros, lastDay, lastMicros } from './calendar.ts'
import type { Column } from './type.ts'

/** Appends one value of a row. @returns why it does not fit the column, and then appends nothing */
export type AppendValue = (vector: Vector, value: unknown) => string | undefined

/** Appends one value that is not null, without its levels. */
type Put = AppendValue

export function valueAppender(column: Column): AppendValue {
  const { element, nullable } = column
  if (element !== undefined) return listAppender(column, putter(element))
  const put = putter(column)
  return (vector, value) => {
    if (value === null) {
      if (!nullable) return 'null, where the column is not nullable'
      reserveSlots(vector, 1)
      vector.definitions[vector.slots] = 0
    } else {
      reserveValues(vector, 1)
      const misfit = put(vector, value)
      if (misfit !== undefined) return misfit
      if (nullable) {
        reserveSlots(vector, 1)
        vector.definitions[vector.slots] = 1
      }
    }
    vector.slots++
    vector.rows++
    return undefined
  }
}

/** Levels as the decoder of lists has them (Parquet format, README.md "Nested Encoding"). */
function listAppender({ nullable }: Column, put: Put): AppendValue {
  const empty = nullable ? 1 : 0
  return (vector, value) => {
    const elements: readonly unknown[] = Array.isArray(value) ? value : []
    if (value === null ? !nullable : !Array.isArray(value)) return misfit(value, 'an array')
    reserveSlots(vector, Math.max(1, elements.length))
    reserveValues(vector, elements.length)
    if (elements.length === 0) addSlot(vector, 0, value === null ? 0 : empty)
    for (const [at, each] of elements.entries()) {
      const reason = each === null ? undefined : put(vector, each)
      if (reason !== undefined) return `an element that is ${reason}`
      addSlot(vector, at === 0 ? 0 : 1, each === null ? empty + 1 : empty + 2)
    }
    vector.rows++
    return undefined
  }
}

function addSlot(vector: Vector, repetition: number, definition: number): void {
  vector.repetitions[vector.slots] = repetition
  vector.definitions[vector.slots] = definition
  vector.slots++
}

function putter(column: Column): Put {
  switch (column.wire) {
    case 'int2':
      return integerPutter(-0x8000, 0x7fff)
    case 'int4':
      return integerPutter(-0x8000_0000, 0x7fff_ffff)
    case 'date':
      return integerPutter(firstDay, lastDay)
    case 'oid':
      return bigintPutter(0n, 0xffff_ffffn)
    case 'int8':
      return bigintPutter(-(1n << 63n), (1n << 63n) - 1n)
    case 'timestamp':
      return bigintPutter(firstMicros, lastMicros)
    case 'float4':
    case 'float8':
      return putFloat
    case 'bool':
      return putBoolean
    case 'numeric':
      return decimalPutter(column)
    case 'uuid':
    case 'jsonb':
      return putText
    case 'bytes':
      return column.type === 'bytea' ? putBytes : putText
  }
}

function integerPutter(least: number, greatest: number): Put {
  return (vector, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return misfit(value, 'an integer')
    if (value < least || value > greatest) return `${value}, which is beyond ${least} to ${greatest}`
    vector.words[vector.count++] = value
    return undefined
  }
}

const halves = new Int32Array(2)
const whole = new BigInt64Array(halves.buffer)
const float = new Float64Array(halves.buffer)
const single = new Float32Array(halves.buffer)

function bigintPutter(least: bigint, greatest: bigint): Put {
  return (vector, value) => {
    if (typeof value !== 'bigint') return misfit(value, 'a bigint')
    if (value < least || value > greatest) return `${value}, which is beyond ${least} to ${greatest}`
    whole[0] = value
    putHalves(vector)
    return undefined
  }
}

function putHalves(vector: Vector): void {
  const at = vector.count * 2
  vector.words[at] = halves[0]!
  vector.words[at + 1] = halves[1]!
  vector.count++
}

function putFloat(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'number') return misfit(value, 'a number')
  if (vector.wordsPerValue === 2) {
    float[0] = value
    putHalves(vector)
    return undefined
  }
  single[0] = value
  if (!Object.is(single[0], value)) return `${value}, which no real holds`
  vector.words[vector.count++] = halves[0]!
  return undefined
}

function putBoolean(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'boolean') return misfit(value, 'a boolean')
  vector.bytes[vector.used++] = value ? 1 : 0
  vector.count++
  return undefined
}

function decimalPutter({ type, parquet: { logical, physical, length = 0 } }: Column): Put {
  if (logical.kind !== 'decimal') throw new TypeError('A Decimal is put into nothing but a DECIMAL.')
  const { precision, scale } = logical
  const limit = 10n ** BigInt(precision)
  const exactLimit = precision < 16 ? 10 ** precision : Number.POSITIVE_INFINITY
  return (vector, value) => {
    if (!isDecimal(value)) return misfit(value, 'a Decimal')
    const units = unscaled(value, scale)
    if (units === undefined) {
      return Number.isNaN(value.decimalPlaces())
        ? `${value}, which has no place in ${type}`
        : `${value}, which has more digits after the point than ${type}: round it, as toDecimalPlaces(${scale}) does`
    }
    const large = typeof units === 'bigint'
    if (large ? units >= limit || units <= -limit : units >= exactLimit || units <= -exactLimit) {
      return `${value}, which has more digits before the point than ${type}`
    }
    if (physical === 'INT32') {
      vector.words[vector.count++] = Number(units)
    } else if (physical === 'INT64' && !large) {
      const at = vector.count * 2
      vector.words[at] = units
      vector.words[at + 1] = Math.floor(units / 4_294_967_296)
      vector.count++
    } else if (physical === 'INT64') {
      whole[0] = BigInt(units)
      putHalves(vector)
    } else {
      putBigEndian(vector, BigInt(units), length)
    }
    return undefined
  }
}

/** In two's complement. */
function putBigEndian(vector: Vector, units: bigint, length: number): void {
  let left = units
  for (let at = vector.used + length - 1; at >= vector.used; at -= 4) {
    let part = Number(BigInt.asUintN(32, left))
    for (let place = at; place > at - 4 && place >= vector.used; place--) {
      vector.bytes[place] = part
      part >>>= 8
    }
    left >>= 32n
  }
  vector.used += length
  vector.count++
}

const encoder = new TextEncoder()

function putText(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'string') return misfit(value, 'a string')
  // UTF-8 takes at most three bytes for each unit of UTF-16.
  reserveBytes(vector, 4 + value.length * 3)
  const { bytes, used } = vector
  const start = used + 4
  let length = 0
  for (; length < value.length; length++) {
    const code = value.charCodeAt(length)
    if (code > 0x7f) break
    bytes[start + length] = code
  }
  if (length < value.length) {
    if (!value.isWellFormed()) return `a string that cuts a character in two: ${describeValue(value)}`
    length = encoder.encodeInto(value, bytes.subarray(start)).written
  }
  endBytes(vector, length)
  return undefined
}

function putBytes(vector: Vector, value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return misfit(value, 'a Uint8Array')
  reserveBytes(vector, 4 + value.length)
  vector.bytes.set(value, vector.used + 4)
  endBytes(vector, value.length)
  return undefined
}

function endBytes(vector: Vector, length: number): void {
  const { bytes, used, offsets } = vector
  bytes[used] = length
  bytes[used + 1] = length >> 8
  bytes[used + 2] = length >> 16
  bytes[used + 3] = length >> 24
  offsets[vector.count++] = used
  vector.used = used + 4 + length
  offsets[vector.count] = vector.used
}

/** @param wanted as `a string` */
export function misfit(value: unknown, wanted: string): string {
  if (value instanceof Promise) {
    // What becomes of it is nobody's business now, least of all the process's.
    value.catch(() => {})
    return 'a Promise: a function of a script cannot wait for anything'
  }
  return `${describeValue(value)}, which is not ${wanted}`
}

const longestWords = 80

function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') {
    const start = JSON.stringify(value.slice(0, longestWords))
    return value.length > longestWords ? `${start.slice(0, -1)}…"` : start
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null || isDecimal(value)) return String(value)
  const made = value.constructor
  return `a ${typeof made === 'function' ? made.name : 'object'}`
}
