/** Columns that are hashed or masked: joined by, and nowhere to be seen. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { compareColumns } from '../../checks/columns/compare.ts'
import { comparePartitions } from '../../checks/partitions/compare.ts'
import { runQuery } from '../../lib/aws/athena.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import { bigint, date, day, hashed, nullable, table, text, timestamptz } from '../../lib/table.ts'
import { type FanOutRun, openFanOut } from '../fan-out/fan-out.ts'
import { never } from '../support/aws.ts'
import { since } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

const key = 'f0e1d2c3b4a5968778695a4b3c2d1e0f-of-this-test'
const otherKey = 'another-key-of-the-same-length-as-the-first-one'
const env = { DRACULA_HASH_KEY: key }

/** What must not leave Postgres; the last two are numbers with more digits than anything else here has. */
const raw = {
  email: 'Zoë.Quaverly@secretmail.example',
  phone: '+49 171 5559173',
  iban: 'DE89370400440532013000',
  token: '6f1c9f5e-4b2b-4d53-9c9f-1f1f0a7d3e55',
  account: '7219346501824',
  tax: '1937465028',
}
const kept = 'secretmail.example'

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
  await standIn.sql.unsafe(`
    create table people (id integer primary key, email text not null, phone text, iban text not null, token uuid not null,
      account bigint not null, tax integer, born date);
    insert into people select g, case when g = 3 then '${raw.email}' else 'p' || g % 7 || '@a.example' end,
      case when g % 2 = 1 then '${raw.phone}' end, '${raw.iban}', '${raw.token}', ${raw.account}, ${raw.tax}, '1990-02-03'
    from generate_series(1, 20) g;
    create table letters (id integer primary key, recipient text not null, account text not null);
    insert into letters values (1, '${raw.email}', '${raw.account}')`)
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

const root = join(import.meta.dir, '../..')
/** Several connections share out ranges of blocks where Postgres finds such, and values before. */
const byValues = since(14, '', "sliceBy: 'id'")

const hash = (value: string) => createHmac('sha256', key).update(value).digest('hex')

async function inLake(sql: string): Promise<(string | null)[][]> {
  const { workgroup, athenaOutput: output, glueDatabase: database } = readLake(standIn.env)
  const asked = { sql, database, workgroup, output, timeoutMs: 60_000, signal: never }
  return (await runQuery(standIn.aws, asked)).rows.map((row) => [...row])
}

/** Every byte there is of a table in S3, names included, and all that Glue has of it. */
async function everythingOf(table: string): Promise<string> {
  const { s3 } = standIn.aws
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake' }))
  const objects = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))
      return `${Key}\n${Buffer.from((await Body?.transformToByteArray()) ?? []).toString('latin1')}`
    }),
  )
  return `${objects.join('\n')}${JSON.stringify(await standIn.readersSee(table))}`
}

/** Values, and the forms that files have numbers and texts in. */
function leaksIn(text: string, values: readonly string[] = Object.values(raw)): string[] {
  const forms = values.flatMap((value) => {
    const bytes = Buffer.alloc(8)
    if (/^\d{10,18}$/.test(value)) bytes.writeBigInt64LE(BigInt(value))
    const binary = bytes.toString('latin1').replace(/\0+$/, '')
    return [
      value,
      Buffer.from(value).toString('latin1'),
      value.replaceAll('-', ''),
      ...(binary ? [binary] : []),
    ]
  })
  return [...new Set(forms)].filter((form) => text.includes(form))
}

const columns = `id: integer, email: hashed(text), phone: nullable(hashed(text)),
  domain: named('email', masked(text, { keep: 'domain' })), iban: masked(text, { keepLast: 4 }), token: masked(uuid),
  account: hashed(bigint), tax: hashed(nullable(integer)), born: masked(nullable(text), { keepFirst: 4 })`

