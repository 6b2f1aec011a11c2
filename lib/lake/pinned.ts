/** What a load of a pinned table is told. */

import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import type { Pin } from './published.ts'

/** `since 2026-11-22T19:31:13.123Z by the rollback 20261122t193113123z_x7k2q9 ("wrong rates")` */
export function describePin({ at, rollback, reason }: Pin): string {
  const by = rollback === '' ? 'by hand' : `by the rollback ${rollback}`
  return `since ${at} ${by}${reason === undefined ? '' : ` ("${reason}")`}`
}

/**
 * What a load of a pinned table fails with. Like a table of somebody else's, it is one that a load may not replace
 * until a person says so, and trying again does not help: exit 2.
 */
export function pinned(table: string, load: string, pin: Pin): Failure {
  return new Failure({
    exit: 2,
    act: 'replace',
    thing: table,
    reason: `it is pinned to load ${load} ${describePin(pin)}`,
    advice: unpinAdvice(table),
  })
}

export function unpinAdvice(table: string): string {
  return `When its loads shall be published again: ${commandLine(`rollback ${table} --unpin`)}`
}
