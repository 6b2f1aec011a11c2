/** The plan of a dry run, held against what the database has and what a load then does. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { array, integer, nullable, numeric, text, timestamptz } from '../../lib/table.ts'
import { runInProcess } from '../support/in-process.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: Awaited<ReturnType<typeof openScripts>>
let script: string

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01, tables: [] }), openScripts()])
  await standIn.sql.unsafe(`
    create type mood as enum ('sad', 'glad');
    create table parcels (id integer not null, "Net Weight" numeric(20,3), seen timestamptz, mood mood, codes integer[]);
    insert into parcels values
      (1, 1.5, 'infinity', 'sad', '{1,null}'), (2, -99.999, '2000-01-01 00:00Z', null, '{}'), (3, null, '-infinity', 'glad', null);
    comment on column parcels.id is 'The number on its label.';
    create table misfits as select 1 as id, 'infinity'::timestamptz as seen`)
  await standIn.sql.unsafe('analyze parcels')
  script = await scripts.write(
    'parcels',
    `id: integer, net_weight: nullable(named('Net Weight', numeric(20, 3))), seen: lossy(timestamptz, 'null'),
     mood: nullable(text), codes: nullable(array(integer))`,
    "comment: 'One row per parcel.', tags: { team: 'post' }, comments: { mood: 'Of who packed it.' }",
  )
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

const values = {
  id: ['1', '2', '3'],
  net_weight: ['1.500', '-99.999', null],
  seen: [null, '946684800000000', null],
  mood: ['sad', null, 'glad'],
  codes: ['["1",null]', '[]', null],
}
const columns = {
  id: integer,
  net_weight: nullable(numeric(20, 3)),
  seen: nullable(timestamptz),
  mood: nullable(text),
  codes: nullable(array(integer)),
}
const bare = { DRACULA_S3_URI: undefined, DRACULA_GLUE_DATABASE: undefined }

/** The stand-in adds `--json`; this is for people. */
async function textOf(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) {
  const path = join(import.meta.dir, '../..', script)
  const { exit, stdout, stderr } = await runInProcess(path, args, { ...standIn.env, ...env })
  expect({ exit, stderr }).toEqual({ exit: 0, stderr })
  return stdout
}

test('plans columns, values and measures, and asks nothing of S3 and Glue', async () => {
  const lake = await standIn.beside()
  const before = lake.faults.log.length
  const { dry_run, published, location, files, plan } = (await lake.run(script, ['--dry-run'])).summary()
  expect(lake.faults.log.slice(before)).toEqual([])
  expect({ dry_run, published, location, files }).toEqual({
    dry_run: true,
    published: false,
    location: '',
    files: [],
  })
  expect(plan).toMatchObject({
    version: 1,
    source: 'public.parcels',
    source_kind: 'table',
    query:
      'copy (select "id", "Net Weight", "seen", "mood"::pg_catalog.text, "codes" from "public"."parcels") to stdout (format binary)',
    estimated_rows: 3,
    ...{ comment: 'One row per parcel.', owner: null, tags: { team: 'post' } },
    measured: { rows_read: 3, rows: 3, files: [{ name: 'parcels-00000.parquet', rows: 3 }] },
  })
  expect(plan?.estimated_bytes).toBeGreaterThan(0)
  expect(plan?.measured.bytes_read).toBeGreaterThan(0)
  const cells = plan?.columns.map((each) => Object.values(each).join(' | '))
  expect(cells).toEqual([
    'id | id | integer | INT32 | int | false |  | 0 |  | The number on its label.',
    'net_weight | Net Weight | numeric(20,3) | FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,3) | decimal(20,3) | true | error | 0 |  | ',
    'seen | seen | timestamp with time zone | INT64 TIMESTAMP(MICROS, UTC) | timestamp | true | null | 2 |  | ',
    'mood | mood | public.mood | BYTE_ARRAY STRING | string | true |  | 0 |  | Of who packed it.',
    'codes | codes | integer[] | LIST of INT32 | array<int> | true |  | 0 |  | ',
  ])
})