test('have hashes that join tables and stars in the lake, and no byte of a value in S3, Glue, logs or the report', async () => {
  const people = await scripts.write('people', columns)
  const letters = await scripts.write(
    'letters',
    'id: integer, recipient: hashed(text), account: named("account", hashed(text))',
  )
  const flags = ['--codec', 'none', '--fingerprint', '--catalog', 'crawler']
  const crawled = { ...env, DRACULA_CRAWLER_ROLE: 'crawler' }
  const [one, other] = [
    await standIn.run(people, flags, crawled),
    await standIn.run(letters, flags.slice(0, 3), env),
  ]
  expect([one.exit, other.exit, one.message]).toEqual([0, 0, expect.anything()])
  expect(
    await inLake(
      `select p.id, p.email, p.phone, p.domain, p.iban, p.token, p.account, p.tax, p.born
       from people p join letters l on p.email = l.recipient and p.account = l.account`,
    ),
  ).toEqual([
    [
      ...['3', hash(raw.email), hash(raw.phone), `***@${kept}`, '***3000', '***', hash(raw.account)],
      ...[hash(raw.tax), '1990***'],
    ],
  ])
  expect(await inLake('select count(phone), count(distinct email), count(*) from people')).toEqual([
    ['10', '8', '20'],
  ])
  const iceberg = await scripts.write('people_kept', columns, `from: 'people', format: 'iceberg'`)
  const third = await standIn.run(iceberg, flags.slice(0, 3), env)
  expect([third.exit, third.message]).toEqual([0, expect.anything()])
  const dry = await standIn.run(people, ['--dry-run', '--fingerprint'], env)
  const said = [one, other, third, dry].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n')
  const everything = await everythingOf('people')
  expect(everything).toContain(hash(raw.email))
  expect(leaksIn(everything)).toEqual([])
  expect(leaksIn(said)).toEqual([])
  expect([everything, said].filter((text) => text.includes(key))).toEqual([])

  const lake = readLake(standIn.env)
  const compared = await Promise.all(
    ['people', 'letters'].map((table) => compareColumns(table, { aws: standIn.aws, lake, signal: never })),
  )
  expect(compared.map(({ status, columns: count }) => [status, count])).toEqual([
    ['ok', 9],
    ['ok', 3],
  ])
  expect(leaksIn(JSON.stringify(compared))).toEqual([])
})

test('are the same whoever reads them: one connection, or several threads', async () => {
  await standIn.sql.unsafe(`
    create table many (id integer primary key, email text not null);
    insert into many select g, 'person' || g % 5000 || '@a.example' from generate_series(1, 40000) g`)
  const script = await scripts.write('many', 'id: integer, email: hashed(text)', byValues)
  const hashes = 'select email, count(*) from many group by 1 order by 1'
  expect((await standIn.run(script, ['--connections', '1', '--catalog', 'declared'], env)).exit).toBe(0)
  const alone = await inLake(hashes)
  expect(alone).toHaveLength(5_000)
  expect(alone.find(([each]) => each === hash('person77@a.example'))).toEqual([
    hash('person77@a.example'),
    '8',
  ])
  const sliced = await standIn.start(script, ['--connections', '3', '--catalog', 'declared'], env).finished
  expect([sliced.exit, sliced.summary().slicing.connections > 1]).toEqual([0, true])
  expect(await inLake(hashes)).toEqual(alone)
})

/** Writes a script that other programs can import. @returns the flags that tell them where it is */
async function writeDeclared(folder: string, name: string, options: string): Promise<string[]> {
  const module = (file: string) => JSON.stringify(join(root, 'lib', file))
  await Bun.write(
    join(folder, `${name}.ts`),
    `import { run } from ${module('run.ts')}
import { hashed, integer, table, text } from ${module('table.ts')}
const ${name} = table({ name: '${name}', columns: { id: integer, email: hashed(text) }, ${[options, byValues].filter(Boolean)} })
export default ${name}
if (import.meta.main) await run(${name})
`,
  )
  return ['--scripts', folder]
}

test('are published by several machines as by one, which holds all their rows to what is expected', async () => {
  await using folder = await temporaryFolder()
  const expected = `references: { email: 'many.email' }, unique: ['id'], warn: { unique: ['email'] }`
  const more = await writeDeclared(folder.path, 'shared_out', `from: 'many', expect: { ${expected} }`)
  await using run = await openFanOut(standIn, 'shared_out', 2, env)
  const holder = await run.hold('start', { more })
  const slices = [0, 1].map((slice) => run.start('slice', { slice, more }).finished)
  expect((await Promise.all(slices)).map(({ exit }) => exit)).toEqual([0, 0])
  const finished = (await run.start('finish', { more }).finished).summary()
  holder.kill('SIGTERM')
  await holder.finished
  expect((await run.start('clear', { more }).finished).exit).toBe(0)
  expect(finished).toMatchObject({ published: true, rows: 40_000, slicing: { slices: 2 } })
  // The values of one slice alone are in fewer rows.
  expect(finished.warnings).toEqual(['5,000 values of email, expected to be unique, are in 40,000 rows'])
  expect(await standIn.readersSee('shared_out')).toMatchObject({ rows: 40_000, counted: 40_000 })
})

