/**
 * A stand-in for one test file: scripts run in it as a user runs them, each a process of its own, and what they
 * leave is read back as a reader of the lake, or a janitor, would see it.
 */

import { join } from 'node:path'
import { paginateGetTables } from '@aws-sdk/client-glue'
import type postgres from 'postgres'
import { quoteIdentifier, runQuery } from '../../lib/aws/athena.ts'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { columnsOf, findTable } from '../../lib/aws/glue.ts'
import { listObjects, listUploads } from '../../lib/aws/objects.ts'
import type { GlueColumn } from '../../lib/aws/table-input.ts'
import type { FailedSummary } from '../../lib/cli/load-report.ts'
import { type LakeConfig, readDatabase, readLake } from '../../lib/config/config.ts'
import { readPublished } from '../../lib/lake/open.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import type { Faults } from '../../lib/local/aws/faults.ts'
import type { Guard } from '../../lib/local/aws/iam/guard.ts'
import type { Violations } from '../../lib/local/aws/model/violations.ts'
import type { Quotas } from '../../lib/local/aws/quotas/quotas.ts'
import type { PublishedMessage } from '../../lib/local/aws/sns.ts'
import { seed } from '../../lib/local/seed.ts'
import { startStandIn } from '../../lib/local/stand-in.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { type ProgramRun, startInProcess } from './in-process.ts'
import { template } from './template.ts'

const root = join(import.meta.dir, '../..')

/** The user of this file's own may do everything, so tests can lock, kill and change what they like. */
export interface TestStandIn {
  /** Complete for a script. */
  readonly env: Readonly<Record<string, string>>
  /** The URL of its S3, Glue and Athena. */
  readonly url: string
  readonly faults: Faults
  /** What topics of SNS were sent. */
  readonly published: readonly PublishedMessage[]
  /** Who may do what there: `local`, the access key of scripts and of `aws`, may do everything. */
  readonly guard: Guard
  /** What AWS' models forbid, and a test asked for all the same: `close` throws for the rest. */
  readonly violations: Violations
  readonly aws: Aws
  readonly sql: postgres.Sql
  /** The postmaster's; undefined beside another. */
  readonly postgresPid: number | undefined
  /**
   * Starts a script as a process: a path under the project's folder, or a table of `scripts/`. `--json` is added.
   * @param env over the stand-in's own; undefined takes a variable away
   */
  start(
    script: string,
    args?: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
  ): RunningScript
  /** The same in this process, which is cheaper. It has no process id of its own, and only SIGINT and SIGTERM reach it. */
  begin(...given: Parameters<TestStandIn['start']>): RunningScript & Pick<ProgramRun, 'elapse'>
  /** The same, to its end. */
  run(...given: Parameters<TestStandIn['start']>): Promise<FinishedScript>
  /** What a reader of the lake sees of a table; undefined: no table. Ask with no fault set. */
  readersSee(table: string): Promise<SeenTable | undefined>
  /** Everything there is of a table beside what readers see. */
  remains(table: string): Promise<Remains>
  /** Another S3, Glue and Athena, empty, beside the same Postgres: its faults are its own. Closes with this one. */
  beside(): Promise<TestStandIn>
  /**
   * Ends what still runs, the servers too, and removes their files. Safe to call again.
   * @throws Error when something was asked, or answered, that AWS' models of its services forbid
   */
  close(): Promise<void>
}

export interface RunningScript {
  readonly pid: number
  /** Null while it runs. */
  readonly exitCode: number | null
  /** What it has said on stderr so far. */
  readonly stderr: () => string
  kill(signal: NodeJS.Signals): void
  readonly finished: Promise<FinishedScript>
}

export interface FinishedScript {
  /** Null when a signal ended it. */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** Its last log line's. */
  readonly message: string
  readonly seconds: number
  /** The summary that --json prints. @throws Error when it printed none, or the other kind */
  summary(): LoadSummary
  failure(): FailedSummary
}

export interface SeenTable {
  /** Undefined: the table is somebody else's. */
  readonly load: string | undefined
  /** The rows that the load published. */
  readonly rows: number | undefined
  /** By Athena. */
  readonly counted: number
  readonly snapshotAt: string | undefined
  readonly location: string
  readonly columns: readonly GlueColumn[]
  readonly parameters: Readonly<Record<string, string>>
}

export interface Remains {
  /** Every key under the table's folder, records too, relative to it. */
  readonly objects: readonly string[]
  /** Keys of multipart uploads under way, relative to the table's folder. */
  readonly uploads: readonly string[]
  readonly stagedTables: readonly string[]
  /** What connections of loads of the table are at, `<load> active: copy …`. */
  readonly backends: readonly string[]
}

/**
 * @param options.scale of the seeded tables; none are seeded without it
 * @param options.quotas that its AWS enforces
 */
export async function openStandIn(
  options: { readonly scale?: number; readonly tables?: readonly string[]; readonly quotas?: Quotas } = {},
): Promise<TestStandIn> {
  const standIn = await startStandIn({ template, quotas: options.quotas })
  const { postgres: server } = standIn
  if (server !== undefined && options.scale !== undefined) await seed(server.url, options)
  return wrap(standIn, server?.pid)
}

