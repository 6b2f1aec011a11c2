/** `bun run all` and `bun run check`: every table, each load a process of its own. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { openWebhook } from '../support/webhook.ts'

setDefaultTimeout(300_000)

const seeded = ['currencies', 'inventories', 'notes', 'taxes']
const all = 'lib/commands/all.ts'
const check = 'lib/commands/check.ts'

let standIn: TestStandIn

beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.01, tables: seeded })
})

afterAll(() => standIn?.close())

/** Without --json, as at the end of a pipe. */
async function forPeople(command: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../..', command), ...args], {
    cwd: '/',
    env: standIn.env,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  const lines: { message: string; table?: string }[] = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { exit, stdout, lines }
}

const select = (...names: string[]) => ['--select', names.join(',')]

describe('bun run all', () => {
  test('loads what is selected, passes the flags on, and lists what was published', async () => {
    const { exit, stdout, lines } = await forPeople(
      all,
      ...select('taxes,cur*', 'notes'),
      ...['--exclude', 'n*', '--', '--catalog', 'declared', '--codec', 'gzip', '--fingerprint'],
    )
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^published\n {2}currencies +2,000 .*\n {2}taxes +600 .*\n$/)
    const [route, ...loaded] = lines
    const { host, pathname } = new URL(standIn.env['DATABASE_URL'] ?? '')
    expect(route?.message).toStartWith(
      `from ${host}${pathname} to s3://lake/tables/ and lake, us-east-1, at 127.0.0.1`,
    )
    expect(loaded.map(({ table }) => table).toSorted()).toEqual(['currencies', 'taxes'])
    expect(lines.find(({ table }) => table === 'taxes')?.message).toStartWith('✓ taxes: 600 rows, ')
    expect(await standIn.readersSee('taxes')).toMatchObject({ rows: 600, counted: 600 })
    expect(await standIn.readersSee('notes')).toBeUndefined()
  })

  test('takes the flags of a load without -- too, as bun run swallows the first', async () => {
    const { exit, stdout } = await standIn.run(all, ['--limit', '3', ...select('taxes')])
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: 'all',
      ok: true,
      tables: [{ table: 'taxes', exit: 0, summary: { dry_run: true, rows: 3, published: false } }],
    })
  })

  test.each([
    [['--fingerprin'], "unknown option '--fingerprin'"],
    [['taxes'], 'too many arguments'],
    [['--parallel', '0'], 'greater than 0'],
    [['--stuck-after', '1s'], '5s or more'],
    [['--select', 'taxis'], '"taxis": no script has such a name. Do: Known are: '],
    [['--exclude', '*'], 'nothing is left'],
    [['--select', 'a,,b'], 'It is a list'],
  ])('%p is refused before anything starts', async (args, message) => {
    const { exit, stdout, message: said } = await standIn.run(all, args)
    expect(exit).toBe(2)
    expect(said).toStartWith('all: nothing was started. ')
    expect(said).toContain(message)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, tables: [], error: { exit: 2 } })
  })

  test('one that fails does not stop the others; it says why and exits with the worst code', async () => {
    await standIn.sql`alter table notes rename to notes_elsewhere`
    await standIn.sql`alter table inventories add column unheard_of integer`
    try {
      const { exit, stdout, lines } = await forPeople(all, ...select(...seeded), '--catalog', 'declared')
      expect(exit).toBe(3)
      expect(stdout).toMatch(/^published\n {2}currencies .*\n {2}inventories .*\n {2}taxes .*$/m)
      expect(stdout).toMatch(
        /^not published\n {2}notes +exit 3 +Cannot read the table "public\.notes": the database has no such table\. .+$/m,
      )
      // What loads warn of, too.
      const warned = 'unheard_of of public.inventories is not exported'
      expect(stdout).toMatch(new RegExp(`^warned of\\n {2}inventories +${warned}`, 'm'))
      expect(lines.filter(({ message }) => message.startsWith(`inventories: ${warned}`))).toHaveLength(1)
      expect(lines.at(-1)?.message).toStartWith(
        'all: not everything was published. Cause: 1 of 4 failed: notes (3). Do: ',
      )
      expect(await standIn.readersSee('inventories')).toMatchObject({ rows: 500 })
    } finally {
      await standIn.sql`alter table notes_elsewhere rename to notes`
      await standIn.sql`alter table inventories drop column unheard_of`
    }
  })

  test('the environment is told to be incomplete once per table, exit code 2', async () => {
    const { exit, stdout } = await standIn.run(all, select('taxes', 'notes'), { DRACULA_S3_URI: undefined })
    expect(exit).toBe(2)
    const { tables } = JSON.parse(stdout)
    expect(tables).toMatchObject([{ exit: 2 }, { exit: 2 }])
    expect(tables[0].error.summary).toContain('DRACULA_S3_URI')
  })

  // Only there a process can be asked for its children.
  const onLinux = test.skipIf(process.platform !== 'linux')
  onLinux('a process that is killed takes its own table with it, and no other', async () => {
    await standIn.sql.begin(async (sql) => {
      await sql`lock table notes in access exclusive mode`
      const flags = ['--parallel', '1', ...select('currencies', 'notes', 'taxes'), '--catalog', 'declared']
      await using webhook = openWebhook()
      const running = standIn.start(all, flags, { DRACULA_WEBHOOK: webhook.url })
      const waiting = () =>
        standIn.sql`select 1 from pg_stat_activity where application_name like 'dracula/notes/%' and wait_event_type = 'Lock'`
      await until(async () => (await waiting()).length > 0)
      const children = await Bun.file(`/proc/${running.pid}/task/${running.pid}/children`).text()
      for (const pid of children.trim().split(' ')) process.kill(Number(pid), 'SIGKILL')
      const { exit, stdout } = await running.finished
      expect(exit).toBe(5)
      expect(JSON.parse(stdout)).toMatchObject({
        tables: [
          { table: 'currencies', exit: 0 },
          { table: 'notes', exit: 5, error: { summary: expect.stringContaining('its process was killed') } },
          { table: 'taxes', exit: 0, summary: { rows: 600 } },
        ],
      })
      // It could not tell itself.
      expect(webhook.taken()).toMatchObject({
        events: [{ event: 'failing', table: 'notes', exit: 5, retry: 'settles it' }],
      })
    })
  })

  test('interrupted, it stops what runs, starts nothing more, and still says how each ended', async () => {
    await standIn.sql.begin(async (sql) => {
      await sql`lock table notes in access exclusive mode`
      const flags = ['--parallel', '1', ...select('notes', 'taxes'), '--catalog', 'declared']
      const running = standIn.start(all, flags)
      const waiting = () =>
        standIn.sql`select 1 from pg_stat_activity where application_name like 'dracula/notes/%' and wait_event_type = 'Lock'`
      await until(async () => (await waiting()).length > 0)
      running.kill('SIGINT')
      const { exit, stdout } = await running.finished
      expect(exit).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        tables: [
          { table: 'notes', exit: 1, error: { summary: expect.stringContaining('interrupted by SIGTERM') } },
          { table: 'taxes', exit: 1, error: { summary: expect.stringContaining('not started') } },
        ],
      })
      expect(await standIn.remains('notes')).toMatchObject({ uploads: [], backends: [] })
    })
  })
})