test.each([
  ['with a crawl', []],
  ['from the declaration', ['--catalog', 'declared']],
])('plans the objects and calls that a load then makes %s', async (_, flags) => {
  const lake = await standIn.beside()
  const { plan } = (await lake.run(script, ['--dry-run', ...flags])).summary()
  const before = lake.faults.log.length
  const { load, files } = (await lake.run(script, flags)).summary()
  const named = (name: string) => name.replace('<load>', load)
  const wrote = lake.faults.log.filter(({ operation }) => operation === 'PutObject')
  expect(plan?.lake?.objects.map(named)).toEqual(wrote.map(({ subject }) => `s3://${subject}`))
  expect(plan?.lake?.objects.map(named)).toEqual(expect.arrayContaining([...files]))

  const planned = (plan?.lake?.calls ?? []).flatMap(({ call, on, when }) =>
    call.split(' or ').map((each) => ({ call: each.replace(/^\w+:/, ''), on: named(on), when })),
  )
  const changes = /^(Create|Update|Delete|Start)(Database|Table|Crawler)$|^PutObject$/
  const made = lake.faults.log.filter(({ operation }) => changes.test(operation))
  expect(made.length).toBeGreaterThan(3)
  for (const { operation: call, subject } of made) {
    const on = call === 'PutObject' ? `s3://${subject}` : subject
    expect(planned).toContainEqual(expect.objectContaining({ call, on }))
  }
  const asked = new Set(lake.faults.log.slice(before).map(({ operation }) => operation))
  expect([...asked].filter((operation) => planned.every(({ call }) => call !== operation))).toEqual([])
  for (const { call, when } of planned)
    if (when === null && !/^(Create|Update)/.test(call)) expect(asked).toContain(call)
})

test('plans what a large file takes, and what clears away after killed loads', async () => {
  await standIn.sql`create table heavy as select decode(repeat(md5(i::text), 4096), 'hex') as load from generate_series(1, 200) i`
  const heavy = await scripts.write('heavy', 'load: nullable(bytea)')
  const { plan } = (await standIn.run(heavy, ['--dry-run', '--codec', 'none'])).summary()
  const calls = plan?.lake?.calls.map(({ call, on }) => `${call} ${on}`)
  const file = 's3://lake/tables/heavy/<load>/heavy-00000.parquet'
  expect(calls).toEqual(
    expect.arrayContaining([
      `s3:CreateMultipartUpload ${file}`,
      `s3:UploadPart ${file}`,
      `s3:CompleteMultipartUpload ${file}`,
      's3:ListObjectsV2 s3://lake/tables/heavy/',
      's3:DeleteObjects s3://lake/tables/heavy/<old load>/',
      's3:AbortMultipartUpload s3://lake/tables/heavy/<old load>/',
    ]),
  )
  expect(calls).not.toContain(`s3:PutObject ${file}`)
})

test('is a text for people', async () => {
  const text = await textOf(['--dry-run'])
  expect(text).toStartWith(
    'parcels: dry run, nothing written\n\nsource: public.parcels (table), about 3 rows, ',
  )
  expect(text).toContain('copy (select "id", "Net Weight"')
  expect(text).toMatch(
    /net_weight \(Net Weight\) +numeric\(20,3\) +FIXED\S+ DECIMAL\(20,3\) +decimal\(20,3\) +yes +error\n/,
  )
  expect(text).toMatch(/the table +One row per parcel\.\n +id +The number on its label\.\n/)
  expect(text).toMatch(/tag team +post\n/)
  expect(text).toMatch(/seen +2 made null\n/)
  expect(text).toContain('s3://lake/tables/parcels/<load>/parcels-00000.parquet')
  expect(text).toMatch(/glue:CreateTable or glue:UpdateTable +lake\.parcels\n/)
  expect(text).toMatch(/rows +3 read\n/)
  expect(text).toContain('of Parquet, not kept')
})

