/** What a load refuses to take from its readers, and from which database it refuses to take anything. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

const declared = ['--catalog', 'declared']

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
