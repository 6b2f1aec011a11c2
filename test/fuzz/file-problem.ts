/** Whether a Parquet file has the values it was made of, and says nothing of them that is not so. */
import type { Column, Columns } from '../../lib/table.ts'
import {
  type ChunkFacts,
  type Facts,
  fileFacts,
  fileWords,
  floatOf,
  readWords,
  signed,
} from './file-words.ts'

/** @param words one list a column, of its rows in order @returns what is wrong; undefined: nothing */
export async function fileProblem(
  columns: Columns,
  words: readonly (readonly (string | null)[])[],
  file: ArrayBuffer,
): Promise<string | undefined> {
  const found = await fileWords(columns, file)
  for (const [at, [name, column]] of Object.entries(columns).entries()) {
    const expected = words[at]!.map((each) => readWords(column, each))
    const there = found[at]!
    const row = expected.findIndex((each, place) => each !== there[place])
    if (row >= 0 || there.length !== expected.length)
      return `${name}: a reader finds ${JSON.stringify(there[row])} in row ${row + 1} of ${there.length}, not ${JSON.stringify(expected[row])} of ${expected.length}`
  }
  let from = 0
  for (const group of fileFacts(file)) {
    for (const [at, [name, column]] of Object.entries(columns).entries()) {
      const rows = words[at]!.slice(from, from + group[at]!.rows)
      const problem = chunkProblem(column, rows, group[at]!)
      if (problem !== undefined) return `${name}: ${problem}, in the row group from row ${from + 1} on`
    }
    from += group[0]?.rows ?? 0
  }
  return from === (words[0]?.length ?? 0) ? undefined : `the file's row groups have ${from} rows`
}

function chunkProblem(
  column: Column,
  rows: readonly (string | null)[],
  chunk: ChunkFacts,
): string | undefined {
  if (chunk.brokenPage !== undefined) return `page ${chunk.brokenPage + 1} has another checksum`
  const places = placesOf(column, rows)
  if (chunk.places !== places.length) return `the chunk says ${chunk.places} places of ${places.length}`
  const ofAll = boundsProblem(column, places, chunk)
  if (ofAll !== undefined) return `the chunk says ${ofAll}`
  let from = 0
  for (const [at, page] of chunk.pages.entries()) {
    const ofPage = boundsProblem(column, placesOf(column, rows.slice(from, from + page.rows)), page)
    if (ofPage !== undefined && page.nulls !== undefined) return `page ${at + 1} says ${ofPage}`
    from += page.rows
  }
  if (from !== rows.length) return `the pages have ${from} rows of ${rows.length}`
  return orderProblem(column, chunk)
}

/** The values of the rows, and null for each place without one: elements of lists, and a list that is empty or null. */
function placesOf({ element }: Column, rows: readonly (string | null)[]): (string | null)[] {
  if (element === undefined) return [...rows]
  return rows.flatMap((row) => {
    const list = row === null ? [] : (JSON.parse(row) as (string | null)[])
    return list.length === 0 ? [null] : list
  })
}

function boundsProblem(column: Column, places: readonly (string | null)[], facts: Facts): string | undefined {
  const values = places.filter((each) => each !== null)
  const nulls = places.length - values.length
  if (facts.nulls !== nulls) return `${facts.nulls} nulls of ${nulls}`
  const { min, max } = facts
  if (min === undefined || max === undefined) {
    return values.length > 0 && needsBounds(column) ? 'no bounds, though there are values' : undefined
  }
  if (values.length === 0) return 'bounds of no values'
  const [least, greatest] = [keyOfBytes(column, min), keyOfBytes(column, max)]
  const beyond = values.find((each) => {
    const key = keyOfWords(column, each)
    return !(least <= key && key <= greatest)
  })
  return beyond && `${String(least)} to ${String(greatest)}, and there is ${beyond}`
}

function needsBounds({ parquet: { physical } }: Column): boolean {
  return ['INT32', 'INT64', 'FIXED_LEN_BYTE_ARRAY'].includes(physical)
}

function orderProblem(column: Column, { pages, order }: ChunkFacts): string | undefined {
  if (order !== 1 && order !== 2) return undefined
  const bounded = pages.filter(({ min }) => min !== undefined)
  for (const bound of ['min', 'max'] as const) {
    const keys = bounded.map((page) => keyOfBytes(column, page[bound]!))
    const isWrong = keys.some(
      (key, at) => at > 0 && (order === 1 ? keys[at - 1]! > key : keys[at - 1]! < key),
    )
    if (isWrong) return `the pages say that their bounds go ${order === 1 ? 'up' : 'down'}`
  }
  return undefined
}

/** What compares as the format orders values: bytes by the characters of Latin-1. */
type Key = number | bigint | string

function keyOfWords(column: Column, words: string): Key {
  switch (column.parquet.physical) {
    case 'FLOAT':
    case 'DOUBLE':
      return floatOf(column, words)
    case 'BYTE_ARRAY':
      return words
    default:
      return BigInt(words)
  }
}

function keyOfBytes({ parquet: { physical } }: Column, bytes: Uint8Array): Key {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (physical) {
    case 'INT32':
      return BigInt(view.getInt32(0, true))
    case 'INT64':
      return view.getBigInt64(0, true)
    case 'FLOAT':
      return view.getFloat32(0, true)
    case 'DOUBLE':
      return view.getFloat64(0, true)
    case 'BOOLEAN':
      return BigInt(bytes[0]!)
    case 'FIXED_LEN_BYTE_ARRAY':
      return signed(bytes)
    case 'BYTE_ARRAY':
      return Buffer.from(bytes).toString('latin1')
  }
}