test('needs no lake, and then says that none is configured', async () => {
  expect((await standIn.run(script, ['--dry-run'], bare)).summary().plan?.lake).toBeNull()
  const text = await textOf(['--dry-run'], bare)
  expect(text).toContain('lake: not configured; with DRACULA_S3_URI and DRACULA_GLUE_DATABASE set')
  expect(text).not.toContain('s3://')
})

test('of a crawl without a role is refused as the load is', async () => {
  await expectRefusal(
    standIn,
    'parcels',
    () => standIn.run(script, ['--dry-run', '--catalog', 'crawler'], { DRACULA_CRAWLER_ROLE: undefined }),
    { exit: 2, says: ['DRACULA_CRAWLER_ROLE is not set'] },
  )
})

test('--out implies it and leaves the files in a folder, made if there is none', async () => {
  await using folder = await temporaryFolder()
  const out = join(folder.path, 'new', 'files')
  const lake = await standIn.beside()
  const before = lake.faults.log.length
  const summary = (await lake.run(script, ['--out', out])).summary()
  const path = join(out, 'parcels-00000.parquet')
  expect(lake.faults.log.slice(before)).toEqual([])
  expect(summary).toMatchObject({
    dry_run: true,
    published: false,
    files: [path],
    bytes: Bun.file(path).size,
  })
  expect(await readdir(out)).toEqual(['parcels-00000.parquet'])
  for (const read of Object.values(readers)) expect(await read(path, columns)).toEqual(values)
})

test('--out begins further files as a load does', async () => {
  await using folder = await temporaryFolder()
  await standIn.sql`create table many as select i as id, md5(i::text) as word from generate_series(1, 1100000) i`
  const many = await scripts.write('many', 'id: nullable(integer), word: nullable(text)')
  const { files, plan } = (
    await standIn.run(many, ['--out', folder.path, '--max-file-size', '1MB'])
  ).summary()
  expect(files.length).toBeGreaterThan(1)
  expect(plan?.lake?.objects).toHaveLength(files.length + 1)
  expect(plan?.measured.files.map(({ name }) => join(folder.path, name))).toEqual([...files])
  expect(plan?.measured.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_100_000)
})

test('--out refuses a folder that has files of the table, and leaves them alone', async () => {
  await using folder = await temporaryFolder()
  const taken = join(folder.path, 'parcels-00001.parquet')
  await Bun.write(taken, 'mine')
  await expectRefusal(standIn, 'parcels', () => standIn.run(script, ['--out', folder.path]), {
    exit: 2,
    says: [`parcels: dry run failed. Cause: Cannot write "${taken}": it is there already. Do: Give --out`],
  })
  expect(await readdir(folder.path)).toEqual(['parcels-00001.parquet'])
  expect(await Bun.file(taken).text()).toBe('mine')
})

test('--out refuses what is no folder, or cannot be one', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'file')
  await Bun.write(file, '')
  for (const [out, reason] of [
    [file, 'it is a file, not a folder'],
    [join(file, 'below'), 'a part of the path is a file, not a folder'],
    ['/proc/nowhere', 'there is no such file or folder'],
  ] as const) {
    await expectRefusal(standIn, 'parcels', () => standIn.run(script, ['--out', out]), {
      exit: 2,
      says: [
        `Cannot write "${out}": ${process.platform === 'linux' || out !== '/proc/nowhere' ? reason : ''}`,
      ],
    })
  }
})

test('stops at a value that does not fit, and leaves no file', async () => {
  await using folder = await temporaryFolder()
  const out = join(folder.path, 'files')
  await mkdir(out)
  const misfits = await scripts.write('misfits', 'id: nullable(integer), seen: nullable(timestamptz)')
  await expectRefusal(standIn, 'misfits', () => standIn.run(misfits, ['--out', out]), {
    exit: 3,
    says: ['misfits: dry run failed. Cause: Cannot read "misfits.seen": the value infinity'],
  })
  expect(await readdir(out)).toEqual([])
})
