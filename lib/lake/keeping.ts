/** Partitions that stay as they are, seen by the columns that the script declares by now. */
import { Failure } from '../failure/failure.ts'

export interface Keeping {
  /** Why none can stay, a clause; undefined: they can. */
  readonly refused: string | undefined
  /** Columns that are null in them. */
  readonly nullColumns: readonly string[]
}

/** @throws Failure (3) where none can stay */
export function requireKeepable(table: string, { refused }: Keeping): void {
  if (refused === undefined) return
  throw new Failure({
    exit: 3,
    act: 'replace some partitions of',
    thing: table,
    reason: refused,
    advice: `Load all of them: bun scripts/${table}.ts --full`,
  })
}
