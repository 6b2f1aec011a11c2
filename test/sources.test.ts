/** Scripts of two databases: each is loaded, checked and examined by its own, and what leads to none is refused. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type postgres from 'postgres'
import { examineSources } from '../lib/commands/examine/sources.ts'
import { readDatabase } from '../lib/config/config.ts'
import { connectPostgres } from '../lib/postgres/client.ts'
import { openProject, type Project, scriptOf } from './support/project.ts'
import { openStandIn, type TestStandIn } from './support/stand-in.ts'
import { temporaryFolder } from './support/temporary.ts'

setDefaultTimeout(300_000)

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

  test('goes by no other variables when the file of them is not there', async () => {
    const child = Bun.spawn([process.execPath, '--env-file=.env.stagin', 'scripts/taxes.ts'], {
      ...{ cwd: project.path, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    })
    const [exit, stderr] = await Promise.all([child.exited, child.stderr.text()])
    expect({ exit, said: messages(stderr) }).toEqual({
      exit: 2,
      said: [expect.stringContaining('Cannot use the variables of ".env.stagin": there is no such file')],
    })
    expect(await standIn.readersSee('taxes')).toBeUndefined()
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

describe('of scripts with different sources', () => {
  test('all loads each from its own, and says first from where to where', async () => {
    const { exit, stdout, stderr } = await project.run(
      'lib/commands/all.ts',
      ['--', '--catalog', 'declared'],
      env,
    )
    expect(exit).toBe(0)
    const said = messages(stderr)
    const at = (start: string) => said.findIndex((line) => line.startsWith(start))
    for (const [name, loaded] of [
      ['DATABASE_URL', '✓ taxes: 2 rows'],
      ['DATABASE_URL_BILLING', '✓ invoices: 4,000 rows'],
    ] as const) {
      const { host, pathname } = new URL(env[name] ?? '')
      const route = at(`from ${host}${pathname} to s3://lake/tables/ and lake, us-east-1, at 127.0.0.1`)
      expect(route).toBeWithin(0, at(loaded))
    }
    expect(stdout).toMatch(/^published\n {2}invoices +4,000 .*\n {2}taxes +2 .*\n$/)
    expect(await standIn.readersSee('taxes')).toMatchObject({ rows: 2 })
  })

  test('all gives its loads no variable of an .env file that lies where it is started', async () => {
    await using folder = await temporaryFolder()
    const { DATABASE_URL_BILLING = '', ...staging } = env
    const lines = Object.entries(staging).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    await Bun.write(join(folder.path, '.env.staging'), lines.join(''))
    await Bun.write(join(folder.path, '.env'), `DATABASE_URL_BILLING=${DATABASE_URL_BILLING}\n`)
    const all = [
      join(project.path, 'lib/commands/all.ts'),
      '--select',
      'invoices',
      '--json',
      '--',
      '--dry-run',
    ]
    const { PATH = '', HOME = '/tmp' } = process.env
    const child = Bun.spawn([process.execPath, '--env-file=.env.staging', ...all], {
      ...{ cwd: folder.path, env: { PATH, HOME }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    })
    expect(JSON.parse(await child.stdout.text()).tables).toMatchObject([
      { exit: 2, error: { summary: expect.stringContaining('DATABASE_URL_BILLING (for source:') } },
    ])
  })

  test('each check asks each for its own', async () => {
    const [counts, schemas, partitions] = await Promise.all(
      ['row-counts', 'schema', 'partitions'].map((name) => project.run(`checks/${name}.ts`, ['--json'], env)),
    )
    expect(JSON.parse(counts?.stdout ?? '').tables).toMatchObject([
      { table: 'invoices', status: 'ok', source: rows.billing, lake: rows.billing },
      { table: 'taxes', status: 'ok', source: 2 },
    ])
    expect(JSON.parse(schemas?.stdout ?? '').tables).toMatchObject([
      { table: 'invoices', status: 'ok', source: 'billing' },
      { table: 'taxes', status: 'ok' },
    ])
    expect(partitions?.exit).toBe(0)
  })

  test('the doctor warns where two variables lead to one database', () => {
    const { DATABASE_URL = '', DATABASE_URL_BILLING = '' } = env
    const before = { ...process.env }
    const examined = (billing: string) => {
      Object.assign(process.env, { DATABASE_URL, DATABASE_URL_BILLING: billing })
      return examineSources([undefined, 'billing', 'shop'])
    }
    try {
      expect(examined(DATABASE_URL_BILLING)).toMatchObject([{ status: 'ok' }])
      expect(examined(DATABASE_URL)).toMatchObject([
        {
          status: 'warning',
          found: expect.stringContaining('DATABASE_URL and DATABASE_URL_BILLING lead to the same'),
        },
      ])
      expect(examineSources(['billing'])).toEqual([])
    } finally {
      for (const name of ['DATABASE_URL', 'DATABASE_URL_BILLING']) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    }
  })

  test('a check tells of the variable that led to the wrong place', async () => {
    const mixed = {
      ...env,
      DATABASE_URL_BILLING: (env['DATABASE_URL'] ?? '').replace(/\/[^/]+$/, '/template1'),
    }
    const [counts, schemas] = await Promise.all(
      ['row-counts', 'schema'].map((name) => project.run(`checks/${name}.ts`, ['--json'], mixed)),
    )
    expect(JSON.parse(counts?.stdout ?? '').error).toMatchObject({
      exit: 2,
      advice: expect.stringContaining('Check which database DATABASE_URL_BILLING names.'),
    })
    expect(JSON.parse(schemas?.stdout ?? '').error).toMatchObject({
      exit: 3,
      advice: expect.stringContaining('check which database DATABASE_URL_BILLING names'),
    })
  })

  test('the doctor examines each, and says of which it speaks', async () => {
    const { DATABASE_URL_BILLING: _, ...missing } = env
    const strange = { ...missing, DRACULA_DATABASE_AUTH_BILING: 'password' }
    const [whole, half] = await Promise.all(
      [env, strange].map((each) => project.run('lib/commands/doctor.ts', ['--json'], each)),
    )
    const found = (run: typeof whole): { check: string; found: string; status: string; fix: string }[] =>
      JSON.parse(run?.stdout ?? '').checks
    expect(
      found(whole).flatMap(({ check, found }) => (/tables$/.test(check) ? [`${check}: ${found}`] : [])),
    ).toEqual([
      expect.stringContaining('billing: postgres tables: 2 of 2 may be read'),
      expect.stringContaining('postgres tables: 1 of 1 may be read'),
    ])
    expect(found(whole).find(({ check }) => check === 'sources')).toMatchObject({ status: 'ok' })
    const roles = found(whole).filter(({ check }) => check.endsWith('postgres role'))
    expect(roles.map(({ fix }) => /postgres-role.*? prints/.exec(fix)?.[0])).toEqual([
      'postgres-role --source billing --role dracula_reader prints',
      'postgres-role --role dracula_reader prints',
    ])
    const postgres = found(half).filter(({ check }) => check.includes('postgres'))
    expect(postgres[0]).toMatchObject({
      check: 'billing: postgres',
      status: 'missing',
      found: expect.stringContaining("DATABASE_URL_BILLING (for source: 'billing' in scripts/invoices.ts)"),
    })
    expect(postgres.at(-1)).toMatchObject({
      check: 'postgres tables',
      found: expect.stringContaining('1 of 1'),
    })
    expect(found(half).find(({ check }) => check === 'environment')?.found).toContain(
      'DRACULA_DATABASE_AUTH_BILING (is it DRACULA_DATABASE_AUTH_BILLING?)',
    )
  })
})

describe('--source', () => {
  test('has policies print what the scripts of a source read there, and nothing else', async () => {
    const role = ['postgres-role', '--role', 'reader']
    const [own, named, none] = await Promise.all(
      [[], ['--source', 'billing'], ['--source', 'shop']].map((more) =>
        project.run('lib/commands/policies.ts', [...role, ...more], env),
      ),
    )
    const granted = (run: typeof own) =>
      [...(run?.stdout ?? '').matchAll(/^ {2}on table (\S+)/gm)].map(([, name]) => name)
    expect(granted(own)).toEqual(['"public"."taxes"'])
    expect(granted(named)).toEqual(['"public"."invoices"', '"public"."rates"'])
    expect(none).toMatchObject({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('"shop": no script has it'),
    })
  })

  test('has new read a database and write its name into the script, beside one of a like table elsewhere', async () => {
    const written = await project.run('lib/commands/new.ts', ['--all', '--source', 'billing'], env)
    expect(written.stderr).toContain('public.invoices has a script already\n')
    const script = (name: string) => Bun.file(join(project.path, 'scripts', `${name}.ts`)).text()
    expect(await script('payments')).toContain("  name: 'payments',\n  source: 'billing',\n  columns: {\n")
    // Those of the other database have a script called taxes.
    expect(await script('taxes_2')).toContain("  name: 'taxes_2',\n  from: 'taxes',\n  source: 'billing',\n")
    await billing`alter table payments add column paid_by text`
    const { exit, stdout } = await project.run('lib/commands/new.ts', ['--diff', 'payments'], env)
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: expect.stringContaining('paid_by: nullable(text),') })
    const both = await project.run('lib/commands/new.ts', ['--diff', 'payments', '--source', 'billing'], env)
    expect(both).toMatchObject({ exit: 2, stderr: expect.stringContaining('do not go together') })
  })

  test.each(['billing-eu', 'Billing', 'billing_file', 'file', ''])(
    'is refused where no source can be called so: %p',
    async (name) => {
      const { exit, stderr } = await project.run('lib/commands/new.ts', ['taxes', '--source', name], env)
      expect({ exit, stderr }).toEqual({
        exit: 2,
        stderr: expect.stringContaining('lower-case letters, digits and underscores'),
      })
    },
  )
})
