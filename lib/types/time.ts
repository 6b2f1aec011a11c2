/** `time` and `timetz`: microseconds since midnight on the wire, and as Postgres prints them to everyone else. */
import { reserveBytes, reserveValues, type Vector } from '../batch/vector.ts'
import { appendText, asText, utf8String } from './bytes.ts'
import { given } from './given.ts'
import { appendLevels } from './levels.ts'
import { type AppendValue, column, type Type } from './type.ts'
import { int32, utf8 } from './wire.ts'

const day = String.raw`(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{0,5}[1-9])?|24:00:00)`
const zone = String.raw`[+-](?:0\d|1[0-5])(?::[0-5]\d(?::[0-5]\d)?)?`

const local: Type = {
  ...asText,
  sentAs: ['time'],
  width: 8,
  malformed: findBeyondDay,
  decoder: () => decodeTime,
  reader: () => (wire, offset) => textOf(wire, offset, printTime),
  appender: () => matchingAppender(new RegExp(`^${day}$`), 'a time such as 04:05:06.5'),
  describe: (wire, offset) => textOf(wire, offset, printTime),
}

const zoned: Type = {
  ...asText,
  sentAs: ['timetz'],
  width: 12,
  malformed: (...fields) => first(findBeyondDay(...fields), findBeyondZones(...fields)),
  decoder: () => decodeTimetz,
  reader: () => (wire, offset) => textOf(wire, offset, printTimetz),
  appender: () =>
    matchingAppender(new RegExp(`^${day}${zone}$`), 'a time with its zone such as 04:05:06.5+02'),
  describe: (wire, offset) => textOf(wire, offset, printTimetz),
}

/** A time of day as Postgres prints it, `04:05:06.5`: Athena has no type of its own for one in a table. */
export const time = column<string>({
  type: 'time',
  values: local,
  parquet: utf8String,
  athena: 'string',
  accepts: ['time'],
})

/** A time of day with its zone as Postgres prints it, `04:05:06.5+02`. */
export const timetz = column<string>({
  type: 'timetz',
  values: zoned,
  parquet: utf8String,
  athena: 'string',
  accepts: ['timetz'],
})

/** Bytes of the longest, `23:59:59.999999` and a zone as `+15:59:59`, behind a length of 4. */
const longestTime = 4 + 15
const longestTimetz = longestTime + 9

function decodeTime(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  reserveBytes(vector, rows * longestTime)
  const { bytes, offsets: starts } = vector
  let n = vector.valueCount
  let to = vector.byteCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    starts[n++] = to
    const end = printTime(wire, o, bytes, to + 4)
    putLength(bytes, to, end - to - 4)
    to = end
  }
  starts[n] = to
  vector.valueCount = n
  vector.byteCount = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeTimetz(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  reserveBytes(vector, rows * longestTimetz)
  const { bytes, offsets: starts } = vector
  let n = vector.valueCount
  let to = vector.byteCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    starts[n++] = to
    const end = printTimetz(wire, o, bytes, to + 4)
    putLength(bytes, to, end - to - 4)
    to = end
  }
  starts[n] = to
  vector.valueCount = n
  vector.byteCount = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

/** A day ends at 24:00:00, which is a time. */
const dayMicros = 86_400_000_000

function microsOf(wire: Uint8Array, o: number): number {
  return int32(wire, o) * 2 ** 32 + (int32(wire, o + 4) >>> 0)
}

/** No other time is sent (time_recv). */
function findBeyondDay(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
): number {
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const micros = microsOf(wire, o)
    if (micros < 0 || micros > dayMicros) return row
  }
  return -1
}

/** Zones end before 16 hours on either side (timestamp.h, TZDISP_LIMIT). */
function findBeyondZones(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
): number {
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0 && Math.abs(int32(wire, o + 8)) >= 16 * 3600) return row
  }
  return -1
}

/** The lesser of two rows, −1 for none. */
function first(row: number, other: number): number {
  return row < 0 || other < 0 ? Math.max(row, other) : Math.min(row, other)
}

/** Little-endian; no text here has more than 255 bytes. */
function putLength(bytes: Uint8Array, to: number, length: number): void {
  bytes[to] = length
  bytes[to + 1] = 0
  bytes[to + 2] = 0
  bytes[to + 3] = 0
}

const [zero, colon, point, plus, minus] = [0x30, 0x3a, 0x2e, 0x2b, 0x2d]

/** `04:05:06.5`, as time_out: a fraction without zeros at its end. @returns where it ends */
function printTime(wire: Uint8Array, o: number, bytes: Uint8Array, to: number): number {
  const micros = microsOf(wire, o)
  const seconds = Math.floor(micros / 1_000_000)
  let end = printSexagesimal(bytes, to, seconds)
  let fraction = micros - seconds * 1_000_000
  if (fraction === 0) return end
  bytes[end++] = point
  for (let unit = 100_000; fraction > 0; unit /= 10) {
    const digit = Math.floor(fraction / unit)
    bytes[end++] = zero + digit
    fraction -= digit * unit
  }
  return end
}

/** `04:05:06.5+02`, as timetz_out: of the zone, which is sent in seconds west of Greenwich, no more than needed. */
function printTimetz(wire: Uint8Array, o: number, bytes: Uint8Array, to: number): number {
  const end = printTime(wire, o, bytes, to)
  const west = int32(wire, o + 8)
  const seconds = Math.abs(west)
  bytes[end] = west <= 0 ? plus : minus
  printSexagesimal(bytes, end + 1, seconds)
  return end + 1 + (seconds % 60 > 0 ? 8 : seconds % 3600 > 0 ? 5 : 2)
}

/** `04:05:06` */
function printSexagesimal(bytes: Uint8Array, to: number, seconds: number): number {
  printTwo(bytes, to, Math.floor(seconds / 3600))
  bytes[to + 2] = colon
  printTwo(bytes, to + 3, Math.floor(seconds / 60) % 60)
  bytes[to + 5] = colon
  printTwo(bytes, to + 6, seconds % 60)
  return to + 8
}

function printTwo(bytes: Uint8Array, to: number, number: number): void {
  const tens = Math.floor(number / 10)
  bytes[to] = zero + tens
  bytes[to + 1] = zero + number - tens * 10
}

const scratch = new Uint8Array(longestTimetz)

function textOf(wire: Uint8Array, offset: number, print: typeof printTime): string {
  return utf8(scratch, 0, print(wire, offset, scratch, 0))
}

/** Takes texts only that Postgres would have printed. */
function matchingAppender(form: RegExp, words: string): AppendValue {
  return (vector, value) =>
    typeof value === 'string' && form.test(value) ? appendText(vector, value) : given(value, words)
}
