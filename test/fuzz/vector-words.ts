/** What a vector holds, row by row, in the words of kind.ts. */
import type { Vector } from '../../lib/batch/vector.ts'
import type { Column } from '../../lib/types/type.ts'
import { latin1 } from './kind.ts'

export function vectorWords(column: Column, vector: Vector): (string | null)[] {
  return column.element === undefined ? scalars(column, vector) : lists(column, vector)
}

function scalars({ nullable, parquet: { physical } }: Column, vector: Vector): (string | null)[] {
  const found: (string | null)[] = []
  let value = 0
  for (let row = 0; row < vector.rowCount; row++) {
    const isThere = !nullable || vector.definitionLevels[row] === 1
    found.push(isThere ? valueWords(physical, vector, value++) : null)
  }
  requireAll(vector, value, vector.rowCount)
  return found
}

function lists({ nullable, parquet: { physical } }: Column, vector: Vector): (string | null)[] {
  const empty = nullable ? 1 : 0
  const found: ((string | null)[] | null)[] = []
  let value = 0
  for (let level = 0; level < vector.levelCount; level++) {
    const definition = vector.definitionLevels[level]!
    if (vector.repetitionLevels[level] === 0) found.push(definition < empty ? null : [])
    if (definition > empty)
      found.at(-1)!.push(definition === empty + 2 ? valueWords(physical, vector, value++) : null)
  }
  requireAll(vector, value, vector.levelCount)
  if (found.length !== vector.rowCount) throw new Error(`${found.length} lists of ${vector.rowCount} rows`)
  return found.map((list) => list && JSON.stringify(list))
}

function requireAll(
  { valueCount, levelCount, byteCount, width }: Vector,
  values: number,
  levels: number,
): void {
  if (values !== valueCount) throw new Error(`${values} values of ${valueCount}`)
  if (levels !== levelCount) throw new Error(`${levels} levels of ${levelCount}`)
  if (width > 0 && byteCount !== values * width) throw new Error(`${byteCount} bytes of ${values} values`)
}

function valueWords(
  physical: string,
  { words, bytes, offsets, width, byteCount }: Vector,
  at: number,
): string {
  switch (physical) {
    case 'INT32':
    case 'FLOAT':
      return String(words[at])
    case 'INT64':
    case 'DOUBLE':
      return String((BigInt(words[at * 2 + 1]!) << 32n) | BigInt(words[at * 2]! >>> 0))
    case 'BOOLEAN':
      return String(bytes[at])
    case 'FIXED_LEN_BYTE_ARRAY': {
      const unsigned = BigInt(
        `0x${Buffer.from(bytes.subarray(at * width, (at + 1) * width)).toString('hex')}`,
      )
      return String(BigInt.asIntN(width * 8, unsigned))
    }
    default: {
      const [start, end] = [offsets[at]!, offsets[at + 1]!]
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start, true)
      if (end > byteCount || length !== end - start - 4) throw new Error(`${length} bytes in ${end - start}`)
      return latin1(bytes.subarray(start + 4, end))
    }
  }
}
