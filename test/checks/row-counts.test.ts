import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  CreateTableCommand,
  DeleteTableCommand,
  GetTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import postgres from 'postgres'
import { countRows } from '../../checks/row-counts/count.ts'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { deleteObjects, listObjects } from '../../lib/aws/objects.ts'
import { readLake } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { seed } from '../../lib/local/seed.ts'
import { type StandIn, startStandIn } from '../../lib/local/stand-in.ts'
import taxes from '../../scripts/taxes.ts'
import { type EndedProgram, runInProcess } from '../support/in-process.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dir, '../..')

let standIn: StandIn
let aws: Aws
let sql: postgres.Sql
/** Rows that the load read. */
let loaded: number

interface Finished {
  readonly exit: number
  readonly stdout: string
  readonly message: string
}

function start(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return Bun.spawn([process.execPath, join(root, script), ...args], { env, stdout: 'pipe', stderr: 'pipe' })
}

/** Waits for a check that runs as a user would run it away from a terminal. */
async function finish(child: ReturnType<typeof start>): Promise<Finished> {
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return finished({ exit, stdout, stderr })
}

function finished({ exit, stdout, stderr }: EndedProgram): Finished {
  const last = stderr.trimEnd().split('\n').at(-1) ?? ''
  return { exit, stdout, message: last === '' ? '' : JSON.parse(last).message }
}

/** In this process. */
async function run(...[script, args, env]: Parameters<typeof start>): Promise<Finished> {
  return finished(await runInProcess(join(root, script), args, env))
}

const check = (...args: string[]) => run('checks/row-counts.ts', args, standIn.env)

async function load(): Promise<void> {
  const { exit, stdout } = await run(
    'scripts/taxes.ts',
    ['--catalog', 'declared', '--max-shrink', '100%', '--json'],
    standIn.env,
  )
  expect(exit).toBe(0)
  loaded = JSON.parse(stdout).rows_read
}

/** Changes what the published table says of its load. */
async function rewrite(parameters: Readonly<Record<string, string>>): Promise<void> {
  const { Table } = await aws.glue.send(new GetTableCommand({ DatabaseName: 'lake', Name: 'taxes' }))
  const TableInput = {
    Name: 'taxes',
    TableType: Table?.TableType,
    StorageDescriptor: Table?.StorageDescriptor,
    Parameters: { ...Table?.Parameters, ...parameters },
  }
  await aws.glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
}

beforeAll(async () => {
  standIn = await startStandIn()
  const { url } = standIn.aws
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  aws = connectAws({ endpoint: url, region: 'us-east-1', credentials })
  sql = postgres(standIn.postgres?.url ?? '', { max: 2, onnotice: () => {} })
}, 300_000)

afterAll(async () => {
  aws?.close()
  await sql?.end({ timeout: 1 })
  await standIn?.stop()
})

