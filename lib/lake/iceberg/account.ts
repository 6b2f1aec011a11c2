/**
 * The account of a table's partitions as an object (`<prefix>/<table>/_accounts/<load>.json.gz`): written before its load is
 * published, and never changed.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Call, onlyWhen } from '../../aws/calls.ts'
import { findBytes, getTextCalls } from '../../aws/objects.ts'
import { Failure } from '../../failure/failure.ts'
import type { Account, AccountedPartition } from '../account.ts'
import type { Increment, LoadFacts, PartitionFacts } from '../facts.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { accountKey } from './layout.ts'

/** @returns undefined: it left none, or what is there is none */
export async function readAccount(
  { aws, config: { bucket, prefix }, table }: TablePlace,
  load: string,
  signal: AbortSignal,
): Promise<Account | undefined> {
  const bytes = await findBytes(aws, { bucket, key: accountKey(prefix, table, load), signal })
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(gunzipSync(bytes).toString())
    return isAccount(value, table, load) ? value : undefined
  } catch {
    return undefined
  }
}

/** Reads each once: what a load has left never changes. Throws what `readAccount` does. */
export type ReadAccount = (load: string, signal: AbortSignal) => Promise<Account | undefined>

export function accountReader(place: TablePlace): ReadAccount {
  const known = new Map<string, Account>()
  return async (load, signal) => {
    const account = known.get(load) ?? (await readAccount(place, load, signal))
    if (account !== undefined) known.set(load, account)
    return account
  }
}

/** Packed, as every load writes one of all partitions. */
export function accountBytes(account: Account): Uint8Array {
  return gzipSync(JSON.stringify(account))
}

export function readAccountCalls({ lake: { bucket, prefix }, table }: LoadNames): Call[] {
  const calls = getTextCalls(bucket, accountKey(prefix, table, '<published load>'))
  return onlyWhen('it replaces some partitions', calls)
}

function isAccount(value: unknown, table: string, load: string): value is Account {
  if (typeof value !== 'object' || value === null) return false
  const {
    version,
    table: of,
    load: by,
    partitions,
    increment,
  } = value as Partial<Record<keyof Account, unknown>>
  const isOfLoad = version === 1 && of === table && by === load
  const isWhole = Array.isArray(partitions) && partitions.every(isPartition)
  return isOfLoad && isWhole && (increment === undefined || isIncrement(increment))
}

function isIncrement(value: unknown): value is Increment {
  if (typeof value !== 'object' || value === null) return false
  const { watermark, reconciledAt, recipe } = value as Partial<Record<keyof Increment, unknown>>
  const areTimes = [watermark, reconciledAt].every(
    (each) => typeof each === 'string' && !Number.isNaN(Date.parse(each)),
  )
  return areTimes && typeof recipe === 'object' && recipe !== null
}

function isPartition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { values, rows, rowsRead, load } = value as Partial<Record<keyof AccountedPartition, unknown>>
  const areCounts = [rows, rowsRead].every((count) => Number.isSafeInteger(count) && Number(count) >= 0)
  const areTexts = Array.isArray(values) && values.every((each) => each === null || typeof each === 'string')
  return areCounts && areTexts && typeof load === 'string'
}

/**
 * The account with this load: of what it has read its own, of what it has not that of the load it replaces.
 * @param before undefined where it replaces all
 * @throws Failure (3) where something stays of which there is no account
 */
export function accountWith(
  table: string,
  { load, rows, rowsRead, partitions }: LoadFacts,
  before: Account | undefined,
): Account {
  const read = partitions?.list ?? [{ values: [], rows, rowsRead }]
  const own = read.filter((each) => each.rowsRead > 0).map((each) => ({ ...each, load }))
  const increment = partitions?.increment && { increment: partitions.increment }
  if (partitions?.which !== 'these') return { version: 1, table, load, partitions: own, ...increment }
  if (before === undefined) throw withoutAccount(table)
  const replaced = new Set(read.map(keyOf))
  const kept = before.partitions.filter((each) => !replaced.has(keyOf(each)))
  return { version: 1, table, load, partitions: [...kept, ...own], ...increment }
}

/** What readers see of the whole table by it. */
export function totalsOf({ partitions }: Account): { readonly rows: number; readonly rowsRead: number } {
  return {
    rows: partitions.reduce((sum, each) => sum + each.rows, 0),
    rowsRead: partitions.reduce((sum, each) => sum + each.rowsRead, 0),
  }
}

/** Equal for the same partition. */
export function keyOf({ values }: Pick<PartitionFacts, 'values'>): string {
  return JSON.stringify(values)
}

function withoutAccount(table: string): Failure {
  return new Failure({
    exit: 3,
    act: 'replace partitions of',
    thing: table,
    reason: 'the load that readers see has left no account of its partitions',
    advice: 'Load it whole with --full.',
  })
}
