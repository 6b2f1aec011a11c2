/** What a load refuses to take from its readers, and from which database it refuses to take anything. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue'
import { columnsOf } from '../../lib/aws/glue.ts'
import { tableInput } from '../../lib/aws/table-input.ts'
import { readDatabase } from '../../lib/config/config.ts'
import { parameterPrefix } from '../../lib/lake/parameters.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

/** Another cluster, of the same databases and roles. */
let other: TestStandIn

beforeAll(async () => {
  ;[lake, other, scripts] = await Promise.all([openStandIn(), openStandIn(), openScripts()])
  for (const each of [lake, other]) {
    await each.sql.unsafe('create table shared as select g as id from generate_series(1, 5) g')
    await each.sql`create role reader login password 'open-sesame'`
    await each.sql`create database closed`
    const closed = connectPostgres(readDatabase(databaseOf(each, { database: 'closed' })))
    await closed.unsafe(`
      revoke execute on function pg_control_system() from public;
      revoke execute on function pg_walfile_name(pg_lsn) from public;
      create table hushed as select g as id from generate_series(1, 5) g;
      grant select on hushed to reader`)
    await closed.end()
  }
})

afterAll(async () => {
  await Promise.all([lake?.close(), other?.close()])
  await scripts?.close()
})

const declared = ['--catalog', 'declared']

/** Its environment's URL, with these parts in place of its own. */
function databaseOf(
  { env }: TestStandIn,
  { database, user, host }: { readonly database?: string; readonly user?: 'reader'; readonly host?: string },
) {
  const url = new URL(env['DATABASE_URL'] ?? '')
  if (database !== undefined) url.pathname = `/${database}`
  if (host !== undefined) url.hostname = host
  if (user !== undefined) Object.assign(url, { username: user, password: 'open-sesame' })
  return { DATABASE_URL: url.href }
}

/** A table of so many rows that readers see already. @returns its script */
async function published(table: string, rows: number, more = ''): Promise<string> {
  await lake.sql.unsafe(`create table ${table} as select g as id from generate_series(1, ${rows}) g`)
  const script = await scripts.write(table, 'id: nullable(integer)', more)
  expect((await lake.run(script, declared)).summary()).toMatchObject({ published: true, rows })
  return script
}

function loseAllBut(table: string, rows: number): Promise<unknown> {
  return lake.sql.unsafe(`delete from ${table} where id > ${rows}`)
}