test('are hashed with one key by all machines that read a load, or nothing is published, and no note has it', async () => {
  await using folder = await temporaryFolder()
  const more = await writeDeclared(folder.path, 'many', '')
  const before = await standIn.readersSee('many')
  await using run = await openFanOut(standIn, 'many', 2, env)
  await using stranger = await openFanOut(standIn, 'many', 2, { DRACULA_HASH_KEY: otherKey })
  const holder = await run.hold('start', { more })
  const slice = (by: FanOutRun, at: number) => by.start('slice', { slice: at, uid: run.uid, more }).finished
  const read = await Promise.all([slice(run, 0), slice(stranger, 1)])
  expect(read.map(({ exit }) => exit)).toEqual([0, 0])
  const notes = await everythingOf('many')
  expect([key, otherKey, 'person77@a.example'].filter((each) => notes.includes(each))).toEqual([])
  const { exit, message } = await run.start('finish', { more }).finished
  expect([exit, message]).toEqual([2, expect.stringContaining('they were not all hashed with one key')])
  holder.kill('SIGTERM')
  await holder.finished
  expect((await run.start('clear', { more }).finished).exit).toBe(0)
  expect(await standIn.readersSee('many')).toEqual(before)
})

test('are looked for in every form: a column that is not hidden is found', async () => {
  const script = await scripts.write(
    'people',
    'id: integer, email: text, phone: nullable(text), iban: text, token: uuid, account: bigint, tax: nullable(integer)',
    `name: 'plain', from: 'people'`,
  )
  expect((await standIn.run(script, ['--codec', 'none', '--catalog', 'declared'])).exit).toBe(0)
  const everything = await everythingOf('plain')
  expect(Object.values(raw).filter((value) => leaksIn(everything, [value]).length === 0)).toEqual([])
})

test('are seen by functions as they are, and hashed by derived columns as they make them', async () => {
  const script = await scripts.write(
    'letters',
    'id: integer, recipient: hashed(text)',
    `derive: {
       address: { type: hashed(text), value: ({ recipient }) => recipient.toLowerCase() },
       is_zoe: { type: boolean, value: ({ recipient }) => recipient.startsWith('Zoë') },
     }, internal: ['recipient']`,
  )
  expect((await standIn.run(script, ['--catalog', 'declared'], env)).exit).toBe(0)
  expect(await inLake('select address, is_zoe from letters')).toEqual([
    [hash(raw.email.toLowerCase()), 'true'],
  ])
})

test('stop a load with exit code 2 and nothing read where there is no key, one that is none, or another than before', async () => {
  const script = await scripts.write('people', 'id: integer, email: hashed(text)')
  expect((await standIn.run(script, ['--catalog', 'declared'], env)).exit).toBe(0)
  const before = await standIn.readersSee('people')
  const nowhere = { ...env, DATABASE_URL: 'postgres://reader@127.0.0.1:1/none' }
  const refused = async (over: Readonly<Record<string, string | undefined>>, ...flags: string[]) => {
    const { exit, message, stdout, stderr } = await standIn.run(script, flags, { ...nowhere, ...over })
    expect([exit, leaksIn(stdout + stderr, [key, otherKey])]).toEqual([2, []])
    expect(message).not.toContain('\n')
    return message
  }
  const absent = await refused({ DRACULA_HASH_KEY: undefined })
  expect(absent).toContain('Cannot hash "email of people": neither DRACULA_HASH_KEY nor')
  expect(await refused({ DRACULA_HASH_KEY: undefined }, '--dry-run')).toContain(
    'Cannot hash "email of people"',
  )
  expect(await refused({ DRACULA_HASH_KEY: key.slice(0, 31) })).toContain('has a key of 31 bytes, and 32 are')
  expect(await refused({ DRACULA_HASH_KEY: 'x'.repeat(40) })).toContain('fewer than 8 different characters')
  expect(await refused({ DRACULA_HASH_KEY_FILE: '/nowhere' })).toContain('is set beside DRACULA_HASH_KEY')
  const file = { DRACULA_HASH_KEY: undefined, DRACULA_HASH_KEY_FILE: '/nowhere' }
  expect(await refused(file)).toContain('names the file /nowhere, which cannot be read')
  const other = await refused({ DRACULA_HASH_KEY: otherKey })
  expect(other).toContain('was hashed with the key')
  expect(other).toContain('load each once with --new-hash-key')
  expect(await standIn.readersSee('people')).toEqual(before)

  await using folder = await temporaryFolder()
  const path = join(folder.path, 'key')
  await Bun.write(path, `${otherKey}\n`)
  const byFile = { DRACULA_HASH_KEY: undefined, DRACULA_HASH_KEY_FILE: path }
  const flags = ['--catalog', 'declared', '--new-hash-key']
  expect((await standIn.run(script, flags, byFile)).exit).toBe(0)
  const { exit, message } = await standIn.run(script, flags.slice(0, 2), { DRACULA_HASH_KEY: otherKey })
  expect([exit, message]).toEqual([0, expect.anything()])
  expect(await inLake('select email from people where id = 3')).toEqual([
    [createHmac('sha256', otherKey).update(raw.email).digest('hex')],
  ])
})

