/**
 * Values of one column between the wire and the file: typed arrays that grow, never an object a value.
 * Decoders append, the writer of a row group takes a page's worth and clears it.
 */

/** How Parquet stores the values of a column (Parquet format, README.md "Types"). */
export type Physical =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY'

/** What a vector has to know of its column. */
export interface VectorForm {
  readonly nullable: boolean
  readonly parquet: { readonly physical: Physical; readonly length?: number }
  /** The form of a list's elements. */
  readonly element?: object
}

export interface Vector {
  /** Rows appended, nulls among them. */
  rowCount: number
  /** Levels of either kind: one a row, or for lists one an element, and one for a list that is empty or null. */
  levelCount: number
  /** Values appended, nulls left out: values are dense, as Parquet wants them. */
  valueCount: number
  /** Whether a value is there; empty for a column that is NOT NULL, whose level is always 0. */
  definitionLevels: Uint8Array
  /** 0 begins a row, 1 goes on with its list; empty for a column that is no list. */
  repetitionLevels: Uint8Array
  /** INT32, FLOAT: one little-endian 32-bit word a value; INT64, DOUBLE: two, the low one first. */
  words: Int32Array
  readonly wordsPerValue: 0 | 1 | 2
  /** BYTE_ARRAY: values in PLAIN form, a 4-byte little-endian length before each; FIXED_LEN_BYTE_ARRAY: its bytes; BOOLEAN: a byte each. */
  bytes: Uint8Array
  /** Bytes used of `bytes`. */
  byteCount: number
  /** BYTE_ARRAY: where value i's length begins, `byteCount` after the last; empty for the other types. */
  offsets: Int32Array
  /** Bytes of a FIXED_LEN_BYTE_ARRAY or BOOLEAN value, else 0. */
  readonly width: number
}

const initialRows = 256

export function createVector({ nullable, parquet, element }: VectorForm): Vector {
  const { physical, length = 0 } = parquet
  const isList = element !== undefined
  const wordsPerValue =
    physical === 'INT32' || physical === 'FLOAT' ? 1 : physical === 'INT64' || physical === 'DOUBLE' ? 2 : 0
  return {
    rowCount: 0,
    levelCount: 0,
    valueCount: 0,
    definitionLevels: new Uint8Array(nullable || isList ? initialRows : 0),
    repetitionLevels: new Uint8Array(isList ? initialRows : 0),
    words: new Int32Array(initialRows * wordsPerValue),
    wordsPerValue,
    bytes: new Uint8Array(wordsPerValue === 0 ? initialRows : 0),
    byteCount: 0,
    offsets: new Int32Array(physical === 'BYTE_ARRAY' ? initialRows + 1 : 0),
    width: physical === 'BOOLEAN' ? 1 : length,
  }
}

/** Makes room for `values` more of any type, but for BYTE_ARRAY's bytes, which {@link reserveBytes} makes room for. */
export function reserveValues(vector: Vector, values: number): void {
  const { valueCount: count, wordsPerValue, width } = vector
  if (wordsPerValue > 0)
    vector.words = grownWords(vector.words, count * wordsPerValue, (count + values) * wordsPerValue)
  else if (width > 0)
    vector.bytes = grownBytes(vector.bytes, vector.byteCount, vector.byteCount + values * width)
  else vector.offsets = grownWords(vector.offsets, count + 1, count + values + 1)
}

/** Makes room for so many more of either kind. */
export function reserveLevels(vector: Vector, levels: number): void {
  const needed = vector.levelCount + levels
  if (vector.definitionLevels.length > 0)
    vector.definitionLevels = grownBytes(vector.definitionLevels, vector.levelCount, needed)
  if (vector.repetitionLevels.length > 0)
    vector.repetitionLevels = grownBytes(vector.repetitionLevels, vector.levelCount, needed)
}

export function reserveBytes(vector: Vector, bytes: number): void {
  vector.bytes = grownBytes(vector.bytes, vector.byteCount, vector.byteCount + bytes)
}

/** Bytes its values take, levels not counted. */
export function vectorBytes(vector: Vector): number {
  return vector.byteCount + vector.valueCount * vector.wordsPerValue * 4
}

/** An array beyond this many bytes was grown for one huge value and is not kept. */
const keptBytes = 16 * 1024 * 1024

export function clearVector(vector: Vector): void {
  vector.rowCount = 0
  vector.levelCount = 0
  vector.valueCount = 0
  vector.byteCount = 0
  if (vector.bytes.length <= keptBytes) return
  releaseBytes(vector.bytes)
  vector.bytes = new Uint8Array(initialRows)
}

/**
 * Gives back now the memory of an array that nobody needs any more. It lies outside the heap, where the collector hardly
 * sees it grow, and the next array takes its place while it is still mapped. A view of part of a buffer is left alone, as
 * the rest may be another's.
 */
export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}

function grownBytes(array: Uint8Array, used: number, needed: number): Uint8Array {
  if (needed <= array.length) return array
  const grown = new Uint8Array(Math.max(needed, array.length * 2))
  grown.set(array.subarray(0, used))
  releaseBytes(array)
  return grown
}

/** The array, or a larger one with its first `used` words, so that there is room for `needed`. */
export function grownWords(array: Int32Array, used: number, needed: number): Int32Array {
  if (needed <= array.length) return array
  const grown = new Int32Array(Math.max(needed, array.length * 2))
  grown.set(array.subarray(0, used))
  return grown
}
