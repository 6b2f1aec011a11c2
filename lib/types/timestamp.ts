/** `timestamp` and `timestamptz`: microseconds since 2000-01-01 on the wire, and since 1970-01-01 to everyone else. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { bounded, boundedInLake } from './bounded.ts'
import {
  epochHigh,
  epochLow,
  epochMicros,
  firstHigh,
  firstLow,
  firstMicros,
  lastHigh,
  lastLow,
  lastMicros,
} from './calendar.ts'
import { timestampText } from './calendar-text.ts'
import { putLong } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { type Side, type Type, unboundedColumn } from './type.ts'
import { int32, int64, putInt32 } from './wire.ts'
import { bigintAppender } from './words.ts'

const range = { first: firstMicros, last: lastMicros }
const [first, last] = ['0001-01-01 00:00', '9999-12-31 23:59:59.999999']

/** @param zone behind a text of SQL */
const rangeInSql = (type: string, zone: string) => ({
  first: `pg_catalog.${type} '0001-01-01 00:00:00${zone}'`,
  last: `pg_catalog.${type} '${last}${zone}'`,
})
const localRange = rangeInSql('timestamp', '')
const utcRange = rangeInSql('timestamptz', '+00')

const local: Type = {
  sentAs: ['timestamp'],
  width: 8,
  kind: 'timestamp',
  decoder: () => decodeTimestamp,
  reader: (column) => (wire, offset) =>
    side(wire, offset) === 0
      ? int64(wire, offset) + epochMicros
      : bounded(column, int64(wire, offset) + epochMicros, range, () => describe(wire, offset)),
  appender: () => bigintAppender(firstMicros, lastMicros),
  describe,
  key: {
    words: 'a bigint',
    takes: (value) => typeof value === 'bigint',
    put: (key, value) => typeof value === 'bigint' && putLong(key, value - epochMicros),
  },
  order: 'signed',
  bounds: { side, clamp },
  inLake: (read, column) => boundedInLake(read, column, localRange),
  outside: (value) => `${value} not between '${first}' and '${last}'`,
  widened: (column) => ({ ...column, lossy: 'null' }),
}

const utc: Type = {
  ...local,
  sentAs: ['timestamptz'],
  inLake: (read, column) => `(${boundedInLake(read, column, utcRange)}) at time zone 'UTC'`,
  outside: (value) => `${value} not between '${first}+00' and '${last}+00'`,
}

/** Microseconds since 1970-01-01 00:00 in functions. */
export const timestamp = unboundedColumn<bigint>({
  type: 'timestamp',
  values: local,
  parquet: { physical: 'INT64', logical: { kind: 'timestamp', utc: false } },
  athena: 'timestamp',
  accepts: ['timestamp'],
})

/** Microseconds since 1970-01-01 00:00 UTC in functions. */
export const timestamptz = unboundedColumn<bigint>({
  type: 'timestamptz',
  values: utc,
  parquet: { physical: 'INT64', logical: { kind: 'timestamp', utc: true } },
  athena: 'timestamp',
  accepts: ['timestamptz'],
})

function decodeTimestamp(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.valueCount * 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const high = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    const low = (wire[o + 4]! << 24) | (wire[o + 5]! << 16) | (wire[o + 6]! << 8) | wire[o + 7]!
    if (high <= firstHigh || high >= lastHigh) {
      const within =
        (high > firstHigh || (high === firstHigh && low >>> 0 >= firstLow)) &&
        (high < lastHigh || (high === lastHigh && low >>> 0 <= lastLow))
      if (!within) return row
    }
    const sum = (low + epochLow) | 0
    words[n] = sum
    words[n + 1] = high + epochHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)
    n += 2
  }
  vector.valueCount = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function describe(wire: Uint8Array, offset: number): string {
  return timestampText(int64(wire, offset))
}

function side(wire: Uint8Array, o: number): Side {
  const high = int32(wire, o)
  const low = int32(wire, o + 4) >>> 0
  if (high < firstHigh || (high === firstHigh && low < firstLow)) return -1
  return high > lastHigh || (high === lastHigh && low > lastLow) ? 1 : 0
}

function clamp(wire: Uint8Array, o: number, side: -1 | 1): void {
  putInt32(wire, o, side < 0 ? firstHigh : lastHigh)
  putInt32(wire, o + 4, side < 0 ? firstLow : lastLow)
}