describe('a table that shrank', () => {
  test.concurrent('by more than half is not published, and both counts are told before it is crawled', async () => {
    const script = await published('orders', 50_000)
    await loseAllBut('orders', 2_500)
    const from = lake.faults.log.length
    await expectRefusal(lake, 'orders', () => lake.run(script, ['--catalog', 'crawler']), {
      exit: 4,
      says: [
        'orders: not published; readers still see load ',
        'Cannot publish "orders": 2,500 rows would replace the 50,000 that readers see now, which is 95% fewer, and a load may lose 50%',
        "load it once with --max-shrink 95%, or write in scripts/orders.ts shrink: '95%'.",
      ],
    })
    const crawls = lake.faults.log.slice(from).filter(({ subject }) => subject === 'dracula-lake-orders')
    expect(crawls).toEqual([])
    // What the message advises is enough.
    expect((await lake.run(script, [...declared, '--max-shrink', '95%'])).summary().rows).toBe(2_500)
    // It is of the one load: what is published now is what the next is compared with.
    expect((await lake.run(script, declared)).exit).toBe(0)
  })

  test.concurrent('by half is published, and by a row more it is not', async () => {
    const script = await published('halves', 10)
    await loseAllBut('halves', 4)
    expect((await lake.run(script, declared)).exit).toBe(4)
    await lake.sql`insert into halves values (5)`
    expect((await lake.run(script, declared)).exit).toBe(0)
  })

  test.concurrent('may lose as much as its script says, unless the flag says otherwise', async () => {
    const script = await published('queue', 100, "shrink: '90%'")
    await loseAllBut('queue', 10)
    expect((await lake.run(script, [...declared, '--max-shrink', '89.9'])).exit).toBe(4)
    expect((await lake.run(script, declared)).exit).toBe(0)
    const strict = await scripts.write('queue', 'id: nullable(integer)', "shrink: '0%'")
    await loseAllBut('queue', 9)
    await expectRefusal(lake, 'queue', () => lake.run(strict, declared), {
      exit: 4,
      says: ['9 rows would replace the 10 that', 'which is 10% fewer, and a load may lose 0%'],
    })
    const expecting = await scripts.write(
      'queue',
      'id: nullable(integer)',
      "expect: { rows: { maxShrink: '5%' } }",
    )
    await expectRefusal(lake, 'queue', () => lake.run(expecting, declared), {
      exit: 4,
      says: ['and a load may lose 5%', "or write in expect.rows of scripts/queue.ts maxShrink: '10%'."],
    })
  })

  test.concurrent('because its filter keeps less is not published either, and says how many were read', async () => {
    await published('filtered', 100)
    const script = await scripts.write('filtered', 'id: integer', 'filter: ({ id }) => id <= 3')
    await lake.sql`alter table filtered alter id set not null`
    await expectRefusal(lake, 'filtered', () => lake.run(script, declared), {
      exit: 4,
      says: ['3 rows, of 100 read, would replace the 100 that readers see now, which is 97% fewer'],
    })
    const none = await scripts.write('filtered', 'id: integer', 'filter: ({ id }) => id > 100')
    await expectRefusal(lake, 'filtered', () => lake.run(none, declared), {
      exit: 3,
      says: ['the filter keeps none of 100 rows, and readers now see 100', '--allow-empty'],
    })
  })

  test.concurrent('to nothing by its filter is not published either, the first time it is loaded', async () => {
    await lake.sql`create table unlike as select g as id from generate_series(1, 20) g`
    await lake.sql`alter table unlike alter id set not null`
    const script = await scripts.write('unlike', 'id: integer', 'filter: ({ id }) => id === 5n')
    await expectRefusal(lake, 'unlike', () => lake.run(script, declared), {
      exit: 3,
      says: ['unlike: not published; nothing is published yet', 'the filter keeps none of 20 rows. Do:'],
    })
    expect((await lake.run(script, ['--dry-run'])).exit).toBe(0)
    expect((await lake.run(script, [...declared, '--allow-empty'])).exit).toBe(0)
    // There are as many rows as readers see.
    expect((await lake.run(script, declared)).exit).toBe(0)
  })

  test.concurrent('to nothing needs the flag for that, whatever else may go', async () => {
    const script = await published('vanished', 10, "shrink: '100%'")
    await loseAllBut('vanished', 0)
    expect((await lake.run(script, [...declared, '--max-shrink', '100'])).exit).toBe(3)
    expect((await lake.run(script, [...declared, '--allow-empty'])).exit).toBe(0)
  })

  test.concurrent('is compared with the load that a rollback went back to', async () => {
    const script = await published('returned', 10)
    await lake.sql`insert into returned select g from generate_series(11, 100) g`
    expect((await lake.run(script, declared)).exit).toBe(0)
    expect((await lake.run('lib/commands/rollback.ts', ['returned'])).exit).toBe(0)
    expect((await lake.run('lib/commands/rollback.ts', ['returned', '--unpin'])).exit).toBe(0)
    await loseAllBut('returned', 6)
    expect((await lake.run(script, declared)).exit).toBe(0)
  })

  test.concurrent('is nothing to a dry run', async () => {
    const script = await published('rehearsed', 10)
    await loseAllBut('rehearsed', 1)
    expect((await lake.run(script, ['--dry-run'])).exit).toBe(0)
  })
})

describe('a lookup that shrank', () => {
  async function looking(table: string, shrink = ''): Promise<string> {
    return await scripts.write(
      table,
      'id: nullable(integer)',
      `lookups: { name: lookup({ from: '${table}_names', key: 'id', columns: { id: nullable(integer) }, ${shrink} }) },
       derive: { known: { type: boolean, value: ({ id }, { name }) => name(id) !== undefined } },`,
    )
  }

  test.concurrent('by more than half stops the load before its rows are read', async () => {
    await lake.sql.unsafe(`
      create table joined as select g as id from generate_series(1, 10) g;
      create table joined_names as select * from joined`)
    const script = await looking('joined')
    expect((await lake.run(script, declared)).exit).toBe(0)
    await loseAllBut('joined_names', 2)
    const { stderr } = await expectRefusal(lake, 'joined', () => lake.run(script, declared), {
      exit: 4,
      says: [
        'the lookup name has 2 rows, and had 10 in the load that readers see now, which is 80% fewer',
        "--max-shrink 80%, or write in that lookup of scripts/joined.ts shrink: '80%'.",
      ],
    })
    expect(stderr).not.toContain('reading rows')
    expect((await lake.run(script, [...declared, '--max-shrink', '80'])).exit).toBe(0)
    await loseAllBut('joined_names', 1)
    expect((await lake.run(await looking('joined', "shrink: '10%'"), declared)).exit).toBe(4)
    expect((await lake.run(await looking('joined', "shrink: '50%'"), declared)).exit).toBe(0)
  })
})