test('are never of two keys, or hidden in some partitions alone: another key, or another form, has all read', async () => {
  await standIn.sql.unsafe(`
    create table visits (id bigint primary key, day date not null, visitor text, changed timestamptz not null);
    insert into visits select g, date '2026-03-01' + g % 5, '${raw.email}', now() - interval '2 days'
    from generate_series(1, 50) g`)
  const write = (visitor: string) =>
    scripts.write(
      'visits',
      `id: bigint, day: date, visitor: ${visitor}, changed: timestamptz`,
      `partitionBy: day('day'), incremental: { changed: 'changed', overlap: '1h', key: 'id' }`,
    )
  const seen = 'select visitor, count(*) from visits group by 1'
  const script = await write('nullable(text)')
  expect((await standIn.run(script, [], env)).exit).toBe(0)
  await write(`nullable(hashed(text))`)
  const part = await standIn.run(script, ['--partitions', '2026-03-02'], env)
  expect([part.exit, part.message]).toEqual([3, expect.stringContaining('--full')])
  const again = await standIn.run(script, [], env)
  expect(again.summary().partitions).toMatchObject({ which: 'all', reasons: { all: 5 } })
  expect(await inLake(seen)).toEqual([[hash(raw.email), '50']])
  const back = (...load: readonly string[]) => standIn.run('lib/commands/rollback.ts', ['visits', ...load])
  const before = await back()
  expect([before.exit, before.message]).toEqual([2, expect.stringContaining('when nothing of it was hashed')])
  const visits = table({
    ...{ name: 'visits', partitionBy: day('day') },
    columns: { id: bigint, day: date, visitor: nullable(hashed(text)), changed: timestamptz },
    incremental: { changed: 'changed', overlap: '1h', key: 'id' },
  })
  const checked = await comparePartitions(visits, {
    ...{ aws: standIn.aws, lake: readLake(standIn.env), database: readDatabase(standIn.env) },
    ...{ which: undefined, signal: never },
  })
  expect(checked).toMatchObject({ status: 'ok', partitions: 5, rows: 50 })
  // Nothing to read: the key is known all the same.
  expect((await standIn.run(script, [], env)).summary().partitions).toMatchObject({ which: 'these' })
  const other = { DRACULA_HASH_KEY: otherKey }
  expect((await standIn.run(script, [], other)).message).toContain('was hashed with the key')
  const some = await standIn.run(script, ['--new-hash-key', '--partitions', '2026-03-02'], other)
  expect([some.exit, some.message]).toEqual([3, expect.stringContaining('was hashed with another key')])
  const [older] = JSON.parse((await standIn.run('lib/commands/loads.ts', ['visits'])).stdout).loads
  const last = await standIn.run(script, ['--new-hash-key'], other)
  expect(last.summary().partitions).toMatchObject({ which: 'all', reasons: { all: 5 } })
  expect(await inLake(seen)).toEqual([[createHmac('sha256', otherKey).update(raw.email).digest('hex'), '50']])
  expect((await back()).message).toContain(
    `load ${older.load}, the one before, was written with another hash key`,
  )
  expect((await back(older.load)).exit).toBe(0)
  expect(await inLake(seen)).toEqual([[hash(raw.email), '50']])
})

