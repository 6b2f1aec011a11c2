/** Columns of an Iceberg table over its life: each keeps its id, whatever becomes of its name, its type and its source. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { icebergRows } from './iceberg-rows.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, scripts, folder] = await Promise.all([openStandIn(), openScripts(), temporaryFolder()])
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

const rowsOf = (table: string, sql: string, load?: string) =>
  icebergRows(standIn, folder.path, { table, sql, ...(load !== undefined && { load }) })

const iceberg = "format: 'iceberg'"

describe('a table that is loaded whole', () => {
  const load = async (columns: string) =>
    (await standIn.run(await scripts.write('life', columns, iceberg))).summary().load!

  test('keeps the ids of columns that are widened, renamed, dropped and there again, also after a rollback', async () => {
    await standIn.sql.unsafe(`create table life (id integer primary key, amount numeric(12,2), kind text, ratio real);
      insert into life values (1, 1.25, 'a', 0.5), (2, null, 'b', null)`)
    const all = 'select * from rows order by id'
    const first = await load(
      'id: integer, amount: nullable(numeric(12, 2)), kind: nullable(text), ratio: nullable(real)',
    )
    expect(await rowsOf('life', all)).toEqual({
      ids: { id: 1, amount: 2, kind: 3, ratio: 4 },
      rows: [
        ['1', '1.25', 'a', '0.5'],
        ['2', null, 'b', null],
      ],
    })

    // Widened, renamed, and a new one before the others.
    await standIn.sql.unsafe(`alter table life add city text default 'Rome', alter id type bigint,
      alter amount type numeric(20,2), alter ratio type double precision;
      insert into life values (3000000000, 123456789012345.25, 'c', 0.1, null)`)
    await load(`city: nullable(text), id: bigint, amount: nullable(numeric(20, 2)),
      sort: nullable(named('kind', text)), ratio: nullable(doublePrecision)`)
    expect(await rowsOf('life', all)).toEqual({
      ids: { city: 5, id: 1, amount: 2, sort: 3, ratio: 4 },
      rows: [
        ['Rome', '1', '1.25', 'a', '0.5'],
        ['Rome', '2', null, 'b', null],
        [null, '3000000000', '123456789012345.25', 'c', '0.1'],
      ],
    })
    // The snapshot before is still what it was.
    expect((await rowsOf('life', all, first)).rows).toHaveLength(2)

    const third = await load("id: bigint, sort: nullable(named('kind', text))")
    expect((await rowsOf('life', all, third)).ids).toEqual({ id: 1, sort: 3 })

    const back = await standIn.run('lib/commands/rollback.ts', ['life', first])
    expect(back.exit).toBe(0)
    expect(await rowsOf('life', all)).toEqual({
      ids: { id: 1, amount: 2, kind: 3, ratio: 4 },
      rows: [
        ['1', '1.25', 'a', '0.5'],
        ['2', null, 'b', null],
      ],
    })
    expect(await standIn.readersSee('life')).toMatchObject({ load: first, counted: 2 })
    await standIn.run('lib/commands/rollback.ts', ['life', '--unpin'])

    // The name is free again, and means another column.
    await standIn.sql.unsafe('alter table life drop ratio, add ratio text')
    await load("id: bigint, sort: nullable(named('kind', text)), ratio: nullable(text)")
    expect((await rowsOf('life', all)).ids).toEqual({ id: 1, sort: 3, ratio: 6 })
  })
})

describe('a table whose partitions are replaced one by one', () => {
  const byDay = "partitionBy: day('at')"
  const read = async (columns: string, ...args: readonly string[]) =>
    standIn.run(await scripts.write('days', columns, byDay), args)
  const all = 'select * exclude ("at"), cast("at" as date)::varchar as day from rows order by id'
  const second = ['--partitions', '2026-03-02']
  const now = { id: 'id: integer', at: 'at: timestamp' }
  const declare = (columns: Readonly<Record<string, string>>) => Object.values(columns).join(', ')
  let before: Readonly<Record<string, string>>

  /** By one load that reads all, in the columns it starts with. */
  async function start(): Promise<void> {
    await standIn.sql.unsafe(`drop table if exists days; create table days (id integer not null, at timestamp not null, amount numeric(12,2), kind text);
      insert into days values (1, '2026-03-01', 1.25, 'a'), (2, '2026-03-02', 2.25, 'b')`)
    before = { ...now, amount: 'amount: nullable(numeric(12, 2))', kind: 'kind: nullable(text)' }
    expect((await read(declare(before), '--full')).exit).toBe(0)
  }

  test('has a new column empty in those that stay, and says so', async () => {
    await start()
    await standIn.sql.unsafe("alter table days add city text default 'Rome'")
    const added = { ...before, city: 'city: nullable(text)' }
    const { warnings } = (await read(declare(added), ...second)).summary()
    expect(warnings).toEqual(['city is null in partitions that were not read; --full fills them'])
    expect((await rowsOf('days', all)).rows).toEqual([
      ['1', '1.25', 'a', null, '2026-03-01'],
      ['2', '2.25', 'b', 'Rome', '2026-03-02'],
    ])
    expect((await read(declare(added), '--full')).summary().warnings).toEqual([])
    expect((await rowsOf('days', 'select min(city), count(city) from rows')).rows).toEqual([['Rome', '2']])
  })

  test('has one widened, one under another name and one dropped, with what those have that stay', async () => {
    await start()
    await standIn.sql.unsafe(`alter table days alter amount type numeric(20,2), alter id type bigint;
      update days set amount = 123456789012345.25, id = 3000000000 where id = 2`)
    const changed = { id: 'id: bigint', at: now.at, sum: "sum: nullable(named('amount', numeric(20, 2)))" }
    expect((await read(declare(changed), ...second)).exit).toBe(0)
    expect((await rowsOf('days', all)).rows).toEqual([
      ['1', '1.25', '2026-03-01'],
      ['3000000000', '123456789012345.25', '2026-03-02'],
    ])
    // A name that is there again is another column.
    expect((await read(declare({ ...changed, kind: before['kind']! }), ...second)).exit).toBe(0)
    expect((await rowsOf('days', all)).rows).toEqual([
      ['1', '1.25', null, '2026-03-01'],
      ['3000000000', '123456789012345.25', 'b', '2026-03-02'],
    ])
  })

  test('has two columns change their names with one another', async () => {
    await start()
    const swapped = {
      ...now,
      amount: "kind: nullable(named('amount', numeric(12, 2)))",
      kind: "amount: nullable(named('kind', text))",
    }
    expect((await read(declare(swapped), ...second)).exit).toBe(0)
    expect((await rowsOf('days', 'select kind, amount from rows order by id')).rows).toEqual([
      ['1.25', 'a'],
      ['2.25', 'b'],
    ])
    // One of them goes, and the other takes its name.
    expect((await read(declare({ ...now, kind: before['kind']! }), ...second)).exit).toBe(0)
    expect((await rowsOf('days', 'select kind from rows order by id')).rows).toEqual([['a'], ['b']])
  })

  test.each([
    [
      'of another type',
      'alter table days alter amount type numeric(14,4)',
      { amount: 'amount: nullable(numeric(14, 4))' },
      'its column amount is decimal(12, 2) in the lake and decimal(14, 4) in the script, and Iceberg cannot change the one to the other',
    ],
    [
      'that another column of the source has taken the place of',
      'alter table days add gross numeric(12,2) default 9',
      { amount: "amount: nullable(named('gross', numeric(12, 2)))" },
      'its column amount is read from gross, and was read from amount before',
    ],
    [
      'that is new and never null',
      "alter table days add city text not null default 'Rome'",
      { city: 'city: text' },
      'its new column city is never null by the script, and has no values in partitions that the load does not read',
    ],
  ])('is loaded whole for a column %s, or not at all', async (_, change, columns, reason) => {
    await start()
    const seen = await standIn.readersSee('days')
    await standIn.sql.unsafe(change)
    const changed = declare({ ...before, ...columns })
    const refused = await read(changed, ...second)
    expect(refused.failure().error).toMatchObject({
      exit: 3,
      summary: `Cannot replace some partitions of "days": ${reason}`,
      advice: 'Load all of them: bun scripts/days.ts --full',
    })
    expect(await standIn.readersSee('days')).toEqual(seen)
    expect((await read(changed, '--full')).exit).toBe(0)
    expect((await read(changed, ...second)).exit).toBe(0)
  })

  test('is loaded whole where it is partitioned otherwise', async () => {
    await start()
    const byMonth = await scripts.write('days', declare(before), "partitionBy: month('at')")
    const refused = await standIn.run(byMonth, ['--partitions', '2026-03'])
    expect(refused.failure().error).toMatchObject({
      exit: 3,
      summary:
        'Cannot replace some partitions of "days": the table is partitioned otherwise than the script declares',
    })
    expect((await standIn.run(byMonth, ['--full'])).exit).toBe(0)
    expect((await standIn.run(byMonth, ['--partitions', '2026-03'])).exit).toBe(0)
    expect((await rowsOf('days', 'select count(*) from rows')).rows).toEqual([['2']])
  })

  test('is loaded whole for such a column where it is told so, and not by itself', async () => {
    await start()
    const incremental = `${byDay}, incremental: { changed: 'at', overlap: '1h', key: 'id' }`
    const load = async (columns: string, ...args: readonly string[]) =>
      standIn.run(await scripts.write('days', columns, incremental), args)
    expect((await load(declare(before), '--full')).exit).toBe(0)
    await standIn.sql.unsafe('alter table days alter amount type numeric(14,4)')
    const changed = declare({ ...before, amount: 'amount: nullable(numeric(14, 4))' })
    expect((await load(changed)).failure().error).toMatchObject({
      exit: 3,
      summary: expect.stringContaining('its column amount is decimal(12, 2) in the lake'),
    })
    expect((await load(changed, '--full')).exit).toBe(0)
    expect((await load(changed)).summary().partitions).toMatchObject({ which: 'these', kept: 2 })
  })
})

test('a table keeps its kind unless it is told otherwise, and says so', async () => {
  await standIn.sql.unsafe('create table kinds as select 1 as id')
  const load = async (format: string, ...args: readonly string[]) =>
    standIn.run(await scripts.write('kinds', 'id: nullable(integer)', format), ['--catalog', 'auto', ...args])
  expect((await load('')).exit).toBe(0)
  expect((await load(iceberg)).message).toStartWith(
    'kinds: not published; readers still see the table that is there. Cause: Cannot replace the table "lake.kinds": it is a table of plain Parquet files',
  )
  expect((await load(iceberg, '--adopt')).exit).toBe(0)
  const plain = await load('', '--adopt')
  expect(plain.exit).toBe(2)
  expect(plain.message).toContain('it is an Iceberg table, and the script declares one of plain files')
  expect(await standIn.readersSee('kinds')).toMatchObject({ rows: 1, counted: 1 })
})
