/**
 * One column of one row group: its vector's values become compressed pages as they come, so that at the end
 * of the row group only the dictionary and the metadata are left to make.
 * (Parquet format, README.md "Column chunks", "Data Pages".)
 */
import { Encoding, Type } from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { clearVector, type Vector } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'
import type { ChunkFacts } from './column-metadata.ts'
import type { Compressor } from './compressor.ts'
import { deltaBound, type Range, writeDelta32, writeDelta64 } from './delta.ts'
import { createDictionary, type Dictionary, mostEntries } from './dictionary.ts'
import { dataPage, dictionaryPage, type Page, storedBytes } from './page.ts'
import { columnIndex, mergeBounds, type PageContents } from './page-index.ts'
import { bitWidth, rleBound, writeRle } from './rle.ts'
import { pathInSchema } from './schema.ts'
import { shortBounds } from './short-bounds.ts'
import { type Bounds, findBoundsFor, numberBounds } from './statistics.ts'
import { valueOrder } from './value-order.ts'

export interface ColumnChunkWriter {
  /** Encodes and compresses what the vector holds as one page and clears the vector. */
  writePage(): void
  /** Ends the chunk, and begins the next. */
  finish(): Promise<ColumnChunk>
}

/** Plain data that hangs on no place in a file. */
export interface ColumnChunk {
  /** In file order: the dictionary's, if there is one, then those of data. */
  readonly pages: readonly Page[]
  readonly facts: ChunkFacts
  /** In Thrift's compact protocol. */
  readonly columnIndex: Uint8Array | undefined
}

/** Shared by all columns, as only one page is encoded at a time. */
export interface Scratch {
  readonly compressor: Compressor
  indices: Int32Array
  /** Which entries of a dictionary a page has: zeros in between. */
  readonly used: Uint8Array
}

export function createScratch(compressor: Compressor): Scratch {
  return { compressor, indices: new Int32Array(1024), used: new Uint8Array(mostEntries) }
}

/** Everything that begins anew with each row group. */
interface ChunkState {
  readonly dictionary: Dictionary | undefined
  /** False once the dictionary no longer pays; pages numbered before keep it. */
  useDictionary: boolean
  readonly pages: (Page | Promise<Page>)[]
  /** What each of them holds. */
  readonly contents: PageContents[]
  readonly pagesByEncoding: Map<number, number>
}

