/** The decoder of COPY against streams made at random, most of them damaged: it is right, or says where the stream is not. */
import { createVector } from '../../lib/batch/vector.ts'
import { createDecoder } from '../../lib/copy/decode.ts'
import { createFramer } from '../../lib/copy/frame.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { valueReader } from '../../lib/types/field.ts'
import type { Random } from '../support/random.ts'
import { damaged, randomChunks } from './damage.ts'
import { outside } from './kind.ts'
import type { Part } from './part.ts'
import { expectedOf } from './reference.ts'
import { declared, randomColumns, randomStream, type StreamColumn } from './stream.ts'
import { vectorWords } from './vector-words.ts'

interface CopyInput {
  readonly columns: readonly StreamColumn[]
  readonly stream: Uint8Array
  readonly chunks: readonly number[]
  readonly batchBytes: number
  /** Most rows of a batch that are taken at once; the others begin the next. */
  readonly mostRows: number
  /** Whether values are read for functions too. */
  readonly isRead: boolean
}

export const copy: Part<CopyInput> = {
  name: 'copy',
  words: 'streams of COPY, most of them damaged, through the decoder',
  inputs: 100_000,
  make,
  problem,
  smaller,
  describe: ({ columns, stream, chunks, batchBytes, mostRows }) => ({
    columns: columns.map(({ words, isNullable }) => (isNullable ? `nullable(${words})` : words)),
    stream: Buffer.from(stream).toString('hex'),
    chunks,
    batchBytes,
    mostRows,
  }),
}

function make(random: Random): CopyInput {
  const columns = randomColumns(random)
  const stream = damaged(randomStream(columns, random, random.pick([1, 4, 8])), random)
  return {
    columns,
    stream,
    chunks: randomChunks(stream.length, random),
    batchBytes: random() < 0.002 ? 256 * 1024 : random.pick([1, 16, 64, 256, 1024]),
    mostRows: random() < 0.2 ? 1 + random.integer(3) : Number.POSITIVE_INFINITY,
    isRead: random() < 0.2,
  }
}

/** A row of the decoder's, and what is in its vectors. */
type Found =
  | { readonly words: readonly (readonly (string | null)[])[]; readonly rows: number }
  | { readonly error: unknown }

function found({ columns, stream, chunks, batchBytes, mostRows, isRead }: CopyInput): Found {
  const scripted = declared(columns)
  try {
    const framer = createFramer({ thing: 'things', columns: scripted, batchBytes })
    const decoder = createDecoder({ name: 'things', columns: scripted })
    const vectors = Object.values(scripted).map(createVector)
    const takeAll = (next: typeof framer.next) => {
      for (let batch = next(); batch !== undefined; batch = next()) {
        const count = Math.min(batch.rowCount, mostRows)
        if (isRead) readValues(columns, batch.wire, batch.offsets, count)
        decoder.decode(batch, { seen: count, count }, vectors)
        batch.release(count)
      }
    }
    let at = 0
    for (const size of chunks) {
      framer.push(stream.slice(at, at + size))
      takeAll(framer.next)
      at += size
    }
    takeAll(framer.last)
    const words = Object.values(scripted).map((column, place) => vectorWords(column, vectors[place]!))
    return { words, rows: framer.rows }
  } catch (error) {
    return { error }
  }
}

/** What functions see is what the field says; a value without a place in the column is refused there, or by the decoder. */
function readValues(
  columns: readonly StreamColumn[],
  wire: Uint8Array,
  offsets: Int32Array,
  rows: number,
): void {
  for (const [place, { kind }] of columns.entries()) {
    const read = valueReader(kind.column)
    for (let row = 0; row < rows; row++) {
      const offset = offsets[row * columns.length + place]!
      if (offset < 0) continue
      const length = new DataView(wire.buffer, wire.byteOffset).getInt32(offset - 4)
      const expected = kind.read(wire.slice(offset, offset + length))
      let seen: unknown
      try {
        seen = read(wire, offset)
      } catch (error) {
        if (expected !== outside || !(error instanceof RangeError) || !error.message.includes('does not fit'))
          throw error
        continue
      }
      const words = seen === null ? null : kind.ofValue(seen)
      if (words !== expected && words !== asSeen(kind, expected))
        throw new Error(`c${place}: a function sees ${words}, not ${String(expected)}`)
    }
  }
}

