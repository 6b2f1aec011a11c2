import { join } from 'node:path'
import postgres from 'postgres'
import { seed } from '../../local/seed.ts'
import { createLineitem, fillLineitem } from './lineitem.ts'
import { createMixed, fillMixed } from './mixed.ts'

export interface BenchTable {
  readonly script: string
  /** Of the rows asked for; a wide table has fewer, so that it takes about as long. */
  readonly share: number
  /** SQL that makes it and, with the number of rows, fills it; the domain's own tables are seeded. */
  readonly made?: { readonly create: string; readonly fill: string }
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
}

/** Makes a table anew in a database that is empty or was seeded before. */
export async function fillTable(url: string, name: string, rows: number): Promise<void> {
  const made = benchTables[name]?.made
  if (made === undefined) {
    await seed(url, { scale: rows / 200_000, tables: [name] })
    return
  }
  const sql = postgres(url, { max: 1 })
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(made.create)
      await transaction.unsafe(made.fill, [rows])
    })
    await sql`vacuum analyze ${sql(name)}`
  } finally {
    await sql.end()
  }
}
