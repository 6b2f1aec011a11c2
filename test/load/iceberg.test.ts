/** Loads of a table that is one of Iceberg, from its script to what readers see. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { compareColumns } from '../../checks/columns/compare.ts'
import { parseLimit } from '../../checks/limit.ts'
import { countRows } from '../../checks/row-counts/count.ts'
import { findTable } from '../../lib/aws/glue.ts'
import { readLake } from '../../lib/config/config.ts'
import { liveFiles } from '../../lib/iceberg/live-files.ts'
import { currentSnapshot, schemaOf } from '../../lib/iceberg/metadata.ts'
import { readBase } from '../../lib/lake/iceberg/base.ts'
import { objectReader } from '../../lib/lake/iceberg/objects.ts'
import { bigint, table } from '../../lib/table.ts'
import { never } from '../support/aws.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, scripts, folder] = await Promise.all([openStandIn(), openScripts(), temporaryFolder()])
  await standIn.sql.unsafe(`
    create table visits (id bigint primary key, at timestamptz, kind text not null, amount numeric(12,2), tags text[]);
    insert into visits select i, case when i % 10 > 0 then timestamptz '2026-03-01 23:00Z' + i * interval '1 minute' end,
      'k' || i % 3, i / 4.0, array['a', null, 'b' || i] from generate_series(1, 500) as i`)
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

const columns =
  'id: bigint, at: nullable(timestamptz), kind: text, amount: nullable(numeric(12, 2)), tags: nullable(array(text))'
const iceberg = "format: 'iceberg'"

/** The rows of the table, as DuckDB finds them by the ids of columns in the files that the metadata names. */
async function query(table: string, sql: string): Promise<unknown> {
  const place = { aws: standIn.aws, config: readLake(standIn.env), table }
  const { version } = await readBase(place, never)
  const { metadata } = version!
  const snapshot = currentSnapshot(metadata)!
  const read = objectReader(standIn.aws, never)
  const paths = []
  for (const [at, { file }] of (await liveFiles(table, metadata, snapshot, read)).entries()) {
    const path = `${folder.path}/${table}-${at}.parquet`
    await Bun.write(path, (await read(file.path))!)
    paths.push(`'${path}'`)
  }
  const types: Readonly<Record<string, string>> = {
    long: 'BIGINT',
    string: 'VARCHAR',
    timestamptz: 'TIMESTAMPTZ',
  }
  const schema = schemaOf(metadata, snapshot).fields.flatMap(({ id, name, type }) =>
    typeof type === 'string'
      ? [`${id}: {name: '${name}', type: '${types[type] ?? type}', default_value: NULL}`]
      : [],
  )
  const rows = `read_parquet([${paths}], schema = MAP {${schema}})`
  return queryWithDuckdb('', `with rows as (select * from ${rows}) ${sql}`)
}

