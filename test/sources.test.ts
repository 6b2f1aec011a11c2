/** Scripts of two databases: each is loaded, checked and examined by its own, and what leads to none is refused. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type postgres from 'postgres'
import { readDatabase } from '../lib/config/config.ts'
import { connectPostgres } from '../lib/postgres/client.ts'
import { openProject, type Project, scriptOf } from './support/project.ts'
import { openStandIn, type TestStandIn } from './support/stand-in.ts'

setDefaultTimeout(120_000)

/** Same names, other rows: what is read of the wrong database cannot go unseen. */
const rows = { own: 3, billing: 4_000 }

const declared = [
  "columns: { id: integer, currency: text }, source: 'billing',",
  "lookups: { rate: lookup({ from: 'rates', key: 'currency', columns: { currency: text, rate: integer } }) },",
  'derive: { rate: { type: integer, value: (row, { rate }) => rate(row.currency)?.rate ?? 0 } },',
].join('\n')

let standIn: TestStandIn
let billing: postgres.Sql
let project: Project
/** The environment of a shell that has both. */
let env: Record<string, string>

beforeAll(async () => {
  standIn = await openStandIn()
  const { sql } = standIn
  await sql`create database billing`
  const url = new URL(standIn.env['DATABASE_URL'] ?? '')
  url.pathname = '/billing'
  billing = connectPostgres(readDatabase({ DATABASE_URL: url.href }), { max: 1 })
  for (const [database, count, rate] of [
    [sql, rows.own, 1],
    [billing, rows.billing, 7],
  ] as const) {
    await database.unsafe(`
      create table invoices (id integer primary key, currency text not null, note text);
      create table rates (currency text primary key, rate integer not null);
      create table taxes (id integer not null);
      insert into invoices select n, 'EUR', repeat('x', 200) from generate_series(1, ${count}) n;
      insert into rates values ('EUR', ${rate});
      insert into taxes select n from generate_series(1, 2) n;
      analyze`)
  }
  await billing`create table payments (id integer not null, amount numeric(8, 2))`
  env = { ...standIn.env, DATABASE_URL_BILLING: url.href }
  project = await openProject({
    'invoices.ts': scriptOf('invoices', { options: `${declared} ignore: ['note'],` }).replace(
      'columns: { id: integer }, ',
      '',
    ),
    'taxes.ts': scriptOf('taxes'),
  })
  await Bun.write(join(project.path, 'bunfig.toml'), Bun.file(join(import.meta.dir, '../bunfig.toml')))
})

afterAll(async () => {
  await billing?.end({ timeout: 1 })
  await project?.[Symbol.asyncDispose]()
  await standIn?.close()
})

const messages = (stderr: string): string[] =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).message)

describe('a script with a source', () => {
  test('is loaded from there with its lookups, by several threads, as a file of variables says', async () => {
    const text = Object.entries(env).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    await Bun.write(join(project.path, '.env.staging'), text.join(''))
    const { PATH = '', HOME = '/tmp' } = process.env
    const child = Bun.spawn(
      [
        process.execPath,
        '--env-file=.env.staging',
        'scripts/invoices.ts',
        '--catalog',
        'declared',
        '--connections',
        '2',
      ],
      { cwd: project.path, env: { PATH, HOME }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    )
    const [exit, , stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    expect(exit).toBe(0)
    const { host } = new URL(env['DATABASE_URL_BILLING'] ?? '')
    expect(messages(stderr)[0]).toStartWith(
      `from ${host}/billing public.invoices to s3://lake/tables/invoices/ and lake.invoices, us-east-1`,
    )
    expect(await standIn.readersSee('invoices')).toMatchObject({ rows: rows.billing, counted: rows.billing })
  })
  test('without the variable reads nothing: one line names it, its script and the name that was set', async () => {
    const { DATABASE_URL_BILLING: moved = '', ...others } = env
    const misspelt = { ...others, DATABASE_URL_BILING: moved }
    for (const program of ['scripts/invoices.ts', 'checks/row-counts.ts', 'checks/schema.ts']) {
      const { exit, stdout, stderr } = await project.run(program, [], misspelt)
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
      expect(messages(stderr)).toEqual([
        expect.stringContaining(
          "DATABASE_URL_BILLING (for source: 'billing' in scripts/invoices.ts; is DATABASE_URL_BILING meant?) is not set",
        ),
      ])
    }
  })

  test('does not replace what was read from another database when the variables are mixed up', async () => {
    const mixed = { ...env, DATABASE_URL_BILLING: env['DATABASE_URL'] ?? '' }
    const { exit, stderr } = await project.run('scripts/invoices.ts', ['--catalog', 'declared'], mixed)
    expect(exit).toBe(2)
    const last = messages(stderr).at(-1)
    expect(last).toContain('public.invoices of billing on ')
    expect(last).toContain('Check which database DATABASE_URL_BILLING names')
    expect(await standIn.readersSee('invoices')).toMatchObject({ rows: rows.billing, counted: rows.billing })
  })
})
