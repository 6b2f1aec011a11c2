/**
 * Whatever an environment can hold that is secret, all of it at once, and all that comes out of every command: what is
 * printed, stored, sent and asked. Nobody who reads any of it learns a secret, though every server there is says them all.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { paginateGetDatabases, paginateGetTables } from '@aws-sdk/client-glue'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Rule } from '../../lib/local/aws/faults.ts'
import * as vocabulary from '../../lib/table.ts'
import { openCollector } from '../support/collector.ts'
import { turnOnTls } from '../support/database.ts'
import { denied, operations } from '../support/denied.ts'
import { runInProcess } from '../support/in-process.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { startAtTerminal } from '../support/terminal.ts'
import { type MarkedEnvironment, markedEnvironment, parroted, secretsIn } from './marks.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '../..')
const topic = 'arn:aws:sns:us-east-1:000000000000:alerts'

let lake: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let collector: ReturnType<typeof openCollector>
let secret: MarkedEnvironment
let parrot: string
/** Complete for every program. */
let env: Readonly<Record<string, string>>
let answer = () => Response.json({})

beforeAll(async () => {
  collector = openCollector(() => answer())
  ;[lake, folder] = await Promise.all([openStandIn(), temporaryFolder()])
  secret = await markedEnvironment({
    folder: folder.path,
    databaseUrl: lake.env['DATABASE_URL'] ?? '',
    collector: collector.url,
  })
  parrot = parroted(secret.marked)
  await Promise.all([
    writeScript(
      'items',
      'id: integer, name: hashed(text)',
      `expect: { unique: ['id'], warn: { values: { id: [1] } } }`,
    ),
    writeScript('days', 'id: integer, day: date', `partitionBy: day('day')`),
    writeScript('telltale', 'id: integer, said: nullable(text)'),
  ])
  const quoted = (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  const known = secret.marked.find(({ name }) => name === 'DATABASE_URL')!
  await lake.sql.unsafe(`
    create table items as select g as id, 'name ' || g as name from generate_series(1, 9) g;
    alter table items alter id set not null, alter name set not null;
    create table days as select g as id, date '2026-03-01' + g as day from generate_series(1, 3) g;
    alter table days alter id set not null, alter day set not null;
    create table told (id int not null);
    insert into told values (1);
    create function tell() returns text language plpgsql as $tell$
      begin raise exception '%', ${quoted(parrot)}; end $tell$;
    create view telltale as select id, tell() as said from told;
    create role reader login password ${quoted(known.text)};
    create role other login password 'another one';
    grant select on items, days, told, telltale to reader`)
  await turnOnTls(lake.sql)
  await lake.sql`alter system set log_statement = 'all'`
  await lake.sql`select pg_reload_conf()`
  env = {
    ...lake.env,
    ...secret.env,
    DRACULA_SNS_TOPIC: topic,
    DRACULA_METRICS_DIRECTORY: folder.path,
    DRACULA_ENVIRONMENT: 'marked',
    DRACULA_DEBUG: '1',
  }
})

afterAll(async () => {
  await lake?.close()
  await collector?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

const scriptOf = (table: string) => join(folder.path, 'scripts', `${table}.ts`)

function writeScript(table: string, columns: string, more = ''): Promise<number> {
  const module = (name: string) => JSON.stringify(join(root, 'lib', name))
  return Bun.write(
    scriptOf(table),
    `import { run } from ${module('run.ts')}
import { ${Object.keys(vocabulary).join(', ')} } from ${module('table.ts')}
const ${table} = table({ name: '${table}', columns: { ${columns} }, ${more} })
export default ${table}
if (import.meta.main) await run(${table})
`,
  )
}

interface Ended {
  readonly exit: number
  /** The names of secrets that were printed. */
  readonly leaks: readonly string[]
  readonly stderr: string
}

async function run(
  path: string,
  args: readonly string[] = [],
  over: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> {
  const { exit, stdout, stderr } = await runInProcess(resolve(root, path), args, { ...env, ...over })
  return { exit, leaks: secretsIn(stdout + stderr, secret.marked), stderr }
}

const project = () => ['--scripts', join(folder.path, 'scripts')]

describe('where nothing fails', () => {
  test('no program prints a secret', async () => {
    const programs: [string, string[]][] = [
      [scriptOf('items'), ['--json', '--fingerprint']],
      [scriptOf('items'), ['--catalog', 'declared']],
      [scriptOf('items'), ['--dry-run', '--json']],
      [scriptOf('days'), []],
      [scriptOf('items'), ['--help']],
      ['lib/commands/loads.ts', ['items', '--json']],
      ['lib/commands/query.ts', ['select count(*) from items']],
      ['lib/commands/rollback.ts', ['items', '--json']],
      ['lib/commands/rollback.ts', ['items', '--unpin']],
      ['lib/commands/policies.ts', ['iam']],
      ['lib/commands/policies.ts', ['crawler-trust']],
      ['lib/commands/policies.ts', ['postgres-role', '--role', 'dracula_reader', ...project()]],
      ['lib/commands/new.ts', ['told', ...project()]],
      ['lib/commands/tell.ts', ['--test']],
      ['lib/commands/tell.ts', ['--table', 'items', '--status', 'Failed', ...project()]],
      ['lib/commands/help.ts', []],
      ['checks/row-counts.ts', ['items', ...project()]],
      ['checks/columns.ts', ['items', '--json', ...project()]],
      ['checks/partitions.ts', ['days', ...project()]],
      ['lib/commands/report.ts', ['--publish', ...project()]],
      ['lib/commands/doctor.ts', project()],
      ['lib/commands/argo.ts', project()],
    ]
    for (const [path, args] of programs)
      expect([path, args, await run(path, args)]).toEqual([
        path,
        args,
        { exit: 0, leaks: [], stderr: expect.any(String) },
      ])
  })
})

/** Names of those who are told, and what each is sent that is its own secret. */
const known: Readonly<Record<string, readonly string[]>> = {
  '/services/': ['DRACULA_WEBHOOK'],
  '/api/v1/lineage': ['OPENLINEAGE_API_KEY'],
  '/api/42/': ['SENTRY_DSN'],
  '/v1/': ['OTEL_EXPORTER_OTLP_HEADERS'],
}

describe('where everybody says all secrets', () => {
  beforeAll(() => {
    answer = () => new Response(parrot, { status: 500, headers: { 'x-said': encodeURIComponent(parrot) } })
  })

  const refused = (operation: string): Rule => ({ operation, action: denied(operation, parrot) })

  test('a load that AWS refuses prints none, at whichever step', async () => {
    const aws = await lake.beside()
    const there = { AWS_ENDPOINT_URL: aws.url }
    expect((await run(scriptOf('items'), ['--catalog', 'declared'], there)).exit).toBe(0)
    const rules: readonly Rule[] = [
      ...[
        'GetDatabase',
        'GetTable',
        'ListObjectsV2',
        'PutObject',
        'CreateTable',
        'StartQueryExecution',
        'GetQueryResults',
        'UpdateTable',
      ].map(refused),
      { operation: 'StartQueryExecution', action: { kind: 'query fails', message: parrot } },
      { operation: 'StartCrawler', action: { kind: 'crawl fails', message: parrot } },
    ]
    for (const rule of rules) {
      aws.faults.clear()
      aws.faults.add(rule)
      const crawled = rule.operation === 'StartCrawler'
      const args = crawled ? ['--json'] : ['--json', '--catalog', 'declared']
      const { exit, leaks, stderr } = await run(scriptOf('items'), args, there)
      expect({ rule, exit: exit === 0, leaks }).toEqual({ rule, exit: false, leaks: [] })
      // It is what the server has said that was told, and not something else that went wrong before.
      expect(stderr).toContain('dracula_hash_key is (***)')
    }
    await aws.close()
  })

  test('nor does any other command', async () => {
    const aws = await lake.beside()
    aws.faults.add(...operations.map(refused))
    const commands: [string, string[]][] = [
      ['lib/commands/loads.ts', []],
      ['lib/commands/query.ts', ['select 1']],
      ['lib/commands/rollback.ts', ['items']],
      ['lib/commands/compare.ts', ['items', '--with', 'legacy.items', ...project()]],
      ['lib/commands/report.ts', project()],
      ['lib/commands/doctor.ts', project()],
      ['lib/commands/tell.ts', ['--test']],
      ['lib/commands/policies.ts', ['iam']],
      ['lib/commands/fan-out.ts', ['clear', 'items', '--fan-out', 'a', ...project()]],
      ['checks/row-counts.ts', ['items', ...project()]],
      ['checks/columns.ts', ['items', '--json', ...project()]],
    ]
    for (const [path, args] of commands) {
      const { exit, leaks, stderr } = await run(path, args, { AWS_ENDPOINT_URL: aws.url })
      expect({ path, stderr, leaks }).toEqual({ path, stderr, leaks: [] })
      expect({ path, exit }).toEqual({ path, exit: path.endsWith('policies.ts') ? 0 : expect.any(Number) })
    }
    await aws.close()
  })

  test.each<[string, string, RegExp, (url: URL) => void]>([
    ['that raises an error', 'telltale', /dracula_hash_key is \(\*\*\*\)/, () => {}],
    ['that refuses a password', 'items', /authentication failed/, (url) => (url.username = 'other')],
    ['that is not there', 'items', /no Postgres answers/, (url) => (url.port = '1')],
    [
      'whose certificate is of nobody',
      'items',
      /cannot be verified/,
      (url) => (url.search = '?sslmode=verify-full'),
    ],
    ['that cannot be named', 'items', /is not a URL/, (url) => (url.hash = 'x')],
  ])('nor does a load from a Postgres %s', async (_, table, says, change) => {
    const url = new URL(env['DATABASE_URL'] ?? '')
    change(url)
    const over = { DATABASE_URL: url.href }
    const ended = await run(scriptOf(table), ['--json', '--connect-within', '1s'], over)
    expect(ended).toEqual({ exit: expect.any(Number), leaks: [], stderr: expect.stringMatching(says) })
    expect(ended.exit).not.toBe(0)
  })

  test('nor do all loads together, or their arguments, or a terminal', async () => {
    const shown: string[] = []
    let watching = true
    const watch = (async () => {
      for (; watching; await Bun.sleep(100)) shown.push(...(await argumentsOfAll()))
    })()
    const all = Bun.spawn(
      [process.execPath, join(root, 'lib/commands/all.ts'), ...project(), '--select', 'telltale'],
      { env: { ...env }, stdout: 'pipe', stderr: 'pipe' },
    )
    const terminal = startAtTerminal([scriptOf('telltale')], { env })
    const [stdout, stderr] = await Promise.all([all.stdout.text(), all.stderr.text(), terminal.ended])
    watching = false
    await watch
    expect(await all.exited).not.toBe(0)
    expect(stderr).toContain('dracula_hash_key is (***)')
    expect(terminal.raw()).toContain('dracula_hash_key is (***)')
    expect(secretsIn(stdout + stderr + terminal.raw(), secret.marked)).toEqual([])
    expect(shown.flatMap((each) => secretsIn(each, secret.marked))).toEqual([])
  })
})

/** The arguments of every process there is, as `ps` shows them to anybody; none where there is no /proc. */
async function argumentsOfAll(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  return await Promise.all(
    pids.map((pid) =>
      Bun.file(`/proc/${pid}/cmdline`)
        .text()
        .catch(() => ''),
    ),
  )
}

describe('afterwards', () => {
  test('nobody was sent a secret, but for what is their own', () => {
    expect(collector.received.length).toBeGreaterThan(20)
    const given = collector.received.flatMap(({ path, headers, text }) => {
      const [, own = []] = Object.entries(known).find(([start]) => path.startsWith(start)) ?? []
      const inHead = secretsIn(JSON.stringify([path, headers]), secret.marked)
      return [...secretsIn(text, secret.marked), ...inHead.filter((name) => !own.includes(name))].map(
        (name) => `${name} to ${path}`,
      )
    })
    expect([...new Set(given)]).toEqual([])
  })

  test('the topic of SNS has none', () => {
    expect(lake.published.length).toBeGreaterThan(0)
    expect(secretsIn(JSON.stringify(lake.published), secret.marked)).toEqual([])
  })

  test('the lake has none: in objects, tables and queries', async () => {
    const objects: string[] = []
    for (const Bucket of ['lake', 'lake-results']) {
      const { Contents = [] } = await lake.aws.s3.send(new ListObjectsV2Command({ Bucket }))
      for (const { Key } of Contents) {
        const body = await (await fetch(`${lake.url}/${Bucket}/${Key}`)).bytes()
        objects.push(`${Key} ${Buffer.from(body).toString('latin1')}`)
      }
    }
    const tables: unknown[] = []
    for await (const { DatabaseList = [] } of paginateGetDatabases({ client: lake.aws.glue }, {}))
      for (const { Name } of DatabaseList)
        for await (const page of paginateGetTables({ client: lake.aws.glue }, { DatabaseName: Name }))
          tables.push(...(page.TableList ?? []))
    const asked = lake.faults.log.map(({ operation, subject }) => `${operation} ${subject}`)
    expect(objects.length).toBeGreaterThan(10)
    expect(tables.length).toBeGreaterThan(1)
    expect(asked.filter((each) => each.startsWith('StartQueryExecution')).length).toBeGreaterThan(1)
    const all = [...objects, ...tables.map((each) => JSON.stringify(each)), ...asked]
    expect(all.flatMap((each) => secretsIn(each, secret.marked))).toEqual([])
  })

  test('the folder of metrics has none, nor has a script that was written', async () => {
    const own = ['url', 'pgpass', 'container-token', 'web-token', 'credentials']
    const paths = (await readdir(folder.path, { recursive: true })).filter((path) => !own.includes(path))
    const texts = await Promise.all(
      paths.filter((path) => /\.\w+$/.test(path)).map((path) => Bun.file(join(folder.path, path)).text()),
    )
    expect(paths.some((path) => path.endsWith('.prom'))).toBe(true)
    expect(paths).toContain('scripts/told.ts')
    expect(texts.flatMap((text) => secretsIn(text, secret.marked))).toEqual([])
  })

  test('Postgres has seen none, neither in statements nor as the name of a connection', async () => {
    const [{ data_directory: data = '' } = {}] = await lake.sql`show data_directory`
    const log = await Bun.file(join(data, '../log')).text()
    const since = log.slice(log.indexOf('log_statement'))
    expect(since).toContain('copy ')
    // What the function says is not what the program has asked.
    const asked = since.split('\n').filter((line) => !/ERROR|CONTEXT/.test(line))
    expect(asked.flatMap((line) => secretsIn(line, secret.marked))).toEqual([])
  })
})

test('a secret would be noticed in any form', () => {
  for (const each of secret.marked) {
    const bytes = Buffer.from(`before ${each.text} after`)
    for (const text of [
      each.text,
      encodeURIComponent(each.text),
      JSON.stringify(each.text),
      bytes.toString('base64'),
      bytes.subarray(1).toString('base64'),
      bytes.subarray(2).toString('base64'),
      bytes.toString('hex'),
      each.mark.toLowerCase(),
    ])
      expect(secretsIn(text, secret.marked)).toEqual([each.name])
  }
  expect(secretsIn(parrot, secret.marked)).toEqual(secret.marked.map(({ name }) => name))
})
