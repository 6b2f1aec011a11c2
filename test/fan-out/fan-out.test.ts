/** One load that several machines read, whatever becomes of any of them: published once and whole, or not, and then gone. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { DeleteTableCommand } from '@aws-sdk/client-glue'
import { findTable } from '../../lib/aws/glue.ts'
import { getText } from '../../lib/aws/objects.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import invoices from '../../scripts/invoices.ts'
import { download } from '../support/download.ts'
import { openGate } from '../support/gate.ts'
import { needsPostgres } from '../support/needs-postgres.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { type FanOutRun, openFanOut } from './fan-out.ts'

setDefaultTimeout(300_000)

let first: TestStandIn
let standIn: TestStandIn
let run: FanOutRun
beforeAll(async () => {
  first = await openStandIn({ scale: 0.05, tables: ['taxes', 'invoices', 'currencies', 'shippings'] })
})
afterAll(() => first?.close())
beforeEach(async () => {
  standIn = await first.beside()
  run = await openFanOut(standIn, 'taxes')
})
afterEach(async () => {
  standIn.faults.clear()
  standIn.faults.release()
  await run[Symbol.asyncDispose]()
})

/** Its tables have no column to be sliced by. */
const needsRanges = needsPostgres(14, 'TID range scans')
const declared = ['--catalog', 'declared']
const rowsOf = async (table: string) =>
  Number((await standIn.sql`select count(*) from ${standIn.sql(table)}`)[0]?.['count'])

/** All that is there of the table but published loads and their records. */
async function leftBehind(published: readonly (string | undefined)[] = []): Promise<string[]> {
  const { objects, uploads, stagedTables, backends } = await standIn.remains('taxes')
  const others = objects.filter((key) => !published.some((load) => load !== undefined && key.includes(load)))
  return [...others, ...uploads.map((key) => `${key} (upload)`), ...stagedTables, ...backends]
}

/** Waits until a request of this operation is held, and freezes the process that waits for its answer. */
async function freezeAt(process: RunningScript, operation: string): Promise<void> {
  await standIn.faults.held(operation)
  process.kill('SIGSTOP')
  standIn.faults.clear()
  standIn.faults.release()
}

async function kill(process: RunningScript): Promise<void> {
  process.kill('SIGKILL')
  await process.finished
}

