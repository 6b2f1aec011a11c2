/** `bun run doctor`: what it finds of an installation, in order or not, and that it leaves nothing there. */

import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import {
  CreateCrawlerCommand,
  CreateTableOptimizerCommand,
  DeleteCrawlerCommand,
  DeleteTableOptimizerCommand,
  UpdateCatalogCommand,
} from '@aws-sdk/client-glue'
import { connectAws } from '../../lib/aws/clients.ts'
import { findCrawler } from '../../lib/aws/crawler-definition.ts'
import { abortUpload, deleteObjects, listObjects, listUploads, putNew } from '../../lib/aws/objects.ts'
import { examineAthena } from '../../lib/commands/examine/athena.ts'
import type { Finding } from '../../lib/commands/examine/finding.ts'
import { examineGlue } from '../../lib/commands/examine/glue.ts'
import { examineHashKey } from '../../lib/commands/examine/hash-key.ts'
import { examineIceberg } from '../../lib/commands/examine/iceberg.ts'
import { examinePostgres } from '../../lib/commands/examine/postgres.ts'
import { examineS3 } from '../../lib/commands/examine/s3.ts'
import { type LakeConfig, readDatabase, readHashKey, readLake } from '../../lib/config/config.ts'
import { newLoadId } from '../../lib/lake/load-id.ts'
import { dropStaged } from '../../lib/lake/staged-tables.ts'
import type { Alteration } from '../../lib/local/aws/altered-answer.ts'
import type { Action } from '../../lib/local/aws/faults.ts'
import { hashed, integer, lookup, type Table, table, text } from '../../lib/table.ts'
import { openScripts } from '../load/own-scripts.ts'
import { never } from '../support/aws.ts'
import { certificates, turnOnTls } from '../support/database.ts'
import { postgresMajor } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openWebhook } from '../support/webhook.ts'

setDefaultTimeout(300_000)

const doctor = 'lib/commands/doctor.ts'
const { signal } = new AbortController()
let standIn: TestStandIn
let lake: LakeConfig

beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.01 })
  lake = readLake(standIn.env)
  // So that there are databases, and a staged table can be tried.
  expect((await standIn.run('taxes', ['--catalog', 'declared'])).exit).toBe(0)
})

afterEach(() => standIn.faults.clear())
afterAll(() => standIn?.close())

/** All that a doctor could have left. */
async function left() {
  const probes = { bucket: 'lake', prefix: 'tables/_doctor/' }
  const [objects, uploads, remains, crawler] = await Promise.all([
    listObjects(standIn.aws, probes),
    listUploads(standIn.aws, probes),
    standIn.remains('_doctor'),
    findCrawler(standIn.aws, 'dracula-lake-_doctor', signal),
  ])
  return { objects, uploads, staged: remains.stagedTables, crawler }
}

const nothing = { objects: [], uploads: [], staged: [], crawler: undefined }

/**
 * An endpoint between the doctor and the stand-in.
 * @param answer instead of the stand-in; undefined: it answers itself, to these headers
 */
async function impostor(
  answer: (request: Request, url: URL, headers: Headers) => Response | undefined,
  change: (headers: Headers) => void = () => {},
) {
  const proxy = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const url = new URL(request.url)
      const headers = new Headers(request.headers)
      const own = answer(request, url, headers)
      if (own !== undefined) return own
      const { method } = request
      const body = ['PUT', 'POST'].includes(method) ? await request.bytes() : null
      const given = await fetch(standIn.url + url.pathname + url.search, { method, headers, body })
      change(given.headers)
      return given
    },
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const aws = connectAws({ endpoint: proxy.url.href, region: 'us-east-1', credentials })
  return {
    aws,
    async close() {
      aws.close()
      await proxy.stop(true)
    },
  }
}

const engine = (EffectiveEngineVersion: string): Action => ({
  kind: 'answers',
  with: { WorkGroup: { Configuration: { EngineVersion: { EffectiveEngineVersion } } } },
})

function inTrouble(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ status }) => status !== 'ok')
}