/** A text that is no UTF-8, and a float that is not a number, are told apart by the file alone. */
function asSeen({ column, ofValue }: StreamColumn['kind'], expected: unknown): string | undefined {
  if (typeof expected !== 'string') return undefined
  const { element, parquet } = column
  if (element !== undefined) {
    const words = (JSON.parse(expected) as (string | null)[]).map(
      (each) => each && scalarSeen(element.parquet, each, ofValue),
    )
    return JSON.stringify(words)
  }
  return scalarSeen(parquet, expected, ofValue)
}

function scalarSeen(
  { physical, logical }: StreamColumn['kind']['column']['parquet'],
  expected: string,
  ofValue: (value: unknown) => string,
): string {
  if (logical.kind === 'string')
    return Buffer.from(Buffer.from(expected, 'latin1').toString('utf8'), 'utf8').toString('latin1')
  if (physical === 'FLOAT' || physical === 'DOUBLE') {
    const bits = new DataView(new ArrayBuffer(8))
    if (physical === 'FLOAT') bits.setInt32(0, Number(expected))
    else bits.setBigInt64(0, BigInt(expected))
    const value = physical === 'FLOAT' ? bits.getFloat32(0) : bits.getFloat64(0)
    if (Number.isNaN(value)) return 'NaN'
  }
  void ofValue
  return expected
}

/** Where a message says that the fault is. */
const streamFault = /^Cannot read "things": the COPY stream [^.]+?(?:, in row (\d+))?, (\d+) bytes into it\. /
const valueFault = /^Cannot read "things\.c(\d+)": .*\brow (\d+) of the stream /s

function problem(input: CopyInput): string | undefined {
  const { rows, broken } = expectedOf(input.columns, input.stream)
  const isOutside = (row: number, column: number) => rows[row - 1]?.[column] === outside
  const hasOutside = rows.some((row) => row.includes(outside))
  const result = found(input)
  if ('error' in result) {
    const { error } = result
    if (!(error instanceof Failure)) return `threw ${error instanceof Error ? error.stack : String(error)}`
    const { message } = error
    const value = valueFault.exec(message)
    if (value !== null) {
      return isOutside(Number(value[2]), Number(value[1]))
        ? undefined
        : `names a value that has a place: ${message}`
    }
    const stream = streamFault.exec(message)
    if (stream === null) return `says no place: ${message}`
    const row = Number(stream[1] ?? 0)
    return broken.includes(row) ? undefined : `breaks in row ${broken.join(' and ')}, and it says: ${message}`
  }
  if (broken.length > 0) return `took a stream that breaks in row ${broken.join(' and ')}`
  if (hasOutside) return 'took a value that has no place in its column'
  if (result.rows !== rows.length) return `${result.rows} rows of ${rows.length}`
  for (const [column, words] of result.words.entries()) {
    for (const [row, expected] of rows.entries()) {
      if (words[row] !== expected[column])
        return `c${column} of row ${row + 1} is ${JSON.stringify(words[row])}, not ${JSON.stringify(expected[column])}`
    }
  }
  return undefined
}

/** Fewer bytes, in one chunk. */
function* smaller(input: CopyInput): Generator<CopyInput> {
  const { stream } = input
  const whole = (bytes: Uint8Array): CopyInput => ({ ...input, stream: bytes, chunks: [bytes.length] })
  if (input.chunks.length > 1) yield whole(stream)
  if (input.isRead) yield { ...input, isRead: false }
  if (input.mostRows !== Number.POSITIVE_INFINITY) yield { ...input, mostRows: Number.POSITIVE_INFINITY }
  for (let length = stream.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at + length <= stream.length; at += length)
      yield whole(Uint8Array.from([...stream.subarray(0, at), ...stream.subarray(at + length)]))
  }
}
