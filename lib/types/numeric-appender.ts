/** A Decimal that a function of a script gave to the unscaled integer of a Parquet DECIMAL; it is never rounded. */

import type { Vector } from '../batch/vector.ts'
import { isDecimal, shortUnits, unscaled } from '../decimal/decimal.ts'
import { given } from './given.ts'
import type { AppendValue, Column } from './type.ts'
import { appendLong } from './words.ts'

export function decimalAppender({ type, parquet: { logical, physical, length = 0 } }: Column): AppendValue {
  if (logical.kind !== 'decimal') throw new TypeError('A Decimal is put into nothing but a DECIMAL.')
  const { precision, scale } = logical
  const limit = 10n ** BigInt(precision)
  const shortLimit = precision < 16 ? 10 ** precision : Number.MAX_SAFE_INTEGER

  return (vector, value) => {
    const units = shortUnits(value, scale)
    if (!(units > -shortLimit && units < shortLimit)) return appendSlowly(vector, value)
    if (physical === 'INT32') {
      vector.words[vector.valueCount++] = units
    } else if (physical === 'INT64') {
      const at = vector.valueCount * 2
      vector.words[at] = units
      vector.words[at + 1] = Math.floor(units / 4_294_967_296)
      vector.valueCount++
    } else {
      appendBigEndian(vector, BigInt(units), length)
    }
    return undefined
  }

  function appendSlowly(vector: Vector, value: unknown): string | undefined {
    if (!isDecimal(value)) return given(value, 'a Decimal')
    const units = unscaled(value, scale)
    if (units === undefined) {
      return Number.isNaN(value.decimalPlaces())
        ? `${value}, which has no place in ${type}`
        : `${value}, which has more digits after the point than ${type}: round it, as toDecimalPlaces(${scale}) does`
    }
    const integer = BigInt(units)
    if (integer >= limit || integer <= -limit) {
      return `${value}, which has more digits before the point than ${type}`
    }
    if (physical === 'INT32') vector.words[vector.valueCount++] = Number(integer)
    else if (physical === 'INT64') appendLong(vector, integer)
    else appendBigEndian(vector, integer, length)
    return undefined
  }
}

/** In two's complement. */
function appendBigEndian(vector: Vector, units: bigint, length: number): void {
  let left = units
  for (let at = vector.byteCount + length - 1; at >= vector.byteCount; at -= 4) {
    let part = Number(BigInt.asUintN(32, left))
    for (let place = at; place > at - 4 && place >= vector.byteCount; place--) {
      vector.bytes[place] = part
      part >>>= 8
    }
    left >>= 32n
  }
  vector.byteCount += length
  vector.valueCount++
}