async function wrap(
  standIn: Awaited<ReturnType<typeof startStandIn>>,
  postgresPid: number | undefined,
): Promise<TestStandIn> {
  // What a test has AWS throttle for good fails within seconds.
  const env: Readonly<Record<string, string>> = { ...standIn.env, AWS_MAX_ATTEMPTS: '5' }
  const aws = connectAws({
    endpoint: standIn.aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const sql = connectPostgres(readDatabase(env), { applicationName: 'test' })
  const running = new Set<RunningScript>()
  const others: TestStandIn[] = []
  let closed: Promise<void> | undefined

  async function close(): Promise<void> {
    for (const script of running) script.kill('SIGKILL')
    await Promise.all([...running].map(({ finished }) => finished))
    await Promise.all(others.map((other) => other.close()))
    aws.close()
    await sql.end({ timeout: 1 })
    await standIn.stop()
    standIn.aws.violations.refuse()
  }

  function start(...[script, args = [], over = {}]: Parameters<TestStandIn['start']>): RunningScript {
    const started = startScript(pathOf(script), ['--json', ...args], { ...env, ...over })
    running.add(started)
    started.finished.finally(() => running.delete(started))
    return started
  }

  function begin(
    ...[script, args = [], over = {}]: Parameters<TestStandIn['start']>
  ): ReturnType<TestStandIn['begin']> {
    const started = performance.now()
    const program = startInProcess(pathOf(script), ['--json', ...args], { ...env, ...over })
    return {
      pid: process.pid,
      get exitCode() {
        return program.exit ?? null
      },
      stderr: program.stderr,
      kill: program.kill,
      elapse: program.elapse,
      finished: program.ended.then((ended) => finishedScript(ended, started)),
    }
  }

  return {
    env,
    url: standIn.aws.url,
    faults: standIn.aws.faults,
    published: standIn.aws.published,
    guard: standIn.aws.guard,
    violations: standIn.aws.violations,
    aws,
    sql,
    postgresPid,
    start,
    begin,
    run: (...given) => begin(...given).finished,
    readersSee: (table) => readersSee(aws, readLake(env), table),
    remains: (table) => remains(aws, sql, table),
    async beside() {
      const other = await wrap(await startStandIn({ databaseUrl: env['DATABASE_URL'] }), undefined)
      others.push(other)
      return other
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}

function pathOf(script: string): string {
  return join(root, script.includes('/') ? script : `scripts/${script}.ts`)
}

function startScript(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RunningScript {
  const started = performance.now()
  const child = Bun.spawn([process.execPath, path, ...args], {
    // Not the project's folder: nobody else need start a script from there.
    cwd: '/',
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let stderr = ''
  const listen = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stderr) stderr += decoder.decode(chunk, { stream: true })
  }
  const finish = async (): Promise<FinishedScript> => {
    const [, stdout] = await Promise.all([child.exited, child.stdout.text(), listen()])
    const exit = child.signalCode === null ? child.exitCode : null
    return finishedScript({ exit, stdout, stderr }, started)
  }
  return {
    pid: child.pid,
    get exitCode() {
      return child.exitCode
    },
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    finished: finish(),
  }
}

/** @param started on performance.now()'s clock */
function finishedScript(
  { exit, stdout, stderr }: Pick<FinishedScript, 'exit' | 'stdout' | 'stderr'>,
  started: number,
): FinishedScript {
  const lastLine = stderr.trimEnd().split('\n').at(-1) ?? ''
  const parsed = (published: boolean): unknown => {
    const summary: unknown = stdout === '' ? undefined : JSON.parse(stdout)
    const failed = typeof summary === 'object' && summary !== null && 'error' in summary
    if (summary === undefined || failed === published) {
      throw new Error(`Exit ${exit} with another summary: ${stdout}${stderr}`)
    }
    return summary
  }
  return {
    exit,
    stdout,
    stderr,
    message: lastLine.startsWith('{') ? String(JSON.parse(lastLine).message) : lastLine,
    seconds: (performance.now() - started) / 1000,
    summary: () => parsed(true) as LoadSummary,
    failure: () => parsed(false) as FailedSummary,
  }
}

/** The lake that `DRACULA_*` of the stand-in's environment name. */
const lake = { bucket: 'lake', prefix: 'tables', database: 'lake', staging: 'lake_staging' } as const

async function readersSee(aws: Aws, config: LakeConfig, table: string): Promise<SeenTable | undefined> {
  const live = await findTable(aws, { database: lake.database, table })
  if (live === undefined) return undefined
  const { rows } = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(table)}`,
    database: lake.database,
    workgroup: 'primary',
    output: 's3://lake-results/',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  })
  const published = await readPublished(aws, config, table, new AbortController().signal)
  const ours = published.kind === 'managed' ? published : undefined
  return {
    load: ours?.load,
    rows: ours?.rows,
    counted: Number(rows[0]?.[0]),
    snapshotAt: ours?.snapshotAt,
    location: live.StorageDescriptor?.Location ?? '',
    columns: columnsOf(live),
    parameters: live.Parameters ?? {},
  }
}

async function remains(aws: Aws, sql: postgres.Sql, table: string): Promise<Remains> {
  const folder = `${lake.prefix}/${table}/`
  const under = { bucket: lake.bucket, prefix: folder }
  const stagedTables: string[] = []
  const pages = paginateGetTables({ client: aws.glue }, { DatabaseName: lake.staging })
  try {
    for await (const { TableList = [] } of pages) {
      for (const { Name = '' } of TableList) if (Name.startsWith(`${table}__`)) stagedTables.push(Name)
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'EntityNotFoundException') throw error
  }
  const backends = await sql`
    select split_part(application_name, '/', 3) || ' ' || coalesce(state, 'unknown') || ': ' || left(query, 60) as doing
    from pg_stat_activity
    where application_name like any (${[`dracula/${table}/%`, `dracula-watch/${table}/%`]})`
  return {
    objects: (await listObjects(aws, under)).map(({ key }) => key.slice(folder.length)),
    uploads: (await listUploads(aws, under)).map(({ key }) => key.slice(folder.length)),
    stagedTables,
    backends: backends.map(({ doing }) => String(doing)),
  }
}