describe('an installation in order', () => {
  test('is told so, a line each, and is left as it was', async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../..', doctor)], {
      cwd: '/',
      env: standIn.env,
      stdout: 'pipe',
    })
    expect(await child.exited).toBe(0)
    const lines = (await child.stdout.text()).trimEnd().split('\n')
    expect(lines.map((line) => line.split(/ {3,}/)[0])).toEqual([
      '✓ environment',
      '✓ scripts',
      '✓ types',
      '✓ postgres',
      '✓ postgres tls',
      // Here everything is read as a superuser.
      '! postgres role',
      '! postgres tables',
      '✓ s3 write',
      '✓ s3 read',
      '✓ s3 conditional write',
      '✓ s3 checksum',
      '✓ s3 encryption',
      '✓ s3 multipart',
      '✓ s3 list',
      '✓ s3 delete',
      '✓ glue database',
      '✓ glue staging',
      '✓ crawler role',
      '✓ athena workgroup',
      '✓ athena scan limit',
      '✓ athena output',
      '✓ athena query',
      '✓ iceberg events',
      '✓ iceberg events_emails',
    ])
    expect(lines[3]).toMatch(
      new RegExp(`PostgreSQL ${postgresMajor}\\.\\d+ at 127\\.0\\.0\\.1:\\d+/postgres$`),
    )
    expect(await left()).toEqual(nothing)
  })

  test('is examined before anything was ever loaded', async () => {
    const fresh = await standIn.beside()
    const findings = await examineGlue(fresh.aws, lake, signal)
    expect(inTrouble(findings)).toEqual([])
    expect(findings[0]?.found).toBe('lake is not there yet; the first load makes it')
    await fresh.close()
  })

  test('may do without crawls', async () => {
    const findings = await examineGlue(standIn.aws, { ...lake, crawlerRole: undefined }, signal)
    expect(findings.at(-1)).toEqual({
      check: 'crawler role',
      status: 'ok',
      found: 'none: nothing is crawled',
      fix: null,
    })
  })
})