describe('a load from another source than the one that readers see', () => {
  /** Loads a table of both clusters from the first of them. @returns its script */
  async function loaded(table: string, from = 'shared', env = {}): Promise<string> {
    const script = await scripts.write(table, 'id: nullable(integer)', `from: '${from}'`)
    const { exit, message } = await lake.run(script, declared, env)
    expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
    return script
  }

  test.concurrent('is refused before a row is read, and both are named', async () => {
    const script = await loaded('orders_of_one')
    const staging = databaseOf(other, {})
    const before = (await lake.readersSee('orders_of_one'))?.load
    const place = (url = '') =>
      `public.shared of ${new URL(url).pathname.slice(1)} on ${new URL(url).host} (cluster `
    const { stderr } = await expectRefusal(lake, 'orders_of_one', () => lake.run(script, declared, staging), {
      exit: 2,
      says: [
        `orders_of_one: not published; readers still see load ${before}`,
        `Cannot replace "orders_of_one": load ${before}, which readers see, was read from ${place(lake.env['DATABASE_URL'])}`,
        `and this one would be from ${place(staging.DATABASE_URL)}`,
        'Check which database DATABASE_URL names, and which lake DRACULA_S3_URI and DRACULA_GLUE_DATABASE.',
        'load it once with --new-source. Retry: no.',
      ],
    })
    expect(stderr).not.toContain('reading rows')
    // The flag is for the one load: from then on that is the source.
    expect((await lake.run(script, [...declared, '--new-source'], staging)).exit).toBe(0)
    expect((await lake.run(script, declared, staging)).exit).toBe(0)
    expect((await lake.run(script, declared)).exit).toBe(2)
  })

  test.concurrent('is refused for another database of the same cluster', async () => {
    const script = await loaded('hushed', 'hushed', databaseOf(lake, { database: 'closed' }))
    await lake.sql`create table hushed as select 1 as id`
    await expectRefusal(lake, 'hushed', () => lake.run(script, declared), {
      exit: 2,
      says: ['public.hushed of closed on ', /would be from public\.hushed of (?!closed)\w+ on /],
    })
  })

  test.concurrent('is refused for another relation, and a query may change', async () => {
    await loaded('renamed')
    await lake.sql`create table shared_anew as select * from shared`
    const moved = await scripts.write('renamed', 'id: nullable(integer)', `from: 'shared_anew'`)
    await expectRefusal(lake, 'renamed', () => lake.run(moved, declared), {
      exit: 2,
      says: [
        'was read from public.shared of',
        'would be from public.shared_anew of',
        'Check from in scripts/renamed.ts.',
      ],
    })
    const asked = await scripts.write('renamed', 'id: nullable(integer)', `from: 'select id from shared'`)
    expect((await lake.run(asked, declared)).exit).toBe(2)
    expect((await lake.run(asked, [...declared, '--new-source'])).exit).toBe(0)
    const otherwise = await scripts.write(
      'renamed',
      'id: nullable(integer)',
      `from: 'select id from shared_anew'`,
    )
    expect((await lake.run(otherwise, declared)).exit).toBe(0)
  })

  test.concurrent('is told by its place where the role may not ask for the cluster', async () => {
    const closed = (from: TestStandIn, host?: string) =>
      databaseOf(from, { database: 'closed', user: 'reader', ...(host !== undefined && { host }) })
    const script = await loaded('hushed_of_reader', 'hushed', closed(lake))
    expect((await lake.run(script, declared, closed(lake))).exit).toBe(0)
    // The superuser may ask; by the place it is the same.
    expect((await lake.run(script, declared, databaseOf(lake, { database: 'closed' }))).exit).toBe(0)
    await expectRefusal(lake, 'hushed_of_reader', () => lake.run(script, declared, closed(other)), {
      exit: 2,
      says: [
        '(cluster unknown)',
        'nothing proves that it is the same cluster',
        'EXECUTE on pg_control_system()',
      ],
    })
    expect((await lake.run(script, declared, closed(lake, 'localhost'))).exit).toBe(0)
  })

  test.concurrent('is refused too where that was published while it was under way', async () => {
    const standIn = await lake.beside()
    const { faults } = standIn
    const script = await scripts.write('raced', 'id: nullable(integer)', `from: 'shared'`)
    faults.add({ operation: 'StartQueryExecution', times: 1, action: { kind: 'hold' } })
    const first = standIn.start(script, declared)
    await faults.held('StartQueryExecution')
    // The second load has a newer snapshot, and begins when nothing is published.
    faults.add({ operation: 'GetQueryResults', times: 1, action: { kind: 'hold answer' } })
    const second = standIn.start(script, declared, databaseOf(other, {}))
    await faults.held('GetQueryResults')
    second.kill('SIGSTOP')
    faults.clear()
    faults.release()
    const { load } = (await first.finished).summary()
    second.kill('SIGCONT')
    const { exit, message, failure } = await second.finished
    expect({ exit, message }).toEqual({
      exit: 2,
      message: expect.stringContaining(`raced: not published; readers still see load ${load} (`),
    })
    expect(await standIn.readersSee('raced')).toMatchObject({ load, counted: 5 })
    const { objects, stagedTables } = await standIn.remains('raced')
    expect(objects.filter((key) => key.includes(failure().load ?? ''))).toEqual([])
    expect(stagedTables).toEqual([])
  })

  test.concurrent('is accepted where the version before kept none, and is kept from then on', async () => {
    const script = await loaded('from_before')
    const { Table } = await lake.aws.glue.send(
      new GetTableCommand({ DatabaseName: 'lake', Name: 'from_before' }),
    )
    const { 'dracula.source': source = '', ...parameters } = Table?.Parameters ?? {}
    expect(JSON.parse(source)).toMatchObject({
      database_oid: expect.any(String),
      schema: 'public',
      relation: 'shared',
    })
    const content = {
      name: 'from_before',
      location: Table?.StorageDescriptor?.Location ?? '',
      columns: columnsOf({ Name: 'from_before', ...Table }),
      parameters,
      owned: parameterPrefix,
    }
    await lake.aws.glue.send(
      new UpdateTableCommand({ DatabaseName: 'lake', TableInput: tableInput(content, Table) }),
    )
    expect((await lake.readersSee('from_before'))?.parameters).not.toHaveProperty(['dracula.source'])
    expect((await lake.run(script, declared, databaseOf(other, {}))).exit).toBe(0)
    expect((await lake.run(script, declared)).exit).toBe(2)
  })

  test.concurrent('is accepted by nobody after a rollback to a load of another', async () => {
    const script = await loaded('rolled')
    expect((await lake.run(script, [...declared, '--new-source'], databaseOf(other, {}))).exit).toBe(0)
    expect((await lake.run('lib/commands/rollback.ts', ['rolled'])).exit).toBe(0)
    expect((await lake.run('lib/commands/rollback.ts', ['rolled', '--unpin'])).exit).toBe(0)
    expect((await lake.run(script, declared, databaseOf(other, {}))).exit).toBe(2)
    expect((await lake.run(script, declared)).exit).toBe(0)
  })

  test.concurrent('is not compared with what it was not read from', async () => {
    await loaded('taxes', 'shared')
    const check = (env = {}) => lake.run('checks/row-counts.ts', ['taxes'], env)
    const { exit, message } = await check(databaseOf(other, {}))
    expect({ exit, message }).toEqual({
      exit: 2,
      message: expect.stringMatching(
        /Cannot count the rows of "taxes": load \w+ was read from public\.shared of .* would be compared with public\.taxes of/,
      ),
    })
  })
})

