/** What every part of a bench gets and does. */
import type { Flags } from '../flags.ts'
import type { Place } from '../place.ts'
import { benchTables } from '../tables.ts'
import type { Turns } from '../turns.ts'

/** A part measures, shows what it has found as soon as it has it, and gives its figures for JSON. */
export type Part = (bench: Bench) => Promise<unknown>

export interface Bench {
  readonly flags: Flags
  readonly place: Place
  readonly signal: AbortSignal
  /** Progress, to stderr. */
  readonly say: (line: string) => void
  /** Figures for people, to stdout. */
  readonly show: (text: string) => void
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