describe('what is missing', () => {
  test('of the environment is named, and the rest is examined all the same', async () => {
    const { exit, stdout, message } = await standIn.run(doctor, [], { DRACULA_S3_URI: undefined })
    expect(exit).toBe(2)
    const { checks, error } = JSON.parse(stdout)
    expect(inTrouble(checks).map(({ check }) => check)).toEqual(['postgres role', 'postgres tables', 'lake'])
    expect(checks.at(-1)).toMatchObject({
      status: 'missing',
      found: expect.stringMatching(/DRACULA_S3_URI is not set/),
    })
    expect(error).toMatchObject({ exit: 2, retry: false })
    expect(message).toStartWith(
      'doctor: something is missing. Cause: 1 of 8 checks failed: lake. Do: Set what',
    )
  })

  test('of Postgres does not keep it from the lake', async () => {
    const { exit, stdout } = await standIn.run(doctor, [], { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d' })
    expect(exit).toBe(2)
    const { checks } = JSON.parse(stdout)
    expect(inTrouble(checks)).toEqual([
      {
        check: 'postgres',
        status: 'missing',
        found: 'Cannot connect to "127.0.0.1:1/d": no Postgres answers there',
        fix: 'Check host and port, and that the server is up and reachable from this machine.',
      },
    ])
    expect(checks).toHaveLength(21)
  })

  const denied: Action = { kind: 'error', code: 'AccessDenied', status: 403 }
  const glueDenied: Action = { kind: 'error', code: 'AccessDeniedException', status: 400 }
  const untrusted: Action = {
    kind: 'error',
    code: 'InvalidInputException',
    message: 'Service is unable to assume provided role.',
  }

  test.each([
    ['s3 write', examineS3, 'PutObject', denied],
    ['s3 encryption', examineS3, 'HeadObject', denied],
    ['s3 multipart', examineS3, 'CreateMultipartUpload', denied],
    ['s3 multipart', examineS3, 'ListMultipartUploads', denied],
    ['s3 list', examineS3, 'ListObjectsV2', denied],
    ['glue database', examineGlue, 'GetTable', glueDenied],
    ['glue staging', examineGlue, 'CreateTable', glueDenied],
    ['crawler role', examineGlue, 'CreateCrawler', glueDenied],
    ['athena workgroup', examineAthena, 'GetWorkGroup', glueDenied],
    ['athena query', examineAthena, 'StartQueryExecution', glueDenied],
  ] as const)('is %s, where %p refuses %s', async (check, examine, operation, action) => {
    // A staged table is read as well.
    standIn.faults.add({ operation, action, ...(operation === 'GetTable' && { match: 'lake._doctor' }) })
    const [trouble, ...more] = inTrouble(await examine(standIn.aws, lake, signal))
    standIn.faults.clear()
    expect(more).toEqual([])
    expect(trouble).toMatchObject({
      check,
      status: 'missing',
      found: expect.stringMatching(/AccessDenied|HTTP 403/),
      fix: expect.stringMatching(/bun run policies iam/),
    })
    expect(await left()).toEqual(nothing)
  })

  test('is the right to delete, and the probe that stays is named', async () => {
    standIn.faults.add({ operation: 'DeleteObjects', action: denied })
    const [trouble, ...more] = inTrouble(await examineS3(standIn.aws, lake, signal))
    standIn.faults.clear()
    expect(more).toEqual([])
    expect(trouble).toMatchObject({
      check: 's3 delete',
      found: expect.stringMatching(/"s3:\/\/lake\/tables\/_doctor\/\w+": AccessDenied/),
    })
    const { objects } = await left()
    expect(objects).toHaveLength(1)
    await deleteObjects(standIn.aws, { bucket: 'lake', keys: objects.map(({ key }) => key) })
  })

  test('is trust in Glue', async () => {
    standIn.faults.add({ operation: 'CreateCrawler', action: untrusted })
    expect(inTrouble(await examineGlue(standIn.aws, lake, signal))).toMatchObject([
      {
        check: 'crawler role',
        found: expect.stringMatching(/unable to assume/),
        fix: expect.stringMatching(/bun run policies crawler-trust/),
      },
    ])
  })

  test.each(['arn:aws:iam::1:role/x', 'arn:aws:s3:::lake', 'role with spaces'])(
    'is the crawler role, which is no %s',
    async (crawlerRole) => {
      const findings = await examineGlue(standIn.aws, { ...lake, crawlerRole }, signal)
      expect(inTrouble(findings)).toMatchObject([
        { check: 'crawler role', found: expect.stringMatching(/is no role/) },
      ])
    },
  )

  test('is the workgroup, or a place for its results', async () => {
    const other = { ...lake, workgroup: 'other' }
    expect(inTrouble(await examineAthena(standIn.aws, other, signal))).toMatchObject([
      {
        check: 'athena workgroup',
        status: 'missing',
        found: expect.stringMatching(/WorkGroup other is not found/),
      },
    ])
    const nowhere = { ...lake, athenaOutput: undefined }
    expect(inTrouble(await examineAthena(standIn.aws, nowhere, signal))).toMatchObject([
      { check: 'athena output', status: 'missing', fix: expect.stringMatching(/Set DRACULA_ATHENA_OUTPUT/) },
    ])
  })

  const answers = (given: Alteration): Action => ({ kind: 'answers', ...given })
  const otherwise: readonly (readonly [
    check: string,
    examine: typeof examineS3,
    found: RegExp,
    operation: string,
    action: Action,
    after?: number,
  ])[] = [
    ['s3 read', examineS3, /Checksum mismatch/, 'GetObject', answers({ replace: ['probe', 'robe '] })],
    [
      's3 multipart',
      examineS3,
      /begun is not listed/,
      'ListMultipartUploads',
      answers({ replace: ['<UploadId>', '<UploadId>other-'] }),
    ],
    [
      's3 list',
      examineS3,
      /the probe is not listed/,
      'ListObjectsV2',
      answers({ replace: ['_doctor', '_other'] }),
    ],
    [
      'glue database',
      examineGlue,
      /only links to tables/,
      'GetDatabase',
      answers({ with: { Database: { TargetDatabase: { DatabaseName: 'x' } } } }),
    ],
    [
      'glue staging',
      examineGlue,
      /reads back otherwise/,
      'GetTable',
      answers({ with: { Table: { StorageDescriptor: { Location: 's3://x/' } } } }),
      1,
    ],
    [
      'crawler role',
      examineGlue,
      /with the role other, not with/,
      'GetCrawler',
      answers({ with: { Crawler: { Role: 'other' } } }),
    ],
    [
      'athena workgroup',
      examineAthena,
      /is disabled/,
      'GetWorkGroup',
      answers({ with: { WorkGroup: { State: 'DISABLED' } } }),
    ],
    [
      'athena workgroup',
      examineAthena,
      /runs Athena engine version 2$/,
      'GetWorkGroup',
      engine('Athena engine version 2'),
    ],
    [
      'athena workgroup',
      examineAthena,
      /runs PySpark engine version 3$/,
      'GetWorkGroup',
      engine('PySpark engine version 3'),
    ],
    [
      'athena workgroup',
      examineAthena,
      /of an unknown engine/,
      'GetWorkGroup',
      answers({ with: { WorkGroup: { Configuration: { EngineVersion: null } } } }),
    ],
    [
      'athena scan limit',
      examineAthena,
      /stops queries at .*, and taxes has /,
      'GetWorkGroup',
      answers({ with: { WorkGroup: { Configuration: { BytesScannedCutoffPerQuery: 1 } } } }),
    ],
    [
      'athena output',
      examineAthena,
      /enforces s3:\/\/elsewhere\//,
      'GetWorkGroup',
      answers({
        with: {
          WorkGroup: {
            Configuration: {
              EnforceWorkGroupConfiguration: true,
              ResultConfiguration: { OutputLocation: 's3://elsewhere/' },
            },
          },
        },
      }),
    ],
    [
      'athena query',
      examineAthena,
      /gave 3000 and /,
      'StartQueryExecution',
      { kind: 'wrong count', by: 2999 },
    ],
    [
      'athena query',
      examineAthena,
      /gave 1 and 2026-11-22 04:12:33.123$/,
      'GetQueryResults',
      answers({ replace: ['33.123456', '33.123'] }),
    ],
    [
      'athena query',
      examineAthena,
      /gave no row$/,
      'GetQueryResults',
      answers({ with: { ResultSet: { Rows: [] } } }),
    ],
  ]

  test.each(otherwise)(
    'is told as %s, where an answer is not the one expected: %p',
    async (check, examine, found, operation, action, after = 0) => {
      standIn.faults.add({ operation, action, after })
      const troubles = inTrouble(await examine(standIn.aws, lake, signal))
      standIn.faults.clear()
      expect(troubles.find((each) => each.check === check)).toMatchObject({
        found: expect.stringMatching(found),
        fix: expect.stringMatching(/\.$/),
      })
      expect(await left()).toEqual(nothing)
    },
  )

  test.each([
    ['s3 delete', /is still listed after it was deleted/, 'DeleteObjects'],
    ['s3 multipart', /is listed after it was aborted/, 'AbortMultipartUpload'],
    ['glue staging', /is still there after it was dropped/, 'DeleteTable'],
  ])('is told as %s, where what was to go stays', async (check, found, operation) => {
    // An endpoint that says yes and does nothing.
    const deaf = await impostor((request, url) => {
      const done = (body: string) => new Response(body, { headers: { 'content-type': 'application/xml' } })
      const target = request.headers.get('x-amz-target') ?? ''
      if (operation === 'DeleteObjects' && url.searchParams.has('delete')) return done('<DeleteResult/>')
      if (operation === 'AbortMultipartUpload' && request.method === 'DELETE')
        return new Response(null, { status: 204 })
      if (operation === 'DeleteTable' && target.endsWith('.DeleteTable')) return Response.json({})
      return undefined
    })
    const examine = operation === 'DeleteTable' ? examineGlue : examineS3
    const troubles = inTrouble(await examine(deaf.aws, lake, signal))
    await deaf.close()
    expect(troubles).toMatchObject([{ check, status: 'missing', found: expect.stringMatching(found) }])
    // What it did not do is done now.
    const { objects, uploads, staged } = await left()
    const bucket = 'lake'
    await deleteObjects(standIn.aws, { bucket, keys: objects.map(({ key }) => key) })
    for (const { key, id } of uploads) await abortUpload(standIn.aws, { bucket, key, id })
    for (const name of staged) await dropStaged(standIn.aws, { database: 'lake_staging', name })
    expect(await left()).toEqual(nothing)
  })

  test('is what a probe reads back as, where nothing sums it up', async () => {
    const other = await impostor((_, url) =>
      url.searchParams.get('x-id') === 'GetObject' ? new Response('a page of a proxy') : undefined,
    )
    const troubles = inTrouble(await examineS3(other.aws, lake, signal))
    await other.close()
    expect(troubles).toMatchObject([
      { check: 's3 read', found: 'the probe reads back otherwise than it was written' },
    ])
  })

  test('is a key other than the one that was to encrypt', async () => {
    const other = await impostor((_, __, headers) => {
      headers.delete('x-amz-server-side-encryption-aws-kms-key-id')
      if (headers.has('x-amz-server-side-encryption'))
        headers.set('x-amz-server-side-encryption-aws-kms-key-id', 'another')
      return undefined
    })
    const troubles = inTrouble(await examineS3(other.aws, { ...lake, kmsKey: 'mine' }, signal))
    await other.close()
    expect(troubles).toMatchObject([
      { check: 's3 encryption', found: 'the probe was encrypted by the key another, not by mine' },
    ])
  })

  test.each([
    [
      { DRACULA_GLUE_DATABSE: 'x' },
      /DRACULA_GLUE_DATABSE \(is it DRACULA_GLUE_DATABASE\?\) is set and never read/,
    ],
    [
      { dracula_kms_key: 'x', DRACULA_CRAWLERROLE: 'y' },
      /DRACULA_CRAWLER_ROLE\?\) and dracula_kms_key \(is it DRACULA_KMS_KEY\?\) are/,
    ],
  ] as const)('is a letter in the name of a variable: %o', async (env, found) => {
    const { exit, stdout } = await standIn.run(doctor, [], env)
    expect(exit).toBe(0)
    const [first] = JSON.parse(stdout).checks
    expect(first).toEqual({
      check: 'environment',
      status: 'warning',
      found: expect.stringMatching(found),
      fix: 'Correct the name, or unset it.',
    })
  })

  test('is S3 itself, at an endpoint that knows neither conditions nor checksums nor encryption', async () => {
    const old = await impostor(
      ({ method }, _, headers) => {
        headers.delete('if-none-match')
        if (method === 'PUT') headers.delete('x-amz-checksum-crc32')
        return undefined
      },
      (answer) => answer.delete('x-amz-server-side-encryption'),
    )
    const [conditional, unheld, clear, ...more] = inTrouble(await examineS3(old.aws, lake, signal))
    await old.close()
    expect(more).toEqual([])
    expect(conditional).toMatchObject({
      check: 's3 conditional write',
      status: 'missing',
      found: expect.stringMatching(/taken in spite/),
    })
    expect(unheld).toMatchObject({
      check: 's3 checksum',
      status: 'warning',
      found: expect.stringMatching(/CRC32 of another was taken/),
    })
    expect(clear).toMatchObject({
      check: 's3 encryption',
      status: 'warning',
      found: expect.stringMatching(/in the clear/),
    })
  })
})

describe('of Postgres it tells', () => {
  const names = ['plain', 'guarded', 'closed', 'absent', 'beside'] as const
  const tables = names.map((name) => table({ name, columns: { id: integer } }))
  const query = table({ name: 'q', from: 'select id from beside', columns: { id: integer } })
  const joined = table({
    name: 'plain',
    columns: { id: integer },
    lookups: { other: lookup({ from: 'closed', key: 'id', columns: { id: integer } }) },
  })

  beforeAll(async () => {
    await standIn.sql.unsafe(`
      create table plain (id int); create table guarded (id int); create table closed (id int); create table beside (id int);
      alter table guarded enable row level security;
      create role "the reader" login password 'word';
      grant select on plain, guarded to "the reader"`)
  })

  const as = (user: string, search = '', host = '127.0.0.1') => {
    const url = new URL(standIn.env['DATABASE_URL'] ?? '')
    Object.assign(url, { username: encodeURIComponent(user), password: 'word', search, hostname: host })
    return readDatabase({ DATABASE_URL: url.href })
  }

  test('which tables are not there, may not be read, or hide rows', async () => {
    const findings = await examinePostgres(as('the reader'), [...tables, query, joined], signal)
    const by = new Map(findings.map((each) => [each.check, each]))
    expect(by.get('postgres tables')?.found).toBe('1 of 5 may be read')
    expect(by.get('table public.absent')).toMatchObject({
      status: 'missing',
      found: expect.stringMatching(/no such table/),
    })
    expect(by.get('table public.closed')).toMatchObject({
      status: 'missing',
      fix: expect.stringMatching(/grant select \("id"\) on "public"."closed" to "the reader"$/),
    })
    expect(by.get('table public.guarded')).toMatchObject({
      status: 'missing',
      found: expect.stringMatching(/row-level security/),
    })
    expect(by.get('scripts/q.ts')).toMatchObject({
      status: 'missing',
      found: 'Cannot plan the reading of "scripts/q.ts": permission denied for table beside',
    })
  })

  test('that its role might write', async () => {
    const [found] = (await examinePostgres(as('the reader'), [], signal)).filter(
      ({ check }) => check === 'postgres role',
    )
    expect(found).toEqual({
      check: 'postgres role',
      status: 'warning',
      found: 'the transactions of the reader may write unless they say otherwise',
      fix: 'Run: alter role "the reader" set default_transaction_read_only = on',
    })
  })

  test('which columns may not be read, for which scripts, and what a condition reads besides', async () => {
    await standIn.sql.unsafe(`
      create table priced (id int, price int, hidden int);
      grant select (id) on priced to "the reader"`)
    const priced = table({
      name: 'priced',
      columns: { id: integer, price: integer, gone: integer },
      where: 'hidden > 0',
    })
    const named = table({ name: 'others', from: 'priced', columns: { id: integer, price: integer } })
    const troubles = async (...tables: Table[]) =>
      (await examinePostgres(as('the reader'), tables, signal)).filter(
        ({ check }) => !/^postgres/.test(check),
      )
    expect(await troubles(priced)).toMatchObject([
      { check: 'table public.priced', found: 'it has no "gone", which scripts/priced.ts reads' },
      { check: 'scripts/priced.ts', found: expect.stringMatching(/permission denied for table priced$/) },
    ])
    expect(await troubles(named)).toEqual([
      {
        check: 'table public.priced',
        status: 'missing',
        found: '"price" of it may not be read, for scripts/others.ts',
        fix: 'Run as its owner: grant select ("price") on "public"."priced" to "the reader"',
      },
    ])
    await standIn.sql.unsafe('grant select (price) on priced to "the reader"')
    expect(await troubles(named)).toEqual([])
  })

  test.each([
    [
      'grant insert on beside to "the reader"',
      'may INSERT beside',
      'revoke insert on beside from "the reader"',
    ],
    ['alter role "the reader" createdb', 'may create databases', 'alter role "the reader" nocreatedb'],
    [
      'alter role "the reader" connection limit 2; alter role "the reader" set default_transaction_read_only to on',
      'may have 2 connections',
      'alter role "the reader" connection limit -1; alter role "the reader" reset default_transaction_read_only',
    ],
  ])('of its role after %s', async (change, what, undo) => {
    await standIn.sql.unsafe(change)
    const findings = await examinePostgres(as('the reader'), [], signal)
    await standIn.sql.unsafe(undo)
    expect(findings.find(({ check }) => check === 'postgres role')).toMatchObject({
      status: 'warning',
      found: `the reader ${what}`,
    })
  })

  test('how safely it is reached', async () => {
    await turnOnTls(standIn.sql)
    const tlsOf = async (...given: Parameters<typeof as>) =>
      (await examinePostgres(as(...given), [], signal)).find(({ check }) => check === 'postgres tls')
    const authority = `?sslmode=verify-full&sslrootcert=${join(certificates, 'authority.pem')}`
    expect(await tlsOf('the reader', authority, 'localhost')).toMatchObject({
      status: 'ok',
      found: 'TLSv1.3, verify-full',
    })
    expect(await tlsOf('the reader', '?sslmode=require')).toMatchObject({
      status: 'warning',
      found: 'TLSv1.3, require: the server is not verified',
    })
    expect(await tlsOf('the reader')).toMatchObject({ status: 'ok', found: 'none, to this machine' })
  })
})

describe('an Iceberg table', () => {
  const tax = { name: 'tax', format: 'iceberg' } as const
  const examined = (now?: Date) => examineIceberg(standIn.aws, lake, [tax], signal, now)
  const inTwoDays = () => new Date(Date.now() + 2 * 86_400_000)

  beforeAll(async () => {
    await standIn.sql.unsafe('create table tax as select 1 as id')
    const scripts = await openScripts()
    const script = await scripts.write('tax', 'id: nullable(integer)', "format: 'iceberg'")
    expect((await standIn.run(script)).exit).toBe(0)
    await scripts.close()
  })

  test('is told of with what it has in its place', async () => {
    const found: Finding[] = [
      {
        check: 'iceberg tax',
        status: 'ok',
        found: expect.stringMatching(/^1 snapshots in 2\.\d kB of metadata, 4 objects of \d\.\d kB$/),
        fix: null,
      },
      { check: 'iceberg crawlers', status: 'ok', found: 'none looks at them', fix: null },
      { check: 'iceberg optimizers', status: 'ok', found: 'Glue optimizes none of them', fix: null },
    ]
    expect(await examined()).toEqual(found)
    // Nobody needs them less for being old.
    expect(await examined(inTwoDays())).toEqual(found)
    expect(
      await examineIceberg(standIn.aws, lake, [{ name: 'other', format: 'iceberg' }], signal),
    ).toMatchObject([{ status: 'ok', found: 'it is not there yet; the first load makes it' }])
    expect(await examineIceberg(standIn.aws, lake, [{ name: 'tax', format: 'plain' }], signal)).toEqual([])
  })

  test('has objects that no snapshot needs', async () => {
    const folder = 'tables/tax/iceberg/'
    const keys = [`${folder}data/${newLoadId()}/tax.parquet`, `${folder}others.parquet`]
    for (const key of keys) {
      await putNew(standIn.aws, {
        bucket: 'lake',
        key,
        body: 'x',
        contentType: 'text/plain',
        kmsKey: undefined,
      })
    }
    expect(await examined()).toMatchObject([{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }])
    expect((await examined(inTwoDays()))[0]).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('6 objects of'),
      fix: 'The next load removes the 1 that Dracula has written. Find out who has written the other 1: Dracula leaves them alone.',
    })
    await deleteObjects(standIn.aws, { bucket: 'lake', keys, signal })
  })

  test.each([
    ['all tables', 's3://lake/tables/', [], true],
    ['the table', 's3://lake/tables/tax', [], true],
    ['its metadata', 's3://lake/tables/tax/iceberg/metadata/', [], true],
    ['all tables but this', 's3://lake/tables/', ['tax/**'], false],
    ['another table', 's3://lake/tables/taxes/', [], false],
  ])('is looked at by a crawler of %s', async (_, Path, Exclusions, isOver) => {
    await standIn.aws.glue.send(
      new CreateCrawlerCommand({
        ...{ Name: 'nightly', Role: 'crawls', DatabaseName: 'lake' },
        Targets: { S3Targets: [{ Path, Exclusions }] },
      }),
    )
    const [, finding] = await examined()
    await standIn.aws.glue.send(new DeleteCrawlerCommand({ Name: 'nightly' }))
    expect(finding).toMatchObject(
      isOver
        ? { status: 'warning', found: 'the crawler nightly looks at lake.tax' }
        : { status: 'ok', found: 'none looks at them' },
    )
  })

  test('is optimized by Glue, alone or with the whole catalog', async () => {
    const account = { CatalogId: '000000000000' }
    const one = { ...account, DatabaseName: 'lake', TableName: 'tax' }
    for (const [Type, enabled] of [
      ['retention', true],
      ['compaction', false],
    ] as const) {
      const TableOptimizerConfiguration = { roleArn: 'arn:aws:iam::000000000000:role/optimizes', enabled }
      await standIn.aws.glue.send(
        new CreateTableOptimizerCommand({ ...one, Type, TableOptimizerConfiguration }),
      )
    }
    expect((await examined()).at(-1)).toMatchObject({
      status: 'warning',
      found: 'retention is on for lake.tax',
    })
    const OrphanFileDeletion = { enabled: 'true', orphanFileRetentionPeriodInDays: '3' }
    const IcebergOptimizationProperties = { Compaction: { enabled: 'false' }, OrphanFileDeletion }
    const settings = { CatalogProperties: { IcebergOptimizationProperties } }
    await standIn.aws.glue.send(new UpdateCatalogCommand({ ...account, CatalogInput: settings }))
    expect((await examined()).at(-1)).toMatchObject({
      status: 'warning',
      found: 'orphan file deletion is on for all Iceberg tables of the catalog; retention is on for lake.tax',
      fix: expect.stringContaining('Turn them off'),
    })
    await standIn.aws.glue.send(new UpdateCatalogCommand({ ...account, CatalogInput: {} }))
    for (const Type of ['retention', 'compaction'] as const) {
      await standIn.aws.glue.send(new DeleteTableOptimizerCommand({ ...one, Type }))
    }
    expect((await examined()).at(-1)).toMatchObject({ status: 'ok' })
  })

  test('cannot be examined by who may not ask', async () => {
    standIn.faults.add({ operation: 'GetCatalog', action: { kind: 'error', code: 'AccessDeniedException' } })
    expect((await examined()).at(-1)).toMatchObject({ check: 'iceberg optimizers', status: 'missing' })
  })
})

