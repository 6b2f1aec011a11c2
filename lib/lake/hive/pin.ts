/** A pin as the `Parameters` of the Glue table keep it, and what a load of a pinned table is told. */
import { Failure } from '../../failure/failure.ts'
import type { Pin } from '../published.ts'

const names = ['dracula.pinned', 'dracula.pinned_by', 'dracula.pinned_over', 'dracula.pinned_why'] as const

/** As Glue keeps it, beside the parameters of the load that it pins. */
export function pinParameters({ at, rollback, replaces, reason }: Pin): Record<string, string> {
  return {
    'dracula.pinned': at,
    'dracula.pinned_by': rollback,
    'dracula.pinned_over': replaces,
    ...(reason === undefined ? {} : { 'dracula.pinned_why': reason }),
  }
}

/** undefined: the table is not pinned. */
export function pinIn(parameters: Readonly<Record<string, string>>): Pin | undefined {
  const at = parameters['dracula.pinned']
  if (at === undefined) return undefined
  return {
    at,
    rollback: parameters['dracula.pinned_by'] ?? '',
    replaces: parameters['dracula.pinned_over'] ?? '',
    reason: parameters['dracula.pinned_why'],
  }
}

export function withoutPin(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([name]) => !names.some((pinning) => pinning === name)),
  )
}

/** `since 2026-11-22T19:31:13.123Z by the rollback 20261122t193113123z_x7k2q9 ("wrong rates")` */
export function pinInWords({ at, rollback, reason }: Pin): string {
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
    reason: `it is pinned to load ${load} ${pinInWords(pin)}`,
    advice: unpinAdvice(table),
  })
}

export function unpinAdvice(table: string): string {
  return `When its loads shall be published again: bun run rollback ${table} --unpin`
}