describe('a load says from where to where it goes', () => {
  const lines = ({ stderr }: { readonly stderr: string }) =>
    stderr
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))

  test.concurrent('before it reads, a dry run too', async () => {
    const script = await scripts.write('announced', 'id: nullable(integer)', `from: 'shared'`)
    const { host, pathname } = new URL(lake.env['DATABASE_URL'] ?? '')
    const source = `${host}${pathname} public.shared`
    const target = /^s3:\/\/lake\/tables\/announced\/ and lake\.announced, us-east-1, at 127\.0\.0\.1/
    const place = 's3://lake/tables/announced/ and lake.announced'
    await lake.run(script, declared)
    const [first, next] = lines(await lake.run(script, declared))
    expect(first?.['source']).toBe(source)
    expect(first?.['target']).toMatch(target)
    expect(first?.['message']).toBe(`from ${source} to ${first?.['target']}`)
    expect(next).toMatchObject({ phase: 'open' })
    const [planned] = lines(await lake.run(script, ['--dry-run']))
    expect(planned?.['target']).toStartWith(`nowhere: this is a dry run; a load would go to ${place}`)
    const [bare] = lines(await lake.run(script, ['--dry-run'], { DRACULA_S3_URI: undefined }))
    expect(bare).toMatchObject({ source, target: 'nowhere: this is a dry run' })
  })
})