describe('after a load', () => {
  beforeAll(async () => {
    await seed(standIn.postgres?.url ?? '', { scale: 0.01, tables: ['taxes'] })
    await load()
  }, 300_000)

  test('the check passes and shows every count', async () => {
    const { exit, stdout } = await check('taxes')
    expect(exit).toBe(0)
    const [head = '', row = ''] = stdout.split('\n')
    expect(head).toContain('recorded')
    expect(row).toStartWith('  taxes')
    expect(row.split(loaded.toLocaleString('en')).length - 1).toBe(4)
    expect(row).toEndWith('ok')
  })

  test('--json has the same for machines', async () => {
    const { exit, stdout } = await check('taxes', '--json')
    expect(exit).toBe(0)
    const counts = { recorded: loaded, lake: loaded, rows_read: loaded, source: loaded }
    const summary = JSON.parse(stdout)
    expect(summary).toMatchObject({ version: 1, check: 'row-counts', ok: true })
    expect(summary.tables).toMatchObject([{ table: 'taxes', status: 'ok', ...counts, findings: [] }])
  })

  test('--source-count none asks Postgres nothing', async () => {
    const { DATABASE_URL: _, ...env } = standIn.env
    const { exit, stdout } = await finish(
      start('checks/row-counts.ts', ['taxes', '--source-count', 'none', '--json'], env),
    )
    expect(exit).toBe(0)
    expect(JSON.parse(stdout).tables).toMatchObject([{ lake: loaded, source: null }])
  })

  test('--source-count estimate asks the planner', async () => {
    const { exit, stdout } = await check('taxes', '--source-count', 'estimate', '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout).tables[0].source).toBeWithin(loaded * 0.99, loaded * 1.01)
  })

  test('without names all tables are checked, and one that is not published is a difference', async () => {
    const { exit, stdout, message } = await check()
    expect(exit).toBe(4)
    expect(message).toContain('notes: it is not published')
    expect(stdout).toMatch(/notes +not published/)
    expect(stdout).toMatch(/taxes .* ok/)
  })

  test('a table that no script declares is refused with those that are', async () => {
    const { exit, message } = await check('taxis')
    expect(exit).toBe(2)
    expect(message).toContain('"taxis"')
    expect(message).toContain('currencies, embedded_dynamic_forms, ')
  })

  test.each(['--max-count-diff -1', '--max-count-diff 1.5', '--source-count some', '--nope'])(
    '%s is refused',
    async (flags) => {
      const { exit, message } = await check(...flags.split(' '))
      expect(exit).toBe(2)
      expect(message).toContain('wrong flags')
    },
  )

  test('without configuration it says what is missing', async () => {
    const { exit, message } = await finish(start('checks/row-counts.ts', ['taxes'], {}))
    expect(exit).toBe(2)
    expect(message).toContain('DRACULA_GLUE_DATABASE')
  })

  test('a Postgres that does not answer fails the check, and not as a difference', async () => {
    const env = { ...standIn.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    const { exit, stdout, message } = await run('checks/row-counts.ts', ['taxes'], env)
    expect(exit).toBe(1)
    expect(stdout).toMatch(/taxes +not counted/)
    expect(message).toContain('taxes: Cannot count')
  })
})

describe('it can fail', () => {
  beforeEach(async () => {
    await seed(standIn.postgres?.url ?? '', { scale: 0.001, tables: ['taxes'] })
    await load()
  }, 300_000)

  test('when an object of the load is gone', async () => {
    const objects = await listObjects(aws, { bucket: 'lake', prefix: 'tables/taxes/' })
    const keys = objects.map(({ key }) => key).filter((key) => key.endsWith('.parquet'))
    await deleteObjects(aws, { bucket: 'lake', keys })
    const { exit, message } = await check('taxes')
    expect(exit).toBe(4)
    expect(message).toContain(
      `taxes: the lake has 0 rows, but its load recorded ${loaded.toLocaleString('en')} rows`,
    )
  })

  test('when the load recorded another count than it wrote', async () => {
    await rewrite({ 'dracula.rows': String(loaded + 1) })
    const { exit, stdout, message } = await check('taxes')
    expect(exit).toBe(4)
    expect(message).toContain(`the lake has ${loaded} rows, but its load recorded ${loaded + 1} rows`)
    expect(stdout).toEndWith('DIFFERS\n')
  })

  test('when Postgres has moved on further than --max-count-diff, in rows or as a share', async () => {
    await sql`insert into taxes select (jsonb_populate_record(t, jsonb_build_object('id', t.id + 1000000))).* from taxes t limit 3`
    const two = await check('taxes', '--max-count-diff', '2')
    expect(two.exit).toBe(4)
    expect(two.message).toContain(
      `taxes: Postgres has ${loaded + 3} rows, but the load read ${loaded} rows, more than 2 rows apart`,
    )
    expect(await check('taxes', '--max-count-diff', '0.1%')).toMatchObject({ exit: 4 })

    const three = await check('taxes', '--max-count-diff', '3')
    expect(three.exit).toBe(0)
    expect(three.stdout).toContain('+3   ok')
    expect(await check('taxes', '--max-count-diff', '50%')).toMatchObject({ exit: 0 })
  })

  test("when the table in the lake is somebody else's", async () => {
    const name = { DatabaseName: 'lake', Name: 'taxes' }
    await aws.glue.send(new DeleteTableCommand(name))
    await aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'taxes' } }))
    try {
      const { exit, message } = await check('taxes')
      expect(exit).toBe(4)
      expect(message).toContain('an unmanaged table of that name: Dracula has not made it')
    } finally {
      await aws.glue.send(new DeleteTableCommand(name))
    }
  })
})

describe('while it counts', () => {
  const waiting = () =>
    sql`select 1 from pg_stat_activity where application_name = 'dracula/row-counts' and wait_event_type = 'Lock'`

  /** Holds the check where it counts in Postgres, does `meanwhile`, and lets it go. */
  async function duringCount(meanwhile: () => Promise<void>): Promise<void> {
    await sql.begin(async (transaction) => {
      await transaction`lock table taxes in access exclusive mode`
      held.resolve()
      await until(async () => (await waiting()).length > 0)
      await meanwhile()
    })
  }
  let held = Promise.withResolvers<void>()

  beforeEach(async () => {
    held = Promise.withResolvers<void>()
    await seed(standIn.postgres?.url ?? '', { scale: 0.001, tables: ['taxes'] })
    await load()
  }, 300_000)

  test('another load is published: it starts over with that one', async () => {
    const counting = duringCount(() => rewrite({ 'dracula.load': '20990101t000000000z_zzzzzz' }))
    await held.promise
    const checked = await check('taxes', '--json')
    await counting
    expect(checked.exit).toBe(0)
    expect(JSON.parse(checked.stdout).tables).toMatchObject([
      { status: 'ok', load: '20990101t000000000z_zzzzzz', lake: loaded },
    ])
  })

  test('loads follow one another without end: it gives up, and not as a difference', async () => {
    const published = new AbortController()
    let number = 0
    const publishing = (async () => {
      while (!published.signal.aborted) await rewrite({ 'dracula.load': `load_${number++}` })
    })()
    const lake = readLake(standIn.variables)
    const counting = { aws, lake, source: undefined, limit: { rows: 0 }, signal: published.signal }
    const failure = await countRows(taxes, counting).catch((error: unknown) => error)
    published.abort()
    await publishing
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({ exit: 1, message: expect.stringContaining('3 times another load') })
  })

  test('Ctrl-C ends it at once', async () => {
    const ended = Promise.withResolvers<Finished>()
    const counting = duringCount(async () => {
      child.kill('SIGINT')
      ended.resolve(await finish(child))
    })
    await held.promise
    const child = start('checks/row-counts.ts', ['taxes'], standIn.env)
    await counting
    const { exit, message } = await ended.promise
    expect(exit).toBe(1)
    expect(message).toContain('interrupted by SIGINT')
  })
})