describe('a table that is one of Iceberg', () => {
  test('is published with every row, found by the ids of its columns', async () => {
    const script = await scripts.write('visits', columns, iceberg)
    const loaded = (await standIn.run(script)).summary()
    expect(loaded).toMatchObject({ published: true, crawled: false, rows: 500, rows_read: 500, warnings: [] })
    expect(await standIn.readersSee('visits')).toMatchObject({ load: loaded.load, rows: 500, counted: 500 })
    expect(
      await query('visits', 'select count(*), sum(id), count("at"), sum(amount), min(kind) from rows'),
    ).toEqual([['500', '125250', '450', '31312.50', 'k0']])
    const live = await findTable(standIn.aws, { database: 'lake', table: 'visits' })
    expect(live?.Parameters).toMatchObject({ table_type: 'ICEBERG', 'dracula.load': loaded.load })
    expect((await standIn.remains('visits')).stagedTables).toEqual([])
  })

  test('is published partition by partition, each in files of its own, and one of them alone', async () => {
    await standIn.sql`create table parted as select * from visits`
    await standIn.sql`create index on parted (at)`
    const script = await scripts.write(
      'parted',
      columns.replace('kind: text', 'kind: nullable(text)').replace('id: bigint', 'id: nullable(bigint)'),
      "partitionBy: day('at')",
    )
    const loaded = (await standIn.run(script)).summary()
    expect(loaded).toMatchObject({ published: true, rows: 500, warnings: [] })
    expect(loaded.files.map((each) => each.replace(/^.*\//, ''))).toEqual(
      ['2026-03-01', '2026-03-02', 'null'].map((each) => `parted-${each}-00000.parquet`),
    )
    await standIn.sql`delete from parted where id <= 100`
    await standIn.sql`insert into parted values (1000, '2026-03-02 12:00Z', 'new', 1, null)`
    const again = (await standIn.run(script, ['--partitions', '2026-03-02'])).summary()
    expect(again.files).toHaveLength(1)
    const [days] = [
      await query(
        'parted',
        `select coalesce(strftime("at" at time zone 'UTC', '%d'), ''), count(*) from rows group by 1 order by 1`,
      ),
    ]
    const [kept] =
      await standIn.sql`select count(*) filter (where at < '2026-03-02Z') as first, count(*) filter (where at >= '2026-03-02Z') as second from parted`
    // What was not asked for is as it was.
    expect(days).toEqual([
      ['', '50'],
      ['01', '54'],
      ['02', String(kept?.['second'])],
    ])
    expect(kept?.['first']).toBe('0')
  })

  test('has small partitions stored while the next are read, some at a time, and none of them where one is refused', async () => {
    await standIn.sql.unsafe(`create table crumbs as select i::bigint as id from generate_series(0, 41999) as i;
      create index on crumbs (id)`)
    await standIn.sql`vacuum analyze crumbs`
    const script = await scripts.write('crumbs', 'id: nullable(bigint)', "partitionBy: ranges('id', 2000)")
    const { faults } = standIn
    const puts = () =>
      faults.log.filter(
        ({ operation, subject }) => operation === 'PutObject' && /crumbs.*\.parquet/.test(subject),
      )
    const loadHeld = async (flags: readonly string[]) => {
      faults.add({ operation: 'PutObject', match: 'crumbs-', action: { kind: 'hold' } })
      const run = standIn.start(script, flags)
      await until(() => puts().filter(({ status }) => status === 'held').length >= 8)
      faults.clear()
      faults.release()
      return (await run.finished).summary()
    }
    const loaded = await loadHeld([])
    expect(loaded).toMatchObject({ published: true, rows: 42_000, warnings: [] })
    // In the order of their partitions, whichever was stored first.
    const names = loaded.files.map((each) => each.replace(/^.*\//, ''))
    const starts = Array.from({ length: 21 }, (_, at) => at * 2000)
    expect(names).toEqual(starts.map((start) => expect.stringContaining(`-${start}-`)))
    expect(await standIn.readersSee('crumbs')).toMatchObject({ load: loaded.load, counted: 42_000 })

    // Each by a query of its own, as others lie between.
    const apart = starts.filter((_, at) => at % 2 === 0).join(',')
    const some = await loadHeld(['--partitions', apart])
    expect(some).toMatchObject({ published: true, slicing: { slices: 11, connections: 1 } })
    expect(await standIn.readersSee('crumbs')).toMatchObject({ load: some.load, counted: 42_000 })

    const before = await standIn.remains('crumbs')
    const refused = { kind: 'error', code: 'AccessDenied', status: 403 } as const
    faults.add({ operation: 'PutObject', match: 'crumbs-2000-', action: refused })
    for (const flags of [[], ['--partitions', '2000,6000']]) {
      expect((await standIn.start(script, flags).finished).exit).toBe(2)
    }
    faults.clear()
    expect(await standIn.remains('crumbs')).toEqual(before)
  })

  test('is guarded by the rows that all of it would lose, not by those of the days that are read', async () => {
    await standIn.sql`
      create table guarded as
      select i::bigint as id, case when i <= 20 then timestamptz '2026-04-01 12:00Z' else '2026-04-02 12:00Z' end as at
      from generate_series(1, 1000) as i`
    const script = await scripts.write(
      'guarded',
      'id: nullable(bigint), at: nullable(timestamptz)',
      "partitionBy: day('at')",
    )
    const { load } = (await standIn.run(script)).summary()
    await standIn.sql`delete from guarded where id <= 19`
    expect((await standIn.run(script, ['--partitions', '2026-04-01'])).summary()).toMatchObject({ rows: 1 })
    await standIn.sql`delete from guarded where id > 40`
    const { exit, message } = await standIn.run(script, ['--partitions', '2026-04-02'])
    expect([exit, message]).toEqual([4, expect.stringContaining('21 rows')])
    expect(message).toContain('replace the 981 that readers see')
    expect((await standIn.run(script, ['--partitions', '2026-04-02', '--max-shrink', '99'])).exit).toBe(0)
    expect(await standIn.readersSee('guarded')).toMatchObject({ rows: 21, counted: 21 })
    expect(load).not.toBe((await standIn.readersSee('guarded'))?.load)
  })
})

describe('what looks at tables knows those of Iceberg:', () => {
  const typed =
    'id: bigint, at: timestamptz, local: timestamp, born: nullable(date), amount: numeric(12, 2), kind: text'
  let script: string
  let loads: string[]
  beforeAll(async () => {
    await standIn.sql.unsafe(`
      create table typed (id bigint not null, at timestamptz not null, local timestamp not null, born date,
        amount numeric(12,2) not null, kind text not null);
      insert into typed select i, timestamptz '2026-03-01 00:00:00.000001Z' + i * interval '1 hour',
        timestamp '1969-12-31 23:59:59.999999' + i * interval '1 s', case when i % 2 = 0 then date '1900-01-01' + i end,
        i / 8.0, 'k' || i from generate_series(1, 60) as i`)
    script = await scripts.write('typed', typed, "partitionBy: day('at')")
    const first = (await standIn.run(script, ['--fingerprint'])).summary()
    await standIn.sql`delete from typed where id > 50`
    const second = (await standIn.run(script, ['--fingerprint'])).summary()
    loads = [first.load, second.load]
  })

  test('the list of loads', async () => {
    const { exit, stdout } = await standIn.run('lib/commands/loads.ts', ['typed'])
    expect(exit).toBe(0)
    const { loads: listed } = JSON.parse(stdout)
    expect(listed).toMatchObject([
      { load: loads[1], state: 'published', rows: 50 },
      { load: loads[0], state: 'superseded', rows: 60 },
    ])
    const { tables: all } = JSON.parse((await standIn.run('lib/commands/loads.ts')).stdout)
    expect(all.find((each: { table: string }) => each.table === 'typed')).toMatchObject({ load: loads[1] })
  })

  test('the checks of rows and of columns, of microseconds too', async () => {
    const lake = readLake(standIn.env)
    const { aws } = standIn
    const declared = table({ name: 'typed', columns: { id: bigint } })
    const counting = { aws, lake, source: undefined, limit: parseLimit('0'), signal: never }
    expect(await countRows(declared, counting)).toMatchObject({ status: 'ok', lake: 50 })
    expect(await compareColumns('typed', { aws, lake, signal: never })).toMatchObject({
      status: 'ok',
      columns: 6,
      differences: [],
    })
  })

  test('a rollback, and its end', async () => {
    const back = await standIn.run('lib/commands/rollback.ts', ['typed', '--reason', 'a test'])
    expect([back.exit, back.message]).toEqual([0, back.message])
    expect(await standIn.readersSee('typed')).toMatchObject({ load: loads[0], rows: 60, counted: 60 })
    const { exit, message } = await standIn.run(script)
    expect([exit, message]).toEqual([2, expect.stringContaining('it is pinned to load')])
    expect((await standIn.run('lib/commands/rollback.ts', ['typed', '--unpin'])).exit).toBe(0)
    expect((await standIn.run(script)).exit).toBe(0)
    expect(await standIn.readersSee('typed')).toMatchObject({ rows: 50, counted: 50 })
    expect((await standIn.remains('typed')).stagedTables).toEqual([])
  })
})
