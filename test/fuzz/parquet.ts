/** The writer of Parquet against readers that are not ours: files of every type, however their pages are cut. */
import { join } from 'node:path'
import { everyRow } from '../../lib/batch/batch.ts'
import { createDecoder } from '../../lib/copy/decode.ts'
import { createFramer } from '../../lib/copy/frame.ts'
import { codecs } from '../../lib/parquet/compression.ts'
import { createRowGroupWriter, type RowGroup, type RowGroupOptions } from '../../lib/parquet/row-group.ts'
import { writeFile } from '../support/parquet.ts'
import type { Random } from '../support/random.ts'
import { readers } from '../support/readers.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { fileProblem } from './file-problem.ts'
import { broken, outside, putField } from './kind.ts'
import type { Part } from './part.ts'
import { declared, header, randomColumns, type StreamColumn } from './stream.ts'
import { wireWriter } from './wire-writer.ts'

type Field = Uint8Array | null

interface ParquetInput {
  readonly columns: readonly StreamColumn[]
  readonly rows: readonly (readonly Field[])[]
  readonly batchBytes: number
  readonly options: Omit<RowGroupOptions, 'columns'>
  /** Whether DuckDB and parquet-wasm, which are slower, are to find what hyparquet does. */
  readonly isReadByAll: boolean
}

export const parquet: Part<ParquetInput> = {
  name: 'parquet',
  words: 'Parquet files of every type, read back by hyparquet, and some by DuckDB and parquet-wasm',
  inputs: 10_000,
  make,
  problem,
  smaller,
  describe: ({ columns, rows, batchBytes, options }) => ({
    columns: columns.map(({ words, isNullable }) => (isNullable ? `nullable(${words})` : words)),
    rows: rows.map((row) => row.map((field) => field && Buffer.from(field).toString('hex'))),
    batchBytes,
    options,
  }),
}

/** The values of a column come from a few of them, or are nearly all different. */
function make(random: Random): ParquetInput {
  const columns = randomColumns(random)
  const chance = random()
  const count =
    chance < 0.001
      ? 3_000
      : chance < 0.02
        ? random.integer(600)
        : random.pick([0, 1, 2, 8, 9, 33, random.integer(50)])
  const made = columns.map(({ kind, isNullable }) => {
    const pool = Array.from({ length: Math.min(count, random.pick([1, 2, 5, 40, 400])) }, () =>
      fitting(kind, random),
    )
    const nulls = isNullable && !kind.column.nullable ? random.pick([0, 0, 0.1, 0.5, 0.95, 1]) : 0
    return Array.from({ length: count }, () => (random() < nulls ? null : random.pick(pool)))
  })
  return {
    columns,
    rows: Array.from({ length: count }, (_, row) => made.map((column) => column[row]!)),
    batchBytes: random.pick([1, 64, 512, 4096]),
    options: {
      codec: random() < 0.7 ? 'none' : random.pick(codecs),
      pageBytes: random.pick([1, 40, 200, 1024, 16_384]),
      rowGroupRows: random.pick([1, 10, 100, 1_000_000, 1_000_000]),
    },
    isReadByAll: random() < 1 / 500,
  }
}

function fitting(kind: StreamColumn['kind'], random: Random): Uint8Array {
  for (;;) {
    const field = kind.make(random)
    const reading = kind.read(field)
    if (reading !== broken && reading !== outside) return field
  }
}

async function problem(input: ParquetInput): Promise<string | undefined> {
  const columns = declared(input.columns)
  const { file } = await writeFile(columns, await Array.fromAsync(rowGroups(input)))
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
  const words = input.columns.map(({ kind }, at) =>
    input.rows.map((row) => (row[at] === null ? null : (kind.read(row[at]!) as string | null))),
  )
  const found = await fileProblem(columns, words, bytes)
  if (found !== undefined || !input.isReadByAll) return found
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'fuzz.parquet')
  await Bun.write(path, bytes)
  const [first, ...others] = await Promise.all(
    ['hyparquet', 'DuckDB', 'parquet-wasm'].map(async (name) =>
      JSON.stringify(await readers[name]!(path, columns)),
    ),
  )
  return others.every((each) => each === first) ? undefined : 'readers differ in what they find'
}

async function* rowGroups({ columns, rows, batchBytes, options }: ParquetInput): AsyncGenerator<RowGroup> {
  const scripted = declared(columns)
  const framer = createFramer({ thing: 'things', columns: scripted, batchBytes })
  const decoder = createDecoder({ name: 'things', columns: scripted })
  const writer = createRowGroupWriter({ columns: scripted, ...options })
  const stream = wireWriter()
  stream.bytes(header)
  for (const row of rows) {
    stream.int16(columns.length)
    for (const field of row) putField(stream, field)
  }
  stream.int16(-1)
  framer.push(stream.taken())
  for (
    let batch = framer.next() ?? framer.last();
    batch !== undefined;
    batch = framer.next() ?? framer.last()
  ) {
    const lent = batch
    writer.add({ moveInto: (vectors) => decoder.decode(lent, everyRow(lent), vectors) })
    if (writer.isFull) yield await writer.finish()
  }
  if (writer.rows > 0) yield await writer.finish()
}

function* smaller(input: ParquetInput): Generator<ParquetInput> {
  const { columns, rows } = input
  for (let length = rows.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at + length <= rows.length; at += length)
      yield { ...input, rows: [...rows.slice(0, at), ...rows.slice(at + length)] }
  }
  if (columns.length === 1) return
  for (let at = 0; at < columns.length; at++) {
    const without = <T>(all: readonly T[]) => all.filter((_, place) => place !== at)
    yield { ...input, columns: without(columns), rows: rows.map(without) }
  }
}