export function createColumnChunkWriter(
  name: string,
  column: Column,
  vector: Vector,
  scratch: Scratch,
): ColumnChunkWriter {
  const { compressor } = scratch
  const { codec } = compressor
  const { physical } = column.parquet
  const numbers = physical === 'INT32' || physical === 'INT64'
  const largestDefinition = (column.nullable ? 1 : 0) + (column.element === undefined ? 0 : 2)
  const findBounds = findBoundsFor(column)
  const compareValues = valueOrder(physical)
  const range: Range = { least: 0, greatest: 0 }
  let chunk = begin()

  function begin(): ChunkState {
    return {
      dictionary: physical === 'BOOLEAN' ? undefined : createDictionary(vector),
      useDictionary: physical !== 'BOOLEAN',
      pages: [],
      contents: [],
      pagesByEncoding: new Map(),
    }
  }

  /**
   * Repetition levels and definition levels, each behind its length, where the column has such.
   * @returns the position after them
   */
  function writeLevels(out: Uint8Array): number {
    const { definitionLevels: definitions, repetitionLevels: repetitions } = vector
    const at = repetitions.length === 0 ? 0 : writeLevel(repetitions, 1, out, 0)
    return definitions.length === 0 ? at : writeLevel(definitions, largestDefinition, out, at)
  }

  function writeLevel(levels: Uint8Array, largest: number, out: Uint8Array, at: number): number {
    const end = writeRle(levels, vector.levelCount, bitWidth(largest), out, at + 4)
    new DataView(out.buffer).setUint32(at, end - at - 4, true)
    return end
  }

  /** Bytes that the levels of the page take at most, with room for what stands around them. */
  function levelsBound(): number {
    return 2 * rleBound(vector.levelCount, 2) + 32
  }

  /** Makes a page of what the compressor's space begins with. */
  function addDataPage(encoding: number, uncompressedBytes: number): void {
    const values = vector.levelCount
    const made = (body: Uint8Array): Page => dataPage(encoding, values, body, uncompressedBytes)
    const body = compressor.compress(uncompressedBytes)
    chunk.pages.push(body instanceof Promise ? body.then(made) : made(body))
    chunk.pagesByEncoding.set(encoding, (chunk.pagesByEncoding.get(encoding) ?? 0) + 1)
  }

  function encodeDictionary(dictionary: Dictionary): boolean {
    const { valueCount: count } = vector
    if (scratch.indices.length < count) scratch.indices = new Int32Array(count * 2)
    if (!dictionary.encode(vector, scratch.indices)) return false
    const width = bitWidth(Math.max(0, dictionary.entries - 1))
    const out = compressor.space(levelsBound() + rleBound(count, width))
    let at = writeLevels(out)
    out[at++] = width
    at = writeRle(scratch.indices, count, width, out, at)
    addDataPage(Encoding.RLE_DICTIONARY, at)
    return true
  }

  /** @returns the bounds of the values, which are found on the way; undefined where there are some that deltas cannot have */
  function encodeNumbers(): Bounds | undefined {
    const { words, wordsPerValue, valueCount: count } = vector
    const out = compressor.space(levelsBound() + deltaBound(count, wordsPerValue))
    const start = writeLevels(out)
    const writeDelta = wordsPerValue === 1 ? writeDelta32 : writeDelta64
    const end = writeDelta(words, count, out, start, range)
    if (end < 0) return undefined
    addDataPage(Encoding.DELTA_BINARY_PACKED, end)
    return numberBounds(range, wordsPerValue)
  }

  function encodePlain(): void {
    const { valueCount: count, words, wordsPerValue, bytes, byteCount: used } = vector
    const size = wordsPerValue > 0 ? count * wordsPerValue * 4 : used
    const out = compressor.space(levelsBound() + size)
    let at = writeLevels(out)
    if (physical === 'BOOLEAN') {
      at = writeBits(bytes, count, out, at)
    } else {
      out.set(wordsPerValue > 0 ? new Uint8Array(words.buffer, 0, size) : bytes.subarray(0, size), at)
      at += size
    }
    addDataPage(Encoding.PLAIN, at)
  }

  /** @returns the bounds of the values */
  function encodeValues(): Bounds | undefined {
    const { dictionary } = chunk
    chunk.useDictionary &&= dictionary !== undefined && encodeDictionary(dictionary)
    if (chunk.useDictionary && dictionary !== undefined) return boundsByDictionary(dictionary)
    const bounds = numbers ? encodeNumbers() : undefined
    if (bounds !== undefined) return bounds
    encodePlain()
    return findBounds(vector)
  }

  /** Bounds by the page's dictionary entries where those are fewer than its values. */
  function boundsByDictionary(dictionary: Dictionary): Bounds | undefined {
    const { valueCount: count } = vector
    const { entries } = dictionary
    if (count < entries) return findBounds(vector)
    const { used } = scratch
    const unused = markEntries(scratch, count, entries)
    const bounds = findBounds(dictionary.vector(), unused === 0 ? undefined : used)
    used.fill(0, 0, entries)
    return bounds
  }

  return {
    writePage() {
      const { rowCount: rows, levelCount, valueCount: count } = vector
      if (rows === 0) return
      if (count === 0) encodePlain()
      const bounds = count === 0 ? undefined : encodeValues()
      chunk.contents.push({
        rows,
        values: count,
        nulls: levelCount - count,
        bounds: bounds && shortBounds(bounds, column),
      })
      clearVector(vector)
    },
    async finish() {
      const { contents, pagesByEncoding, ...ended } = chunk
      chunk = begin()
      const dictionary = pagesByEncoding.has(Encoding.RLE_DICTIONARY) ? ended.dictionary : undefined
      const head = dictionary && dictionaryPage(dictionary, codec)
      const dataPages = await Promise.all(ended.pages)
      const pages = head === undefined ? dataPages : [head, ...dataPages]
      return {
        pages,
        facts: {
          type: Type[physical],
          path: pathInSchema(name, column),
          codec,
          contents,
          bounds: mergeBounds(contents, compareValues),
          dictionaryBytes: head === undefined ? 0 : storedBytes(head),
          pageBytes: dataPages.map(storedBytes),
          uncompressedBytes: pages.reduce(
            (sum, page) => sum + page.header.length + page.uncompressedBytes,
            0,
          ),
          pagesByEncoding,
        },
        columnIndex: columnIndex(contents, compareValues),
      }
    },
  }
}

/** Marks the entries that the first `count` indices name, until none is left. @returns how many are left */
function markEntries({ indices, used }: Scratch, count: number, entries: number): number {
  let unused = entries
  for (let i = 0; i < count && unused > 0; i++) {
    const entry = indices[i]!
    if (used[entry] !== 0) continue
    used[entry] = 1
    unused--
  }
  return unused
}

/** BOOLEAN in PLAIN form: one bit a value, the lowest first. */
function writeBits(values: Uint8Array, count: number, out: Uint8Array, at: number): number {
  for (let i = 0; i < count; i += 8) {
    let byte = 0
    for (let bit = 0; bit < 8 && i + bit < count; bit++) byte |= values[i + bit]! << bit
    out[at++] = byte
  }
  return at
}
