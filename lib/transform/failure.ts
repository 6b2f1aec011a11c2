/** What a load says when a function of the script fails, or gives what does not fit: in which row, and what to write instead. */
import type { Batch } from '../batch/batch.ts'
import { describeStream, keyOf, type Part, rowByNumber, tenantOf } from '../copy/row-identity.ts'
import type { Table } from '../declare/table.ts'
import { Failure } from '../failure/failure.ts'
import type { UnfitField } from '../view/unfit-field.ts'

/** A line for the user to paste. */
export interface Line {
  readonly paste: string
  /** In the script: `there`. */
  readonly where: string
}

/** What is wrong in a row, the one at `at` of the batch. */
export interface Trouble {
  /** The name of the derived column; `filter` for the filter. */
  readonly name: string
  readonly reason: string
  readonly batch: Batch
  readonly at: number
  readonly line?: Line | undefined
  /** Whether no row can be to blame for it. */
  readonly isMistake?: boolean
  readonly cause?: unknown
}

export function derivationFailure(
  table: Table,
  primaryKey: readonly string[],
  slice: Part,
  { name, reason, batch, at, line, isMistake, cause }: Trouble,
): Failure {
  const script = `scripts/${table.name}.ts`
  const { wire, offsets, stride, rowsBefore } = batch
  const number = rowsBefore + at + 1
  const row = { wire, offsets, first: at * stride, number }
  const key = keyOf(table.columns, primaryKey, row)
  const tenant = tenantOf(table.columns, table.source, row)
  const find = key === undefined ? rowByNumber(table, number, slice) : undefined
  return new Failure({
    exit: 3,
    act: 'derive',
    thing: `${table.name}.${name}`,
    reason: `in the row with ${key ?? `number ${number} of ${describeStream(slice)}`}${key === undefined && tenant !== undefined ? `, of ${tenant}` : ''}, ${reason}`,
    advice: isMistake ? `Correct ${script}.` : advice(script, find, line),
    cause,
  })
}

/** What to paste stands at the end. */
function advice(script: string, find: string | undefined, line: Line | undefined): string {
  const row = find === undefined ? 'the row' : `the row (${find})`
  const correct = `Correct ${script}, or ${row}`
  return line === undefined ? `${correct}.` : `${correct}, or write ${line.where}: ${line.paste}`
}

export function lineFor({ paste, belongsTo }: UnfitField): Line {
  return { paste, where: belongsTo === 'lookup' ? 'in its lookup there' : 'there' }
}

export function describeError(error: unknown): string {
  return wordsOf(error)
    .replace(/[.\s]+$/, '')
    .replace(/\s+/g, ' ')
}

/** A script may throw whatever it likes. */
function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.message || error.name}` : String(error)
  } catch {
    return 'what it threw cannot be told'
  }
}