needsRanges.describe('a fan-out', () => {
  test('has the rows of a load of one machine, in their order, lookups and computed columns too', async () => {
    await using folder = await temporaryFolder()
    const rowsIn = async (summary: LoadSummary) => {
      const paths = await download(standIn, summary, folder.path)
      const files = await Promise.all(paths.map((path) => readers['hyparquet']!(path, invoices.output)))
      return Object.keys(invoices.output).map((name) => files.flatMap((file) => file[name] ?? []))
    }
    const whole = (await standIn.run('invoices', [...declared, '--fingerprint'])).summary()
    await standIn.aws.glue.send(new DeleteTableCommand({ DatabaseName: 'lake', Name: 'invoices' }))
    await using parted = await openFanOut(standIn, 'invoices', 4)
    const holder = await parted.hold('start', { more: ['--fingerprint'] })
    const slices = await Promise.all([0, 1, 2, 3].map((slice) => parted.start('slice', { slice }).finished))
    expect(slices.map(({ exit, stderr }) => [exit, exit === 0 ? '' : stderr])).toEqual(
      slices.map(() => [0, '']),
    )
    const finished = await parted.start('finish').finished
    const summary = finished.summary()
    expect(summary).toMatchObject({
      published: true,
      rows: whole.rows,
      rows_read: whole.rows_read,
      warnings: [],
    })
    expect(summary.lookups).toEqual(whole.lookups)
    expect(summary.files).toHaveLength(4)
    const live = await findTable(standIn.aws, { database: 'lake', table: 'invoices' })
    expect(live?.Description).toBe("One row per invoice or credit note; a credit's amounts are negative.")
    expect(await rowsIn(summary)).toEqual(await rowsIn(whole))
    const record = async (load: string) =>
      JSON.parse(await getText(standIn.aws, { bucket: 'lake', key: `tables/invoices/_loads/${load}.json` }))
    const recorded = await record(summary.load)
    expect(recorded.fingerprint).toEqual((await record(whole.load)).fingerprint)
    expect(recorded.slicing).toMatchObject({ connections: 4, slices: 4, by: 'blocks' })
    expect(recorded.xmin_held_s).toBeGreaterThan(0)
    holder.kill('SIGTERM')
    expect(await holder.finished).toMatchObject({ exit: 0 })
    expect(JSON.parse((await parted.start('clear').finished).stdout)).toMatchObject({ outcome: 'published' })
    const { objects } = await standIn.remains('invoices')
    expect(objects.filter((key) => key.startsWith('_slices/'))).toEqual([])
    expect(await standIn.readersSee('invoices')).toMatchObject({ load: summary.load, counted: whole.rows })
  })

  test('sees one moment, whatever is written while it is read', async () => {
    const before = await rowsOf('taxes')
    const holder = await run.hold()
    await run.read([2])
    await standIn.sql`insert into taxes (id, amount, percent_rate) select max(id) + 1, 1, 1 from taxes`
    await run.read([0, 1])
    expect((await run.run('finish')).summary()).toMatchObject({ rows: before })
    await run.end(holder)
    expect(await standIn.readersSee('taxes')).toMatchObject({ rows: before, counted: before })
  })

  test('keeps a stored view from being refreshed between two slices', async () => {
    await standIn.sql`alter table taxes rename to stored_taxes`
    await standIn.sql`create materialized view taxes as table stored_taxes`
    try {
      const holder = await run.hold()
      await run.read([0])
      const refresh = standIn.sql.begin(async (sql) => {
        await sql`set local lock_timeout to '200ms'`
        await sql`refresh materialized view taxes`
      })
      await expect(refresh).rejects.toThrow('lock timeout')
      await run.read([1, 2])
      expect((await run.run('finish')).summary()).toMatchObject({ rows: await rowsOf('taxes') })
      await run.end(holder)
    } finally {
      await standIn.sql`drop materialized view taxes`
      await standIn.sql`alter table stored_taxes rename to taxes`
    }
  })

  test('is told that Postgres has too few connections for so many machines, before they come', async () => {
    const [role] = await standIn.sql`select quote_ident(current_user) as name`
    await standIn.sql.unsafe(`alter role ${role?.['name']} connection limit 1`)
    try {
      const holder = await run.hold()
      await run.end(holder)
      const told = '3 machines are to read it, with two connections each, and Postgres has room for 0 more'
      expect(holder.stderr()).toContain(told)
    } finally {
      await standIn.sql.unsafe(`alter role ${role?.['name']} connection limit -1`)
    }
  })

  test('is one slice where a lookup may give each machine something else', async () => {
    await standIn.sql`alter table currencies rename to stored_currencies`
    await standIn.sql`create view currencies as select * from stored_currencies where created_at < now()`
    try {
      await using parted = await openFanOut(standIn, 'invoices', 4)
      const holder = await parted.hold()
      expect(holder.stderr()).toContain('ready: 1 slices may be read')
      await parted.end(holder)
    } finally {
      await standIn.sql`drop view currencies`
      await standIn.sql`alter table stored_currencies rename to currencies`
    }
  })

  test('ends where a table is attached between two slices, and says why', async () => {
    const holder = await run.hold()
    await run.read([0])
    await standIn.sql`create table heir (like taxes)`
    await standIn.sql`alter table heir inherit taxes`
    try {
      const { exit, message } = await run.run('slice', { slice: 1 })
      expect({ exit, message }).toEqual({ exit: 2, message: expect.stringContaining('"heir" was attached') })
      await run.end(holder)
      expect(await leftBehind()).toEqual([])
    } finally {
      await standIn.sql`drop table heir`
    }
  })

  test('has machines that find nothing to read where there are fewer slices than were asked for', async () => {
    const holder = await run.hold()
    const { exit, stdout } = await run.run('slice', { slice: 3 })
    expect({ exit, ...JSON.parse(stdout) }).toMatchObject({ exit: 0, slices: 3, recorded: false, rows: null })
    await run.end(holder)
    expect(await leftBehind()).toEqual([])
  })

  test('is recorded, kept and rolled back as any load', async () => {
    const before = (await standIn.run('taxes', declared)).summary().load
    const holder = await run.hold()
    await run.read()
    const { load } = (await run.run('finish')).summary()
    await run.end(holder)
    const { stdout } = await standIn.run('lib/commands/loads.ts', ['taxes'])
    expect(stdout).toContain(load)
    expect(await standIn.run('lib/commands/rollback.ts', ['taxes'])).toMatchObject({ exit: 0 })
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: before })
    await using pinned = await openFanOut(standIn, 'taxes')
    await expect(pinned.hold()).rejects.toThrow('it is pinned to load')
    expect(await standIn.run('lib/commands/rollback.ts', ['taxes', load])).toMatchObject({ exit: 0 })
    expect(await standIn.readersSee('taxes')).toMatchObject({ load })
    expect(await leftBehind([before, load, '_rollbacks/'])).toEqual([])
  })
})

