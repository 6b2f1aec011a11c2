/** What is known of a comparison before it is asked, and what it has cost. */
import { estimatedUsd } from '../../load/cost.ts'
import type { Comparing } from './ask.ts'
import type { OurTable } from './find.ts'
import type { Matched } from './match.ts'
import type { SideTable } from './sql.ts'

export interface Facts {
  readonly table: string
  readonly load: OurTable
  readonly comparing: Comparing
  readonly matched: Matched
  /** Bytes, by query. */
  readonly scanned: readonly number[]
}

export function usdOf(scanned: readonly number[]): number {
  return estimatedUsd({ scanned, crawlSeconds: undefined }).athena
}

export function nameOf({ database, table }: SideTable): string {
  return `${database}.${table}`
}

export function several(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
