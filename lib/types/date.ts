/** `date`: days since 2000-01-01 on the wire, and since 1970-01-01 to everyone else. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { bounded, boundedInLake } from './bounded.ts'
import { epochDays, firstDay, lastDay } from './calendar.ts'
import { dateText } from './calendar-text.ts'
import { type KeyBytes, putWord } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { type Side, type Type, unboundedColumn } from './type.ts'
import { int32, putInt32 } from './wire.ts'
import { integerAppender } from './words.ts'

const range = { first: firstDay, last: lastDay }
const rangeInSql = { first: `pg_catalog.date '0001-01-01'`, last: `pg_catalog.date '9999-12-31'` }

const values: Type = {
  sentAs: ['date'],
  width: 4,
  kind: 'date',
  decoder: () => decodeDate,
  reader: (column) => (wire, offset) =>
    bounded(column, int32(wire, offset) + epochDays, range, () => describe(wire, offset)),
  appender: () => integerAppender(firstDay, lastDay),
  describe,
  key: { words: 'a number', takes: (value) => typeof value === 'number', put: putDay },
  order: 'signed',
  bounds: {
    side,
    clamp: (wire, offset, side) => putInt32(wire, offset, (side < 0 ? firstDay : lastDay) - epochDays),
  },
  inLake: (read, column) => boundedInLake(read, column, rangeInSql),
  outside: (value) => `${value} not between '0001-01-01' and '9999-12-31'`,
  widened: (column) => ({ ...column, lossy: 'null' }),
}

/** Days since 1970-01-01 in functions. */
export const date = unboundedColumn<number>({
  type: 'date',
  values,
  parquet: { physical: 'INT32', logical: { kind: 'date' } },
  athena: 'date',
  accepts: ['date'],
})

function decodeDate(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.valueCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const day = ((wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!) + epochDays
    if (day < firstDay || day > lastDay) return row
    words[n++] = day
  }
  vector.valueCount = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function describe(wire: Uint8Array, offset: number): string {
  return dateText(int32(wire, offset))
}

function side(wire: Uint8Array, offset: number): Side {
  const day = int32(wire, offset) + epochDays
  return day < firstDay ? -1 : day > lastDay ? 1 : 0
}

function putDay(key: KeyBytes, value: unknown): boolean {
  const day = typeof value === 'number' ? value - epochDays : Number.NaN
  return (day | 0) === day && putWord(key, day)
}