needsRanges.describe('a holder', () => {
  let before: string
  beforeEach(async () => {
    before = (await standIn.run('taxes', declared)).summary().load
  })

  /** Readers see what they did, and once all is cleared away nothing else is there. */
  async function expectNothingPublished(): Promise<void> {
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: before })
    expect(JSON.parse((await run.run('clear')).stdout)).toMatchObject({ outcome: 'discarded' })
    expect(await leftBehind([before])).toEqual([])
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: before, counted: await rowsOf('taxes') })
  }

  test('that is lost ends a slice that has not begun, for good', async () => {
    await kill(await run.hold('start'))
    const { exit, message } = await run.run('slice')
    expect({ exit, message }).toEqual({ exit: 2, message: expect.stringContaining('its snapshot is gone') })
    await expectNothingPublished()
  })

  test('that is lost while slices are read leaves them unpublished, and a TRUNCATE after it too', async () => {
    const holder = await run.hold('start')
    await run.read([0, 1])
    standIn.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
    const last = run.start('slice', { slice: 2 })
    await standIn.faults.held('UploadPart')
    await kill(holder)
    standIn.faults.clear()
    standIn.faults.release()
    expect((await last.finished).exit).toBe(0)
    await standIn.sql.begin(async (sql) => {
      await sql`create table kept as table taxes`
      await sql`truncate taxes`
      await sql`insert into taxes table kept`
      await sql`drop table kept`
    })
    const { exit, message } = await run.run('finish')
    expect({ exit, message }).toEqual({
      exit: 2,
      message: expect.stringContaining('was lost before COMMIT'),
    })
    await expectNothingPublished()
  })

  test('that is lost just as it is to commit publishes nothing', async () => {
    const holder = await run.hold('start')
    await run.read()
    holder.kill('SIGSTOP')
    const finishing = run.run('finish')
    await until(async () =>
      (await standIn.remains('taxes')).objects.some((key) => key.endsWith('/commit.json')),
    )
    await kill(holder)
    expect(await finishing).toMatchObject({ exit: 2 })
    await expectNothingPublished()
  })

  test('that is told to stop before it may commit says so to the others', async () => {
    const holder = await run.hold()
    holder.kill('SIGTERM')
    expect((await holder.finished).exit).toBe(1)
    for (const step of ['slice', 'finish'] as const) {
      const { exit, message } = await run.run(step)
      expect({ exit, message }).toEqual({ exit: 2, message: expect.stringContaining('ended: Cannot finish') })
    }
    await expectNothingPublished()
  })

  test('whose connection is killed ends, and all with it', async () => {
    const holder = await run.hold()
    await run.read()
    await standIn.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'dracula/taxes/%'`
    const { exit, message } = await run.run('finish')
    expect({ exit, message }).toEqual({ exit: 2, message: expect.stringContaining('has ended: Cannot') })
    expect((await holder.finished).exit).toBe(1)
    await expectNothingPublished()
  })

  test('lets a migration pass that waits behind it, and the slices let it pass too', async () => {
    const holder = await run.hold('begin', { more: ['--yield-after', '300ms'] })
    standIn.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
    const slice = run.run('slice')
    await standIn.faults.held('UploadPart')
    await standIn.sql`alter table taxes add column extra_of_a_migration integer`
    await standIn.sql`alter table taxes drop column extra_of_a_migration`
    expect(await holder.finished).toMatchObject({
      exit: 1,
      message: expect.stringContaining('it let process'),
    })
    standIn.faults.clear()
    standIn.faults.release()
    expect((await slice).message).toContain('it let process')
    await expectNothingPublished()
  })

  test('is refused a name that was used before, and the one that has it goes on', async () => {
    const holder = await run.hold()
    const again = await run.run('hold')
    expect(again).toMatchObject({
      exit: 2,
      message: expect.stringContaining('was opened under that name before'),
    })
    await run.read()
    expect(await run.run('finish')).toMatchObject({ exit: 0 })
    await run.end(holder)
  })
})

needsRanges.describe('a slice', () => {
  test('that is lost is read again, and what it has uploaded goes', async () => {
    const holder = await run.hold()
    standIn.faults.add({ operation: 'UploadPart', action: { kind: 'hold answer' } })
    const lost = run.start('slice', { slice: 1 })
    await standIn.faults.held('UploadPart')
    await kill(lost)
    standIn.faults.clear()
    standIn.faults.release()
    await run.read()
    const { load } = (await run.run('finish')).summary()
    expect((await standIn.remains('taxes')).uploads).toEqual([])
    await run.end(holder)
    expect(await leftBehind([load])).toEqual([])
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: await rowsOf('taxes') })
  })

  // Found by `bun run torture`: the server was shut down at that moment.
  test('whose connection breaks once it has joined the snapshot says so in a line, and is read again', async () => {
    const holder = await run.hold()
    await using gate = await openGate(standIn.env['DATABASE_URL']!, { at: 'pg_backend_pid' })
    await using broken = await openFanOut(standIn, 'taxes', 3, { DATABASE_URL: gate.url })
    const reading = broken.run('slice', { uid: run.uid })
    await gate.reached
    gate.cut()
    const { exit, message } = await reading
    expect({ exit, message }).toEqual({
      exit: 1,
      message: expect.stringContaining('Cannot read "public.taxes": the connection broke'),
    })
    await run.read()
    expect((await run.run('finish')).exit).toBe(0)
    await run.end(holder)
  })

  test('that runs twice at once is recorded once', async () => {
    const holder = await run.hold()
    const twice = await run.read([0, 1, 1, 2, 1])
    expect(twice.filter(({ stdout }) => JSON.parse(stdout).recorded)).toHaveLength(3)
    expect((await standIn.remains('taxes')).uploads).toHaveLength(3)
    expect((await run.read([1]))[0]?.message).toContain('was recorded before')
    const { load } = (await run.run('finish')).summary()
    await run.end(holder)
    expect(await leftBehind([load])).toEqual([])
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: await rowsOf('taxes') })
  })

  test.each([
    ['goes on', 'SIGCONT'],
    ['records it and is killed', 'SIGKILL'],
  ])('that was frozen and %s when all is published changes nothing', async (_, what) => {
    const holder = await run.hold()
    standIn.faults.add({ operation: 'UploadPart', action: { kind: 'hold answer' } })
    const zombie = run.start('slice')
    await freezeAt(zombie, 'UploadPart')
    await run.read()
    const { load } = (await run.run('finish')).summary()
    await run.end(holder)
    const seen = await standIn.readersSee('taxes')
    if (what === 'SIGCONT') {
      zombie.kill('SIGCONT')
      const { exit, message } = await zombie.finished
      // Its uploads were dropped when the load was published.
      expect(exit).toBeGreaterThan(0)
      expect(message).toContain('the slice is not recorded')
      expect(await leftBehind([load])).toEqual([])
    } else {
      // It records in the moment before it looks whether it is still wanted.
      standIn.faults.add({ operation: 'GetObject', match: '_slices/', after: 0, action: { kind: 'hold' } })
      const late = await openLate(load)
      await kill(zombie)
      await late()
      standIn.faults.clear()
      standIn.faults.release()
    }
    expect(await standIn.readersSee('taxes')).toEqual(seen)
    const next = (await standIn.run('taxes', declared)).summary().load
    expect(await leftBehind([load, next])).toEqual([])
  })

  /** What a machine leaves that is killed just after it has recorded its slice. */
  async function openLate(load: string): Promise<() => Promise<void>> {
    const { openHive } = await import('../../lib/lake/hive/hive.ts')
    const { lakeConfig } = await import('../support/aws.ts')
    const taxes = (await import('../../scripts/taxes.ts')).default
    const lake = openHive({ aws: standIn.aws, config: lakeConfig, table: 'taxes' })
    const signal = new AbortController().signal
    return async () => {
      const draft = lake.draft({ load, table: taxes, current: { kind: 'absent' }, signal })
      const file = draft.openUnfinished('taxes-s00-00000.parquet')
      await file.write(new Uint8Array(100))
      const unfinished = await file.leave()
      await lake.fanOut(run.uid, signal).writeNote(load, 'slice-0', JSON.stringify({ unfinished }))
      expect((await leftBehind([])).length).toBeGreaterThan(1)
    }
  }

  test('of a name that nobody has opened ends, with nothing to try again', async () => {
    for (const step of ['slice', 'finish'] as const) {
      const { exit, message } = await run.run(step, { uid: 'another' })
      expect({ exit, message }).toEqual({
        exit: 2,
        message: expect.stringContaining('no load of taxes is open under that name'),
      })
    }
    expect(JSON.parse((await run.run('clear', { uid: 'another' })).stdout)).toMatchObject({
      outcome: 'nothing',
    })
  })
})

needsRanges.describe('finish', () => {
  test('publishes nothing while a slice has no record, and all once it has', async () => {
    const holder = await run.hold()
    await run.read([0, 2])
    const early = await run.run('finish')
    expect(early).toMatchObject({
      exit: 1,
      message: expect.stringContaining('slice 1 of 0 to 2 has no record'),
    })
    expect(await standIn.readersSee('taxes')).toBeUndefined()
    expect(holder.exitCode).toBeNull()
    await run.read([1])
    expect((await run.run('finish')).summary()).toMatchObject({ published: true })
    await run.end(holder)
  })

  test('publishes once, however often it is run', async () => {
    const holder = await run.hold()
    await run.read()
    const once = (await run.run('finish')).summary()
    const twice = (await run.run('finish')).summary()
    expect(twice).toMatchObject({ load: once.load, rows: once.rows, published: true })
    const newer = (await standIn.run('taxes', declared)).summary().load
    // The load after it has taken away its notes.
    expect(await run.run('finish')).toMatchObject({ exit: 2 })
    await run.end(holder)
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: newer })
    expect(await leftBehind([once.load, newer])).toEqual([])
  })

  test('that runs twice at once publishes once', async () => {
    const holder = await run.hold()
    await run.read()
    const ends = await Promise.all([run.run('finish'), run.run('finish')])
    // One may find that the other has just removed what it was counting in.
    for (const { exit } of ends) expect([0, 1]).toContain(exit ?? -1)
    const { load, rows } = (await run.run('finish')).summary()
    await run.end(holder)
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, rows, counted: rows })
    expect(await leftBehind([load])).toEqual([])
  })

  test.each([
    ['CompleteMultipartUpload', 'hold answer'],
    ['CreateTable', 'hold'],
    ['CreateTable', 'hold answer'],
  ] as const)('that is killed at %s (%s) is run again, and settles it', async (operation, kind) => {
    const holder = await run.hold()
    await run.read()
    // The second table that is made is the published one.
    const after = operation === 'CreateTable' ? 1 : 0
    standIn.faults.add({ operation, after, action: { kind } })
    const lost = run.start('finish')
    await standIn.faults.held(operation)
    await kill(lost)
    standIn.faults.clear()
    standIn.faults.release()
    const { load, rows } = (await run.run('finish')).summary()
    await run.end(holder)
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, rows, counted: rows })
    expect(await leftBehind([load])).toEqual([])
  })

  test.each([
    ['has completed its files', 'CompleteMultipartUpload', '', 'hold answer', 4, 'is gone'],
    ['says that it may publish', 'PutObject', 'publishing-', 'hold', 2, 'it has been cleared away'],
  ] as const)(
    'that is cleared away when it %s does not publish',
    async (_, operation, match, kind, code, said) => {
      const holder = await run.hold()
      await run.read()
      const after = match === '' ? 2 : 0
      standIn.faults.add({ operation, match, after, action: { kind } })
      const finishing = run.start('finish')
      await standIn.faults.held(operation)
      finishing.kill('SIGSTOP')
      holder.kill('SIGTERM')
      await holder.finished
      expect(JSON.parse((await run.run('clear')).stdout)).toMatchObject({ outcome: 'discarded' })
      standIn.faults.clear()
      standIn.faults.release()
      finishing.kill('SIGCONT')
      const { exit, message } = await finishing.finished
      expect({ exit, message }).toEqual({ exit: code, message: expect.stringContaining(said) })
      expect(await standIn.readersSee('taxes')).toBeUndefined()
      expect(await leftBehind()).toEqual([])
    },
  )

  test('that may be publishing is not cleared away', async () => {
    const holder = await run.hold()
    await run.read()
    standIn.faults.add({ operation: 'CreateTable', after: 1, action: { kind: 'hold' } })
    const finishing = run.start('finish')
    await standIn.faults.held('CreateTable')
    holder.kill('SIGTERM')
    await holder.finished
    expect(JSON.parse((await run.run('clear')).stdout)).toMatchObject({ outcome: 'left' })
    standIn.faults.clear()
    standIn.faults.release()
    const { load, rows } = (await finishing.finished).summary()
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: rows })
  })

  test('gives way to a newer snapshot that was published meanwhile, and nothing is left of it', async () => {
    const holder = await run.hold()
    await run.read()
    await using other = await openFanOut(standIn, 'taxes')
    await standIn.sql`insert into taxes (id, amount, percent_rate) select max(id) + 1, 1, 1 from taxes`
    const second = await other.hold()
    await other.read()
    const newer = (await other.run('finish')).summary()
    const { exit, message } = await run.run('finish')
    expect({ exit, message }).toEqual({ exit: 1, message: expect.stringContaining('of a newer snapshot') })
    await Promise.all([run.end(holder), other.end(second)])
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: newer.load, counted: newer.rows })
    expect(await leftBehind([newer.load])).toEqual([])
  })

  test('publishes nothing where most rows are gone, or the lake counts others than were written', async () => {
    const before = (await standIn.run('taxes', declared)).summary()
    await standIn.sql`create table kept as table taxes`
    await standIn.sql`delete from taxes where id > 3`
    try {
      const holder = await run.hold()
      await run.read()
      const few = await run.run('finish')
      expect(few).toMatchObject({ exit: 4, message: expect.stringContaining('% fewer') })
      await run.end(holder)
    } finally {
      await standIn.sql`truncate taxes`
      await standIn.sql`insert into taxes table kept`
      await standIn.sql`drop table kept`
    }
    await using other = await openFanOut(standIn, 'taxes')
    const holder = await other.hold()
    await other.read()
    standIn.faults.add({ operation: 'StartQueryExecution', action: { kind: 'wrong count', by: 1 } })
    expect(await other.run('finish')).toMatchObject({ exit: 4 })
    standIn.faults.clear()
    await other.end(holder)
    expect(await leftBehind([before.load])).toEqual([])
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: before.load, counted: before.rows })
  })
})

test('a step is told in one line what is wrong with its flags', async () => {
  const start = (...args: string[]) => standIn.run('lib/commands/fan-out.ts', args)
  for (const [args, said] of [
    [['jump', 'taxes'], 'there is no step'],
    [['hold', 'taxes', '--fan-out', 'a'], '--slices'],
    [['hold', 'taxes', '--fan-out', 'a/b', '--slices', '2'], 'letters, digits'],
    [['hold', 'taxes', '--fan-out', 'a', '--slices', '2', '--limit', '5'], 'no --dry-run'],
    [['hold', 'taxes', '--fan-out', 'a', '--slices', '2', '--connections', '5'], 'no --connections'],
    [['slice', 'taxes', '--fan-out', 'a', '--slice', '-1'], '0 or more'],
    [['finish', 'taxis', '--fan-out', 'a'], 'no script has that name'],
    [['clear', 'taxes'], '--fan-out'],
  ] as const) {
    const { exit, message, stderr } = await start(...args)
    expect({ args, exit, message, lines: stderr.trim().split('\n').length }).toEqual({
      ...{ args, exit: 2, lines: 1 },
      message: expect.stringContaining(said),
    })
  }
})
