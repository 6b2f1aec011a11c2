/** Fields of a batch to the vectors of their columns: one loop a column, over all rows that go on. */
import type { Batch, SelectionVector } from '../batch/batch.ts'
import type { Vector } from '../batch/vector.ts'
import { decoderFor } from '../types/decoder.ts'
import type { HashKey } from '../types/hash-key.ts'
import type { Decode } from '../types/type.ts'
import { outOfRange, type ReadTable } from './out-of-range.ts'

export interface Decoder {
  /** How many columns it decodes: those that have a place in the lake, in the order of the stream. */
  readonly columns: number
  /** Values that lossy columns have let pass, by column; those that had none are left out. */
  readonly lossy: Readonly<Record<string, number>>
  /**
   * Appends to the first vectors, one a column.
   * @throws Failure (3) naming table, column, value and row where a value has no place in its column
   */
  decode(batch: Batch, selected: SelectionVector, vectors: readonly Vector[]): void
}

export interface DecoderOptions extends ReadTable {
  /** Columns that have no place in the lake. */
  readonly internal?: readonly string[]
  /** What hashed columns are hashed with; absent: there are none. */
  readonly hashKey?: HashKey | undefined
}

/** A column that has one. */
interface DecodedColumn {
  /** Its place among the fields of a row. */
  readonly at: number
  readonly decode: Decode
}

export function createDecoder({ internal = [], hashKey, ...table }: DecoderOptions): Decoder {
  const lossy: Record<string, number> = Object.create(null)
  const columns = Object.entries(table.columns).flatMap(([name, column], at): DecodedColumn[] => {
    if (internal.includes(name)) return []
    const onLossy = (values: number) => {
      lossy[name] = (lossy[name] ?? 0) + values
    }
    return [{ at, decode: decoderFor(column, onLossy, hashKey) }]
  })
  return {
    columns: columns.length,
    lossy,
    decode({ wire, offsets, stride, rowsBefore }, { count, rows }, vectors) {
      for (let column = 0; column < columns.length; column++) {
        const { at, decode } = columns[column]!
        const outOfRangeAt = decode(wire, offsets, at, stride, count, vectors[column]!)
        if (outOfRangeAt < 0) continue
        const number = rowsBefore + (rows?.[outOfRangeAt] ?? outOfRangeAt) + 1
        throw outOfRange(table, { wire, offsets, first: outOfRangeAt * stride, number }, at)
      }
    },
  }
}
