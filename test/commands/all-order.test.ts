/** In which order `bun run all` loads, where tables are expected to refer to others. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { orderOf, referencesIn } from '../../lib/commands/all/order.ts'
import { openStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

const ordered = (references: Record<string, string[]>) =>
  orderOf(new Map(Object.entries(references))).map(({ table, after }) => [table, ...after].join(' < '))

test('a table comes after those that it refers to, and all others stay in their order', () => {
  expect(ordered({ a: [], b: ['d'], c: [], d: ['e'], e: [] })).toEqual(['a', 'c', 'e', 'd < e', 'b < d'])
})

test('tables in a circle wait for none of it, and whoever refers to them comes after', () => {
  const references = { a: ['b'], b: ['c'], c: ['b', 'e', 'c'], d: ['d', 'elsewhere'], e: [] }
  expect(ordered(references)).toEqual(['d', 'e', 'b', 'c < e', 'a < b'])
})

test('nothing waits for what comes later, however they refer to one another', () => {
  const names = ['a', 'b', 'c', 'd']
  // Every way in which four tables can refer to one another.
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const references = names.map((name, row) => {
      const targets = names.filter((_, column) => (bits >> (row * 4 + column)) & 1)
      return [name, targets] as const
    })
    const done = new Set<string>()
    for (const { table, after } of orderOf(new Map(references))) {
      if (!after.every((each) => done.has(each)))
        throw new Error(`${table} waits: ${JSON.stringify(references)}`)
      done.add(table)
    }
    if (done.size !== 4) throw new Error(`Some are missing: ${JSON.stringify(references)}`)
  }
})

test('references are read in the text of a script, warned of or not', () => {
  const script = `
    expect: {
      references: { organization_id: 'organizations.id', user_id: "users.id" },
      warn: { references: {
        // Or another
        parent_id: \`orders.id\`,
      } },
    },
    comment: 'references: none',`
  expect(referencesIn(script)).toEqual(['organizations', 'users', 'orders'])
  expect(referencesIn("lookups: { currency: lookup({ from: 'currencies' }) }")).toEqual([])
})

test('a table that came with the ones it refers to is published in the same run, however many are loaded at a time', async () => {
  const standIn = await openStandIn()
  await using folder = await temporaryFolder()
  try {
    await standIn.sql`create table customers as select n::int as id from generate_series(1, 9) n`
    await standIn.sql`create table bills as select n::int as id, n::int as customer_id from generate_series(1, 9) n`
    await standIn.sql`alter table customers alter id set not null`
    await standIn.sql`alter table bills alter id set not null, alter customer_id set not null`
    const lib = join(import.meta.dir, '../../lib')
    const script = (name: string, columns: string, more = '') => `
import { run } from '${lib}/run.ts'
import { integer, table } from '${lib}/table.ts'
/** One row per number. */
const ${name} = table({ name: '${name}', columns: { ${columns} }, ${more} })
export default ${name}
if (import.meta.main) await run(${name})
`
    const references = `expect: { references: { customer_id: 'customers.id' } }`
    await Bun.write(
      join(folder.path, 'bills.ts'),
      script('bills', 'id: integer, customer_id: integer', references),
    )
    await Bun.write(join(folder.path, 'customers.ts'), script('customers', 'id: integer'))
    const flags = ['--scripts', folder.path, '--parallel', '2', '--catalog', 'declared']
    const { exit, stdout, stderr } = await standIn.start('lib/commands/all.ts', flags).finished
    expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
    const { tables } = JSON.parse(stdout)
    expect(tables.map(({ table }: { table: string }) => table)).toEqual(['bills', 'customers'])
  } finally {
    await standIn.close()
  }
}, 300_000)
