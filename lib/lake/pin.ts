/** A pin as the `Parameters` of the Glue table keep it. */
import type { Pin } from './published.ts'

const names = ['dracula.pinned', 'dracula.pinned_by', 'dracula.pinned_over', 'dracula.pinned_why'] as const

/** What Glue keeps of it, beside the parameters of the load that it pins. */
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