test('a key is asked for where columns are hashed, told by its fingerprint, and never shown', async () => {
  const plain = table({ name: 'plain', columns: { id: integer } })
  const people = table({ name: 'people', columns: { id: integer, email: hashed(text) } })
  const key = '0123456789abcdef0123456789abcdef'
  const examined = (given: string | undefined, tables: readonly Table[] = [plain, people]) =>
    examineHashKey(tables, () => readHashKey({ DRACULA_HASH_KEY: given }), never)
  expect(await examined(undefined, [plain])).toEqual([])
  expect(await examined(undefined)).toMatchObject([
    {
      status: 'missing',
      found: expect.stringContaining('columns of people are hashed, and neither DRACULA_HASH_KEY'),
    },
  ])
  expect(await examined(key.slice(1))).toMatchObject([
    { status: 'missing', found: expect.stringContaining('has a key of 31 bytes') },
  ])
  const sound = await examined(key)
  expect(sound).toMatchObject([{ status: 'ok', found: expect.stringMatching(/fingerprint [0-9a-f]{16}$/) }])
  expect(JSON.stringify(sound)).not.toContain(key)
})

describe('who is told', () => {
  const topic = 'arn:aws:sns:us-east-1:000000000000:alerts'
  const alertsOf = async (env: Readonly<Record<string, string>>) => {
    const { stdout } = await standIn.run(doctor, [], env)
    const { checks }: { checks: { check: string; status: string; found: string }[] } = JSON.parse(stdout)
    return checks.filter(({ check }) => ['alerts', 'webhook', 'sns', 'metrics'].includes(check))
  }

  test('is sent a test message, and nobody is where nobody is to be told', async () => {
    await using webhook = openWebhook()
    await using folder = await temporaryFolder()
    const env = {
      DRACULA_WEBHOOK: webhook.url,
      DRACULA_SNS_TOPIC: topic,
      DRACULA_METRICS_DIRECTORY: folder.path,
    }
    expect(await alertsOf(env)).toMatchObject([
      { check: 'webhook', status: 'ok' },
      { check: 'sns', status: 'ok' },
      { check: 'metrics', status: 'ok', found: folder.path },
    ])
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'test' }] })
    expect(await alertsOf({})).toEqual([])
  })

  test('is named where it takes none, without the URL', async () => {
    await using webhook = openWebhook(() => new Response('', { status: 404 }))
    const env = {
      DRACULA_WEBHOOK: webhook.url,
      DRACULA_SNS_TOPIC: topic.replace('000000000000', '999999999999'),
      DRACULA_METRICS_DIRECTORY: '/no/such/folder',
    }
    const found = await alertsOf(env)
    expect(found).toMatchObject([
      { check: 'webhook', status: 'missing', found: 'The webhook was not told: it answered HTTP 404' },
      { check: 'sns', status: 'missing', found: expect.stringContaining('Topic does not exist') },
      {
        check: 'metrics',
        status: 'missing',
        found: expect.stringContaining('there is no such file or folder'),
      },
    ])
    expect(JSON.stringify(found)).not.toContain(webhook.token)
  })
})
