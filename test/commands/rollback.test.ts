/** `bun run rollback`: an earlier load is published again, whole and counted, and stays until it is unpinned. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getText } from '../../lib/aws/objects.ts'
import type { Rule } from '../../lib/local/aws/faults.ts'
import { openScripts } from '../load/own-scripts.ts'
import { denied } from '../support/denied.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

const rollback = 'lib/commands/rollback.ts'
const args = ['--catalog', 'declared']

let first: TestStandIn

beforeAll(async () => {
  first = await openStandIn({ scale: 0.001, tables: ['taxes', 'notes'] })
})

afterAll(() => first?.close())

interface Lake {
  readonly lake: TestStandIn
  /** Loads of `taxes`, oldest first, each of one row more than the one before; the last is published. */
  readonly loads: readonly { readonly load: string; readonly rows: number }[]
}

/** A lake of the test's own, so that its faults are. */
async function lakeWith(count: number): Promise<Lake> {
  const lake = await first.beside()
  const loads: Lake['loads'][number][] = []
  for (let at = 0; at < count; at++) {
    await lake.sql`insert into taxes (id, amount, percent_rate) select max(id) + 1, 1, 1 from taxes`
    loads.push((await lake.run('taxes', args)).summary())
  }
  return { lake, loads }
}

/** Names of the loads and rollbacks that there is anything of. */
async function namesIn(lake: TestStandIn): Promise<{ loads: Set<string>; rollbacks: readonly string[] }> {
  const { objects } = await lake.remains('taxes')
  const [rollbacks, others] = [true, false].map((wanted) =>
    objects.filter((key) => key.startsWith('_rollbacks/') === wanted),
  )
  const names = (others ?? []).map((key) => key.replace('_loads/', '').replace(/[./].*/, ''))
  return { loads: new Set(names), rollbacks: rollbacks ?? [] }
}

