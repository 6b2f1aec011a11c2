/** What every part of a bench gets and gives. */
import type { Flags } from '../flags.ts'
import type { Place } from '../place.ts'
import { benchTables } from '../tables.ts'
import type { Turns } from '../turns.ts'

export interface Bench {
  readonly flags: Flags
  readonly place: Place
  readonly signal: AbortSignal
  /** Progress, to stderr. */
  readonly say: (line: string) => void
}

export interface Part {
  /** For JSON. */
  readonly figures: unknown
  /** For people. */
  readonly text: string
}

export function turnsOf({ flags, place, signal, say }: Bench): Turns {
  return { repeat: flags.repeat, beside: place.beside, signal, say }
}

/** How many rows a table has when a narrow one has as many as the flags say. */
export function rowsOf(table: string, { rows }: Flags): number {
  return Math.max(1, Math.round(rows * (benchTables[table]?.share ?? 1)))
}

/** `currencies, 2,000,000 rows`. */
export function titleOf(table: string, rows: number): string {
  return `${table}, ${rows.toLocaleString('en')} rows`
}
