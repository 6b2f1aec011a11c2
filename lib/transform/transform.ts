/**
 * Batches as the lake wants them: without the rows that a script's filter drops, with the columns it derives.
 *
 * I want to…                                          → file
 * change how a script's functions are run             → derive.ts
 * change what they see of a row                       → row-view.ts
 * change what a load says of what they got wrong      → failure.ts, ../view/
 * change what it does not say where values are hidden → told.ts
 * change the line to paste for a value that is wide   → wide-type.ts
 */
import { type Batch, everyRow, type Rows } from '../batch/batch.ts'
import { createDecoder } from '../copy/decode.ts'
import type { Table } from '../declare/table.ts'
import { createDerivations, type DerivationOptions } from './derive.ts'

export interface Transformation {
  /** Rows kept so far. */
  readonly rows: number
  /** Values that lossy columns have let pass, by column; those that had none are left out. */
  readonly lossy: Readonly<Record<string, number>>
  /** Nulls that functions have given, by derived column; those that gave none are left out. */
  readonly nulls: Readonly<Record<string, number>>
  /** The batch's rows, as columns of the table's `output`; looks at none of them before they are moved. */
  transform(batch: Batch): Rows
}

export function createTransformation(options: DerivationOptions): Transformation {
  const { table, primaryKey, slice, hashKey } = options
  const { name, columns, source, internal } = table
  const {
    decode,
    lossy,
    columns: decoded,
  } = createDecoder({
    ...{ name, columns, source, internal, primaryKey },
    ...{ hashKey, ...(slice && { slice }) },
  })
  const derivations = computes(table) ? createDerivations(options) : undefined
  let rows = 0
  return {
    get rows() {
      return rows
    },
    lossy,
    nulls: derivations?.nulls ?? {},
    transform: (batch) => ({
      moveInto(vectors) {
        const selected = derivations?.derive(batch, vectors.slice(decoded)) ?? everyRow(batch)
        decode(batch, selected, vectors)
        rows += selected.count
        batch.release(selected.seen)
      },
    }),
  }
}

/** Whether there is a function to run. */
export function computes({ derive, filter }: Table): boolean {
  return filter !== undefined || Object.keys(derive).length > 0
}