describe('bun run rollback', () => {
  test('publishes the load before again, records it, and pins the table until it is unpinned', async () => {
    const { lake, loads } = await lakeWith(2)
    const [older, newer] = loads
    const { exit, stdout } = await lake.run(rollback, ['taxes', '--reason', 'rates  of\nyesterday'])
    expect(exit).toBe(0)
    const { rollback: id, pinned_at, ...said } = JSON.parse(stdout)
    expect(said).toMatchObject({ ok: true, load: older?.load, rows: older?.rows, replaced: newer?.load })
    const seen = await lake.readersSee('taxes')
    expect(seen).toMatchObject({ load: older?.load, rows: older?.rows, counted: older?.rows })
    expect(seen?.parameters).toMatchObject({
      'dracula.pinned': pinned_at,
      'dracula.pinned_by': id,
      'dracula.pinned_why': 'rates of yesterday',
    })
    const record = await getText(lake.aws, { bucket: 'lake', key: `tables/taxes/_rollbacks/${id}.json` })
    expect(JSON.parse(record)).toEqual({
      version: 1,
      table: 'taxes',
      rollback: id,
      at: pinned_at,
      load: older?.load,
      replaces: newer?.load,
      reason: 'rates of yesterday',
    })
    expect((await lake.remains('taxes')).stagedTables).toEqual([])
    expect(await lake.run('checks/row-counts.ts', ['taxes', '--source-count', 'none'])).toMatchObject({
      exit: 0,
    })

    // Nobody listens there: the pin is seen before Postgres is asked.
    const nobody = { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }
    const stopped = await lake.run('taxes', args, nobody)
    expect(stopped.exit).toBe(2)
    expect(stopped.message).toStartWith(`taxes: not published; readers still see load ${older?.load} `)
    expect(stopped.message).toContain(
      `it is pinned to load ${older?.load} since ${pinned_at} by the rollback ${id} ("rates of yesterday")`,
    )
    expect(stopped.message).toEndWith('bun run rollback taxes --unpin Retry: no.')
    const all = await lake.run('lib/commands/all.ts', ['--select', 'taxes,notes', ...args])
    expect(JSON.parse(all.stdout)).toMatchObject({
      tables: [
        { table: 'notes', exit: 0 },
        { table: 'taxes', exit: 2, error: { summary: expect.stringContaining('is pinned to load') } },
      ],
    })

    const unpinned = await lake.run(rollback, ['taxes', '--unpin'])
    expect(JSON.parse(unpinned.stdout)).toMatchObject({ ok: true, unpinned: true, load: older?.load })
    const { parameters, ...rest } = (await lake.readersSee('taxes')) ?? {}
    const { parameters: pinned, ...same } = seen ?? {}
    expect(rest).toEqual(same)
    expect(parameters).toEqual(
      Object.fromEntries(Object.entries(pinned ?? {}).filter(([name]) => !name.includes('pinned'))),
    )
    expect(JSON.parse((await lake.run(rollback, ['taxes', '--unpin'])).stdout)).toMatchObject({
      ok: true,
      unpinned: false,
    })
    const next = (await lake.run('taxes', args)).summary()
    expect(await lake.readersSee('taxes')).toMatchObject({ load: next.load, counted: next.rows })
  })

  test('goes back further, to a load by its name, forward again, and stays where it is told to', async () => {
    const { lake, loads } = await lakeWith(3)
    const to = async (...names: string[]) => {
      const { exit, stdout } = await lake.run(rollback, ['taxes', ...names])
      expect(exit).toBe(0)
      const { load, counted } = (await lake.readersSee('taxes')) ?? {}
      expect(JSON.parse(stdout).load).toBe(load)
      const at = loads.findIndex((each) => each.load === load)
      expect(counted).toBe(loads[at]?.rows)
      return at
    }
    const [oldest = '', , newest = ''] = loads.map(({ load }) => load)
    expect([await to(), await to(), await to(newest), await to(oldest), await to(oldest)]).toEqual([
      1, 0, 2, 0, 0,
    ])
    expect((await namesIn(lake)).rollbacks).toHaveLength(5)
  })

  test('readers get the columns of that load back too, and those of the next one after it', async () => {
    const lake = await first.beside()
    const scripts = await openScripts()
    const loadOf = async (columns: string) => {
      const script = await scripts.write('ledger', columns, "from: 'taxes'")
      expect((await lake.run(script, args)).exit).toBe(0)
      return lake.readersSee('ledger')
    }
    const narrow = await loadOf('id: integer')
    const wide = await loadOf('id: bigint, amount: nullable(numeric(18, 6))')
    expect((await lake.run(rollback, ['ledger'])).exit).toBe(0)
    const back = await lake.readersSee('ledger')
    expect(back?.columns).toEqual([{ name: 'id', type: 'int' }])
    expect(back).toEqual({
      ...narrow,
      parameters: {
        ...narrow?.parameters,
        'dracula.published_at': expect.any(String),
        'dracula.pinned': expect.any(String),
        'dracula.pinned_by': expect.any(String),
        'dracula.pinned_over': wide?.load ?? '',
      },
    } as typeof back)
    expect((await lake.run(rollback, ['ledger', '--unpin'])).exit).toBe(0)
    expect((await loadOf('id: bigint, amount: nullable(numeric(18, 6))'))?.columns).toEqual(wide?.columns)
    await scripts.close()
  })
})

