/** What the stand-in was asked for, and what it refused for its quotas' sake. */
import type { LogEntry } from '../../local/aws/faults.ts'
import { type Met, tokensOf } from '../../local/aws/quotas/quotas.ts'
import type { Lake } from './lake.ts'

/** How many requests, by operation; DeleteObjects' are the objects. */
export type Requests = Readonly<Record<string, number>>

export async function logOf({ env }: Pick<Lake, 'env'>): Promise<readonly LogEntry[]> {
  const response = await fetch(`${env['AWS_ENDPOINT_URL']}/__log`)
  return (await response.json()) as LogEntry[]
}

export async function metOf({ env }: Pick<Lake, 'env'>): Promise<readonly Met[]> {
  const response = await fetch(`${env['AWS_ENDPOINT_URL']}/__quotas`)
  return (await response.json()) as Met[]
}

export function countRequests(log: readonly LogEntry[]): Requests {
  const counts: Record<string, number> = {}
  for (const { operation, subject } of log)
    counts[operation] = (counts[operation] ?? 0) + tokensOf(operation, subject)
  return counts
}

/** What one more of something asks for, where there are `by` more in the one than in the other. */
export function eachOf(more: Requests, fewer: Requests, by: number): Requests {
  const names = [...new Set([...Object.keys(more), ...Object.keys(fewer)])]
  const each = names.map((name) => [name, ((more[name] ?? 0) - (fewer[name] ?? 0)) / by] as const)
  return Object.fromEntries(each.filter(([, count]) => Math.abs(count) > 1e-9))
}

/** `GetTable 4, PutObject 3`; the most first. */
export function describeRequests(requests: Requests): string {
  return Object.entries(requests)
    .toSorted(([, one], [, other]) => other - one)
    .map(([operation, count]) => `${operation} ${Math.round(count * 100) / 100}`)
    .join(', ')
}
