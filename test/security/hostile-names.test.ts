/** Names that a hostile database can choose: they are read as names everywhere, and run nowhere. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { compareColumns } from '../../checks/columns/compare.ts'
import { countRows } from '../../checks/row-counts/count.ts'
import { compareSchema } from '../../checks/schema/compare.ts'
import { quoteIdentifier, runQuery } from '../../lib/aws/athena.ts'
import { examinePostgres } from '../../lib/commands/examine/postgres.ts'
import { postgresRole } from '../../lib/commands/policies/postgres-role.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import { writeRelationName } from '../../lib/declare/relation-name.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { quoteName, quoteRelation, quoteText } from '../../lib/postgres/relation.ts'
import { integer, lookup, named, table, text } from '../../lib/table.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

const hostile = [
  '"; drop table victims; --',
  "'); drop table victims; --",
  '$$; drop table victims; $$',
  '$create$; drop table victims; $create$',
  '`; drop table victims; `',
  'a\n; drop table victims; --\nb',
  '" from victims; delete from victims; --',
  "\\'; drop table victims; --",
  '*/ drop table victims; /*',
  'a.b, "victims" \u0024{process.exit(9)} $1 %s :x ?',
]
const [schema = '', source = ''] = hostile
const from = (name: string) => writeRelationName({ schema, name })

const columns = Object.fromEntries([
  ['id', integer],
  ...hostile.map((name, at) => [`c${at}`, named(name, text)] as const),
])
const others = hostile.filter((name) => name !== source)
const lookups = Object.fromEntries(
  others.map((name, at) => [
    `l${at}`,
    lookup({ from: from(name), key: 'key', columns: { key: named(name, integer) } }),
  ]),
)
const declared = table({ name: 'hostile', from: from(source), columns, lookups })

/** The same as a script. */
const written = {
  columns: `id: integer, ${hostile.map((name, at) => `c${at}: named(${JSON.stringify(name)}, text)`).join(', ')}`,
  more: `from: ${JSON.stringify(from(source))}, lookups: { ${others
    .map((name, at) => {
      const key = `named(${JSON.stringify(name)}, integer)`
      return `l${at}: lookup({ from: ${JSON.stringify(from(name))}, key: 'key', columns: { key: ${key} } })`
    })
    .join(', ')} }`,
}

let lake: TestStandIn
let scripts: OwnScripts
const { signal } = new AbortController()

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  const place = (name: string) => quoteRelation({ schema, name })
  await lake.sql.unsafe(`
    create table victims (id int not null);
    insert into victims values (1), (2);
    create schema ${quoteName(schema)};
    ${hostile
      .map((name, at) => {
        const all = hostile.map((each) => `${quoteName(each)} text not null`).join(', ')
        const rest = name === source ? `id int not null, ${all}` : `${quoteName(name)} int not null`
        return `create table ${place(name)} (${rest});
          comment on table ${place(name)} is ${quoteText(hostile[hostile.length - 1 - at] ?? '')};`
      })
      .join('\n')}
    insert into ${place(source)} values (1, ${hostile.map(quoteText).join(', ')})`)
  const victims = await scripts.write('victims', 'id: integer')
  expect((await lake.run(victims, ['--catalog', 'declared'])).exit).toBe(0)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

test('a load reads them, and the checks agree with it', async () => {
  const script = await scripts.write('hostile', written.columns, written.more)
  const { exit, message, stderr } = await lake.run(script, ['--fingerprint'])
  expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
  expect(stderr).not.toContain('level":"error')
  const config = { aws: lake.aws, lake: readLake(lake.env), signal }
  const source = { sql: lake.sql, database: readDatabase(lake.env), mode: 'exact' } as const
  expect(await countRows(declared, { ...config, source, limit: { rows: 0 } })).toMatchObject({
    status: 'ok',
    source: 1,
    lake: 1,
  })
  expect(await compareColumns('hostile', config)).toMatchObject({ status: 'ok', findings: [] })
  const reader = await openReader(readDatabase(lake.env), { applicationName: 'test', signal })
  await reader.query('begin')
  expect(await compareSchema(reader, declared)).toMatchObject({ status: 'ok' })
  await reader.close()
})

test('a plan says them as they are', async () => {
  const script = await scripts.write('hostile', written.columns, written.more)
  const { plan } = (await lake.run(script, ['--dry-run'])).summary()
  expect(plan?.columns.map(({ source }) => source)).toEqual(['id', ...hostile])
})

test.each(hostile)('Athena takes %j for a name', async (name) => {
  const { columns: found } = await runQuery(lake.aws, {
    sql: `select 1 as ${quoteIdentifier(name)}`,
    database: 'lake',
    workgroup: 'primary',
    output: 's3://lake-results/',
    timeoutMs: 20_000,
    signal,
  })
  expect(found).toEqual([name])
})

test.each(hostile)('no table and no column of the lake is called %j', (name) => {
  expect(() => table({ name, columns: { id: integer } })).toThrow('is not one Athena takes')
  expect(() => table({ name: 'orders', columns: { [name]: integer } })).toThrow('is not one Athena takes')
  expect(() => readLake({ ...lake.env, DRACULA_GLUE_DATABASE: name })).toThrow('DRACULA_GLUE_DATABASE')
})

describe.each(hostile)('a role called %j', (role) => {
  test('is granted its tables, and what the doctor finds missing', async () => {
    const url = new URL(lake.env['DATABASE_URL'] ?? '')
    url.username = encodeURIComponent(role)
    url.password = 'word'
    const admin = connectPostgres(readDatabase(lake.env), { max: 1 })
    try {
      await admin.unsafe(await postgresRole(role, [declared]))
      await admin.unsafe(`alter role ${quoteName(role)} password 'word'`)
      await admin.unsafe(
        `revoke select on ${quoteRelation({ schema, name: source })} from ${quoteName(role)}`,
      )
      const examine = () => examinePostgres(readDatabase({ DATABASE_URL: url.href }), [declared], signal)
      const [trouble, ...more] = (await examine()).filter(({ status }) => status !== 'ok')
      expect(more).toEqual([])
      expect(trouble).toMatchObject({
        check: `table ${schema}.${source}`,
        found: expect.stringMatching(/^it may not be read/),
      })
      await admin.unsafe(trouble?.fix?.replace('Run as its owner: ', '') ?? '')
      expect((await examine()).filter(({ status }) => status !== 'ok')).toEqual([])
    } finally {
      await admin.end({ timeout: 1 })
    }
  })
})

test('and nobody has come to harm', async () => {
  expect(await lake.sql`select id from victims order by id`).toHaveLength(2)
  expect(await lake.readersSee('victims')).toMatchObject({ rows: 2, counted: 2 })
})