describe('bun run rollback refuses', () => {
  let lake: TestStandIn
  let loads: Lake['loads']

  beforeAll(async () => {
    ;({ lake, loads } = await lakeWith(2))
    await lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'users' } }))
  })

  /** Each says why in one line, and everything stays as it is. */
  async function expectRefused(
    refusals: readonly (readonly [readonly string[], 2 | 4, string])[],
    { rule, env }: { rule?: Rule; env?: Readonly<Record<string, string | undefined>> } = {},
  ): Promise<void> {
    const before = await Promise.all([lake.readersSee('taxes'), lake.remains('taxes')])
    if (rule !== undefined) lake.faults.add(rule)
    await Promise.all(
      refusals.map(async ([flags, exit, message]) => {
        const refused = await lake.run(rollback, flags, env)
        expect(refused.message).toContain(message)
        expect(refused.stderr.trimEnd().split('\n').length).toBeLessThan(3)
        expect([refused.exit, JSON.parse(refused.stdout)]).toMatchObject([
          exit,
          { ok: false, error: { exit } },
        ])
      }),
    )
    lake.faults.clear()
    expect(await Promise.all([lake.readersSee('taxes'), lake.remains('taxes')])).toEqual(before)
  }

  test('what it does not understand or cannot find', async () => {
    await expectRefused([
      [[], 2, "wrong flags: missing required argument 'table'"],
      [['taxis'], 2, '"taxis": no script has that name. Do: Known are: '],
      [['notes'], 2, 'nothing of it is published in lake'],
      [['notes', '--unpin'], 2, 'nothing of it is published in lake'],
      [['users'], 2, 'an unmanaged table of that name: Dracula has not made it'],
      [['taxes', 'yesterday'], 2, 'there is no record of a load yesterday'],
      [['taxes', 'x', '--unpin'], 2, '--unpin takes no load'],
      [['taxes', '--reason', ' '], 2, 'at most 500 characters'],
    ])
    await expectRefused([[['taxes'], 2, 'DRACULA_S3_URI is not set']], { env: { DRACULA_S3_URI: undefined } })
  })

  test.each([
    ['ListObjectsV2', 's3:ListBucket'],
    ['StartQueryExecution', 'athena:StartQueryExecution'],
    ['UpdateTable', 'glue:UpdateTable'],
  ])('without access to %s', async (operation, allowed) => {
    await expectRefused([[['taxes'], 2, `Allow ${allowed} in the IAM policy`]], {
      rule: { operation, action: denied(operation) },
    })
  })

  test('a load of which Athena counts other rows than it has recorded', async () => {
    const [{ load, rows } = { load: '', rows: 0 }] = loads
    const message = `Athena counts ${rows + 1} rows in load ${load}, but its record says ${rows}`
    const rule = { operation: 'StartQueryExecution', action: { kind: 'wrong count', by: 1 } } as const
    await expectRefused([[['taxes'], 4, message]], { rule })
  })

  test('what is not there, not whole, not recorded or not known to have been published', async () => {
    const [older = '', newer = ''] = loads.map(({ load }) => load)
    const object = `tables/taxes/${older}/taxes-00000.parquet`
    const record = (load: string) => `tables/taxes/_loads/${load}.json`
    const put = (Key: string, Body: string) =>
      lake.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body }))
    const remove = (Key: string) => lake.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key }))
    const text = await getText(lake.aws, { bucket: 'lake', key: record(older) })

    const unproven = older.replace(/......$/, '000000')
    await put(record(unproven), text.replaceAll(older, unproven))
    const never = `no record says that readers have ever seen load ${unproven}`
    await expectRefused([[['taxes', unproven], 2, never]])
    await remove(record(unproven))
    await put(object, 'PAR1')
    await expectRefused([[['taxes'], 4, 'taxes-00000.parquet has 4 bytes, but ']])
    await remove(object)
    await expectRefused([[['taxes', older], 4, 'taxes-00000.parquet is gone']])
    await put(record(older), text.slice(0, -9))
    await expectRefused([[['taxes'], 4, `the record of load ${older} is damaged: it is no JSON object`]])
    await put(record(older), text.replace('"rows": ', '"rows": -'))
    await expectRefused([[['taxes'], 4, 'is damaged: its "rows" is not what a load writes']])
    await remove(record(older))
    await expectRefused([[['taxes'], 2, `there is no load before ${newer}, which is published`]])
  })
})

describe('a rollback and a load at once', () => {
  /** Freezes the process where it waits for the nth answer of an operation, which is on its way then. */
  async function freezeAt({ faults }: TestStandIn, run: RunningScript, nth: number): Promise<void> {
    faults.add({ operation: 'GetTable', after: nth - 1, times: 1, action: { kind: 'hold answer' } })
    await faults.held('GetTable')
    run.kill('SIGSTOP')
    faults.clear()
    faults.release()
  }

  test('the load that is about to read Postgres, or to publish, loses; the next one stops at the pin', async () => {
    const { lake, loads } = await lakeWith(2)
    const [older, newer] = loads
    for (const nth of [1, 3]) {
      const load = lake.start('taxes', args)
      await freezeAt(lake, load, nth)
      expect((await lake.run(rollback, ['taxes', older?.load ?? ''])).exit).toBe(0)
      load.kill('SIGCONT')
      const { exit, message } = await load.finished
      expect(exit).toBe(1)
      expect(message).toStartWith(`taxes: not published; readers still see load ${older?.load}`)
      expect(message).toContain(`the table was pinned to load ${older?.load} meanwhile, since `)
      expect(await lake.readersSee('taxes')).toMatchObject({ load: older?.load, counted: older?.rows })
      expect((await namesIn(lake)).loads).toEqual(new Set([older?.load ?? '', newer?.load ?? '']))
      expect((await lake.run(rollback, ['taxes', '--unpin'])).exit).toBe(0)
    }
  })

  test('a load that nobody has looked at is not rolled back', async () => {
    const { lake } = await lakeWith(2)
    const run = lake.start(rollback, ['taxes'])
    await freezeAt(lake, run, 2)
    const { load, rows } = (await lake.run('taxes', args)).summary()
    run.kill('SIGCONT')
    const { exit, message } = await run.finished
    expect(exit).toBe(1)
    expect(message).toStartWith(`taxes: not rolled back; readers see load ${load}. `)
    expect(message).toContain(`load ${load} is published by now`)
    expect(await lake.readersSee('taxes')).toMatchObject({ load, counted: rows })
    expect((await namesIn(lake)).rollbacks).toEqual([])
    expect((await lake.remains('taxes')).stagedTables).toEqual([])
  })

  test('of four rollbacks at once one is published, or one after the other, and the others say so', async () => {
    const { lake, loads } = await lakeWith(3)
    const runs = await Promise.all(
      loads
        .slice(0, 2)
        .flatMap(({ load }) => [load, load])
        .map((load) => lake.run(rollback, ['taxes', load])),
    )
    const done = runs.filter(({ exit }) => exit === 0).map(({ stdout }) => JSON.parse(stdout))
    expect(runs.map(({ exit }) => exit).filter((exit) => exit !== 0 && exit !== 1)).toEqual([])
    const seen = await lake.readersSee('taxes')
    expect(done.map(({ load }) => load)).toContain(seen?.load)
    expect((await namesIn(lake)).rollbacks).toHaveLength(done.length)
    expect(seen?.counted).toBe(loads.find(({ load }) => load === seen?.load)?.rows)
  })
})

