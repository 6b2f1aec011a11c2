/** Fills a database with the domain: the same rows every time, awkward ones on purpose. */
import postgres from 'postgres'
import { Failure } from '../failure/failure.ts'
import { claimDatabase } from './marker.ts'
import { actionItems } from './seed/action-items.ts'
import { addresses } from './seed/addresses.ts'
import { currencies } from './seed/currencies.ts'
import { embeddedDynamicForms } from './seed/embedded-dynamic-forms.ts'
import { events } from './seed/events.ts'
import { inventories } from './seed/inventories.ts'
import { inventoryGroups } from './seed/inventory-groups.ts'
import { invoices } from './seed/invoices.ts'
import { milestones } from './seed/milestones.ts'
import { notes } from './seed/notes.ts'
import { orders } from './seed/orders.ts'
import { organizations } from './seed/organizations.ts'
import { proposals } from './seed/proposals.ts'
import { providers } from './seed/providers.ts'
import { purchaseOrders } from './seed/purchase-orders.ts'
import { ratings } from './seed/ratings.ts'
import { refs } from './seed/refs.ts'
import { requests } from './seed/requests.ts'
import type { SeedTable } from './seed/seed-table.ts'
import { shippings } from './seed/shippings.ts'
import { taxes } from './seed/taxes.ts'
import { timepoints } from './seed/timepoints.ts'
import { turnAroundTimes } from './seed/turn-around-times.ts'
import { users } from './seed/users.ts'
import { wareProviderConfigurations } from './seed/ware-provider-configurations.ts'
import { wares } from './seed/wares.ts'

const domain: readonly SeedTable[] = [
  ...[currencies, taxes, shippings, organizations, wares, wareProviderConfigurations, addresses],
  ...[milestones, embeddedDynamicForms, notes, inventoryGroups, providers, users, requests, ratings, refs],
  ...[orders, invoices, proposals, purchaseOrders, actionItems, timepoints, turnAroundTimes, inventories],
  events,
]

export interface SeedOptions {
  /** Multiplies the number of rows; a table always has its awkward ones. */
  readonly scale?: number
  /** Multiplies the number of rows of a table once more, by its name. */
  readonly scaleOf?: Readonly<Record<string, number>>
  /** All tables unless given. */
  readonly tables?: readonly string[]
  /** Told of each table before it is filled. */
  readonly onTable?: (name: string) => void
  /** Cancels what is running; nothing has changed then. */
  readonly signal?: AbortSignal
}

/**
 * Makes the tables anew, all or none, in a database that is empty or was seeded before; returns rows per table.
 * @throws Failure (2) for somebody else's database, an unknown table or a scale that is no positive number
 */
export async function seed(url: string, options: SeedOptions = {}): Promise<Record<string, number>> {
  const { scale = 1, scaleOf = {}, tables = domain.map(({ name }) => name), signal, onTable } = options
  const chosen = tables.map(find)
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new Failure({
      exit: 2,
      act: 'seed at scale',
      thing: String(scale),
      reason: 'it is not a positive number',
      advice: 'Scale 1 makes 200,000 currencies, 0.01 makes 2,000.',
    })
  }
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'dracula/seed' },
  })
  try {
    const rows = await sql.begin(async (transaction) => {
      await claimDatabase(transaction)
      const counts: [string, number][] = []
      for (const table of chosen) {
        onTable?.(table.name)
        counts.push([table.name, await fill(transaction, table, scale * (scaleOf[table.name] ?? 1), signal)])
      }
      return Object.fromEntries(counts)
    })
    for (const { name } of chosen) await sql`vacuum analyze ${sql(name)}`
    return rows
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function find(name: string): SeedTable {
  const table = domain.find((each) => each.name === name)
  if (table !== undefined) return table
  throw new Failure({
    exit: 2,
    act: 'seed table',
    thing: name,
    reason: 'the domain has no such table',
    advice: `Choose from ${domain.map((each) => each.name).join(', ')}.`,
  })
}

async function fill(
  sql: postgres.TransactionSql,
  table: SeedTable,
  scale: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  await sql`drop table if exists ${sql(table.name)} cascade`
  await sql.unsafe(table.create)
  await sql.unsafe(table.awkward)
  const [{ awkward }] = await sql<[{ awkward: number }]>`
    select count(*)::int as awkward from ${sql(table.name)}`
  const last = Math.max(awkward, Math.round(table.rows * scale))
  await cancellable(sql.unsafe(table.bulk, [awkward + 1, last]), signal)
  await cancellable(sql.unsafe(table.indexes), signal)
  return last
}

async function cancellable(
  query: postgres.PendingQuery<postgres.Row[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const cancel = () => query.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await query
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}
