/** The tables that the bench loads, and how each is filled. */
import { join } from 'node:path'
import postgres from 'postgres'
import { seed } from '../../local/seed.ts'
import { createInvoices, createPurchaseOrders, fillInvoices, fillPurchaseOrders } from './enriched.ts'
import { createLineitem, fillLineitem } from './lineitem.ts'
import { createMixed, fillMixed } from './mixed.ts'

export interface BenchTable {
  readonly script: string
  /** Which share of the rows asked for it has; a wide table has fewer, so that it takes about as long. */
  readonly share: number
  /** SQL that makes it and, with the number of rows, fills it; the domain's own tables are seeded. */
  readonly made?: { readonly create: string; readonly fill: string }
  /** Whether it looks up and derives: it is held against a copy of the columns it reads as well. */
  readonly enriched?: true
}

const here = import.meta.dirname

export const benchTables: Readonly<Record<string, BenchTable>> = {
  currencies: { script: join(here, '../../../scripts/currencies.ts'), share: 1 },
  lineitem: {
    script: join(here, 'lineitem.ts'),
    share: 1,
    made: { create: createLineitem, fill: fillLineitem },
  },
  mixed: { script: join(here, 'mixed.ts'), share: 1 / 4, made: { create: createMixed, fill: fillMixed } },
  purchase_orders: {
    script: join(here, '../../../scripts/purchase_orders.ts'),
    share: 1 / 4,
    made: { create: createPurchaseOrders, fill: fillPurchaseOrders },
    enriched: true,
  },
  invoices: {
    script: join(here, '../../../scripts/invoices.ts'),
    share: 1 / 4,
    made: { create: createInvoices, fill: fillInvoices },
    enriched: true,
  },
}

/** Makes a table in a database that is empty, or has other such tables. */
export async function fillTable(url: string, name: string, rows: number): Promise<void> {
  const made = benchTables[name]?.made
  if (made === undefined) {
    await seed(url, { scale: rows / 200_000, tables: [name] })
    return
  }
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(made.create)
      await transaction.unsafe(made.fill.replaceAll('$1', String(rows)))
    })
    await sql`vacuum analyze`
  } finally {
    await sql.end()
  }
}
