/** Why a load is not published again. */

import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import type { Published, PublishedLoad } from './published.ts'

/** @param reason how the load is not what its record says, a clause */
export function notWhole(table: string, load: string, reason: string): Failure {
  return refused(4, table, `load ${load} is not as it was recorded: ${reason}`, another(table))
}

export function countDiffers(
  table: string,
  { load, rows }: { readonly load: string; readonly rows: number },
  counted: number,
): Failure {
  const reason = `Athena counts ${counted} rows in load ${load}, but its record says ${rows}`
  return refused(4, table, reason, another(table))
}

/** Nothing is replaced that nobody has looked at. */
export function changedMeanwhile(table: string, over: string, now: Published | PublishedLoad): Failure {
  const there = 'load' in now ? `load ${now.load}` : 'no load'
  const reason = `${there} is published by now, and no longer load ${over}`
  return refused(1, table, reason, 'See whether that is right; if not, run it again.')
}

export function refused(exit: 1 | 2 | 4, table: string, reason: string, advice: string): Failure {
  return new Failure({ exit, act: 'roll back', thing: table, reason, advice })
}

export function another(table: string): string {
  return `Choose another load; this lists them: ${commandLine(`loads ${table}`)}`
}