describe('bun run check', () => {
  beforeAll(async () => {
    const args = [...select(...seeded), '--catalog', 'declared', '--fingerprint']
    expect((await standIn.run(all, args)).exit).toBe(0)
    expect((await standIn.run('notes', ['--catalog', 'declared'])).exit).toBe(0)
  })

  test('runs every check for every table', async () => {
    const { exit, stdout, lines } = await forPeople(check, ...select(...seeded))
    expect(stdout).toMatch(/^ {2}table +schema +row-counts +freshness +columns$/m)
    expect(stdout).toMatch(/^ {2}taxes +ok +ok +ok$/m)
    expect(stdout).toMatch(/^ {2}notes +ok +ok +no fingerprint$/m)
    expect(lines.map(({ message }) => message).toSorted()).toEqual([
      '✓ columns',
      '✓ freshness',
      '✓ row-counts',
      '✓ schema',
    ])
    expect(exit).toBe(0)
  })

  test('--require-fingerprint lets no table pass without', async () => {
    const { exit, message } = await standIn.run(check, [...select(...seeded), '--require-fingerprint'])
    expect(exit).toBe(2)
    expect(message).toContain('notes: its load has recorded no fingerprint')
  })

  test('a difference in one check does not keep the others from running, and the worst code wins', async () => {
    await standIn.sql`alter table taxes add column unheard_of integer`
    await standIn.sql`delete from taxes where id % 2 = 0`
    const { exit, stdout } = await standIn.run(check, select('taxes', 'notes'))
    expect(exit).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: 'check',
      ok: false,
      checks: {
        schema: { ok: false, error: { exit: 3 } },
        'row-counts': { ok: false, error: { exit: 4 } },
        columns: { ok: true },
      },
    })
    const people = await forPeople(check, ...select('taxes', 'notes'))
    expect(people.stdout).toMatch(/^ {2}taxes +DIFFERS +DIFFERS +ok$/m)
    expect(people.stdout).toContain('taxes (schema): unheard_of is not in the script')
  })
})