describe('a rollback that is killed', () => {
  let given: Lake
  let older: Lake['loads'][number] | undefined
  let newer: Lake['loads'][number] | undefined

  beforeAll(async () => {
    given = await lakeWith(2)
    ;[older, newer] = given.loads
  })

  test.each([
    ['StartQueryExecution', 'hold answer', 'before'],
    ['PutObject', 'hold answer', 'before'],
    ['UpdateTable', 'hold', 'before'],
    ['UpdateTable', 'hold answer', 'after'],
  ] as const)(
    'at %s (%s) leaves the load as it was %s, and the next one clears up',
    async (operation, kind, as) => {
      const { faults } = given.lake
      faults.add({ operation, times: 1, action: { kind } })
      const run = given.lake.start(rollback, ['taxes', older?.load ?? ''])
      await faults.held(operation)
      run.kill('SIGKILL')
      await run.finished
      faults.clear()
      faults.release()
      const now = as === 'before' ? newer : older
      expect(await given.lake.readersSee('taxes')).toMatchObject({ load: now?.load, counted: now?.rows })
      expect((await given.lake.remains('taxes')).stagedTables).toHaveLength(1)
      expect((await given.lake.run(rollback, ['taxes', newer?.load ?? ''])).exit).toBe(0)
      expect(await given.lake.readersSee('taxes')).toMatchObject({ load: newer?.load, counted: newer?.rows })
      expect((await given.lake.remains('taxes')).stagedTables).toEqual([])
    },
  )

  test('told to stop while it counts, it takes away what it made', async () => {
    const { lake } = given
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
    const from = lake.faults.log.length
    const run = lake.start(rollback, ['taxes', older?.load ?? ''])
    while (!lake.faults.log.slice(from).some((each) => each.operation === 'GetQueryExecution'))
      await Bun.sleep(5)
    run.kill('SIGTERM')
    const { exit, message } = await run.finished
    lake.faults.clear()
    expect([exit, message]).toEqual([1, expect.stringContaining('interrupted by SIGTERM')])
    expect(await lake.readersSee('taxes')).toMatchObject({ load: newer?.load })
    expect(await lake.remains('taxes')).toMatchObject({ stagedTables: [] })
  })

  test('is done although its answer was lost, and of unknown outcome when nobody can tell', async () => {
    const { lake } = given
    const { faults } = lake
    faults.add({ operation: 'UpdateTable', action: { kind: 'drop' } })
    const unknown = await lake.run(rollback, ['taxes', older?.load ?? ''])
    faults.clear()
    expect([unknown.exit, unknown.message]).toEqual([5, expect.stringContaining('dracula.pinned_by')])
    // Without the load's name it would go back one load further.
    expect(unknown.message).toEndWith(`with the load named: bun run rollback taxes ${older?.load} Retry: no.`)
    faults.add({ operation: 'UpdateTable', times: 1, action: { kind: 'lost answer' } })
    expect((await lake.run(rollback, ['taxes', older?.load ?? ''])).exit).toBe(0)
    faults.clear()
    expect(await lake.readersSee('taxes')).toMatchObject({ load: older?.load, counted: older?.rows })
  })
})