test.each([
  ['plain', ''],
  ['iceberg', `format: 'iceberg'`],
])(
  'a rollback of a table that is %s goes back to no load in which a column was not hidden as it is now',
  async (format, more) => {
    const name = `callers_${format}`
    await standIn.sql.unsafe(`
    create table ${name} (id integer not null, phone text not null, email text not null);
    insert into ${name} values (1, '${raw.phone}', '${raw.email}')`)
    const back = (...load: readonly string[]) => standIn.run('lib/commands/rollback.ts', [name, ...load])
    const load = async (phone: string, email: string) => {
      const script = await scripts.write(name, `id: integer, phone: ${phone}, email: ${email}`, more)
      const args = format === 'plain' ? ['--catalog', 'declared'] : []
      return (await standIn.run(script, args, env)).summary().load
    }
    const seen = async () => (await inLake(`select phone, email from ${name}`))[0]
    const refusal = (of: string, column: string) =>
      `load ${of}, the one before, was written when ${column} was not hidden as it is now`
    const first = await load('hashed(text)', 'text')
    await load('hashed(text)', 'hashed(text)')
    // The key is the same.
    const unhashed = await back()
    expect([unhashed.exit, unhashed.message]).toEqual([2, expect.stringContaining(refusal(first, 'email'))])
    const third = await load('masked(text, { keepLast: 4 })', 'hashed(text)')
    await load('masked(text)', 'hashed(text)')
    const unmasked = await back()
    expect([unmasked.exit, unmasked.message]).toEqual([2, expect.stringContaining(refusal(third, 'phone'))])
    expect(await seen()).toEqual(['***', hash(raw.email)])
    expect((await back(third)).exit).toBe(0)
    expect(await seen()).toEqual(['***9173', hash(raw.email)])
  },
)

test('are in no message of a load that fails, whatever functions do with them', async () => {
  const declared = `id: integer, email: hashed(text), iban: hashed(text), account: hashed(bigint)`
  const failures = [
    `derive: { x: { type: integer, value: ({ email }) => { throw new Error('bad ' + email) } } }`,
    `derive: { x: { type: integer, value: ({ email }) => JSON.parse(email) } }`,
    `derive: { x: { type: integer, value: ({ email }) => email } }`,
    `derive: { x: { type: numeric(4, 2), value: ({ account }) => decimal(String(account)) } }`,
    `derive: { x: { type: hashed(integer), value: ({ iban }) => iban } }`,
    `derive: { x: { type: hashed(uuid), value: ({ iban }) => iban } }`,
    `filter: ({ email }) => email`,
    `lookups: { letter: lookup({ from: 'letters', key: 'id', columns: { id: integer } }) },
     filter: ({ iban }, { letter }) => letter(iban) === undefined`,
    `lookups: { person: lookup({ from: 'people', key: 'iban', columns: { iban: hashed(text) } }) },
     filter: ({ iban }, { person }) => person(iban) !== undefined`,
  ]
  for (const more of failures) {
    const script = await scripts.write('people', declared, more)
    const { exit, message, stdout, stderr } = await standIn.run(script, ['--dry-run'], {
      ...env,
      DRACULA_DEBUG: '1',
    })
    expect([more, exit, leaksIn(stdout + stderr + message)]).toEqual([more, 3, []])
  }
  const raising = [
    `from: "select id, email, iban, email::bigint as account from people where id = 3"`,
    `where: 'iban::int > 0'`,
  ]
  for (const more of raising) {
    const script = await scripts.write('people', declared, more)
    const { exit, message, stdout, stderr } = await standIn.run(script, ['--dry-run'], {
      ...env,
      DRACULA_DEBUG: '1',
    })
    expect([more, exit, leaksIn(stdout + stderr)]).toEqual([more, 3, []])
    expect(message).toContain('SQLSTATE 22P02')
  }
  const nulls = await scripts.write('people', 'phone: hashed(text), email: hashed(text)')
  const { exit, message, stderr } = await standIn.run(nulls, ['--dry-run'], env)
  expect([exit, leaksIn(message + stderr)]).toEqual([3, []])
  expect(message).toContain('phone: nullable(hashed(text)),')
})

test('stay hidden in the lines that a load says to paste, where the source has another type by now', async () => {
  await standIn.sql.unsafe(
    'create table moved (id bigint not null, code jsonb not null, size double precision)',
  )
  const script = await scripts.write(
    'moved',
    `id: hashed(integer), code: masked(integer, { keepLast: 2 }), size: nullable(hashed(integer))`,
  )
  const { message } = await standIn.run(script, ['--dry-run'], env)
  expect(message).toContain(
    'id: hashed(bigint), code: masked(text, { keepLast: 2 }), size: nullable(hashed(text)),',
  )
})
