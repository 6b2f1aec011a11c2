/** Iceberg tables in the stand-in: written by the project's own room, put into S3 and Glue, asked for by Athena. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import type { DataFile } from '../../lib/iceberg/data-file.ts'
import { currentSnapshot } from '../../lib/iceberg/metadata.ts'
import { columns, epochDays, events, rowsOf } from '../iceberg/events.ts'
import type { Value } from '../support/wire.ts'
import { type IcebergTarget, openIcebergTarget } from './iceberg-target.ts'

setDefaultTimeout(300_000)

let target: IcebergTarget
beforeAll(async () => {
  target = await openIcebergTarget()
})
afterAll(() => target.close())

const newTable: IcebergTarget['newTable'] = (declared) => target.newTable(declared)
const publish: IcebergTarget['publish'] = (table) => target.publish(table)
const run: IcebergTarget['run'] = (sql) => target.run(sql)
const query: IcebergTarget['query'] = (sql) => target.query(sql)
const failure: IcebergTarget['failure'] = (sql) => target.failure(sql)

const day = epochDays + 9556
const narrow: TableDeclaration = {
  ...events,
  columns: { id: columns.id, created_at: columns.created_at, kind: columns.kind, n: columns.n },
}
const shortRows = (of: number | null, count: number, seed: number) =>
  rowsOf(of, count, seed).map(([id, at, , , kind, n]) => [id!, at!, kind!, n!])
const [row = []] = rowsOf(day, 1, 1)

describe('an Iceberg table', () => {
  test('is its current snapshot, of every type, with six digits of a second', async () => {
    const table = await newTable(events)
    await publish(table)
    expect(await query(`select count(*), count(id), max(created_at) from ${table.name}`)).toEqual([
      ['0', '0', null],
    ])
    await table.replace('all', [[row], rowsOf(null, 2, 2)])
    await publish(table)
    expect(await query(`select * from ${table.name} where id = 1000000`)).toEqual([
      [
        ...['1000000', '2026-03-01 00:00:00.000000 UTC', '2010-12-25 23:31:12.893099', '1918-04-25', '🧛'],
        ...['2011667755', '-14346', '-74944.142', '40372104572.26', '-7.4792', '0.0', '24.921267', 'true'],
        ...[null, '[865]', '{"at": 0}', '29743699-6989-4108-8285-971691913143'],
        ...['35 35 30 38 38 32 31 33 38 32 31 36 35 33 31 31 30 33 36 36 31 35 35 32 37 32', null],
      ],
    ])
    expect(await query(`select count(*), count(id), count(created_at) from ${table.name}`)).toEqual([
      ['3', '3', '1'],
    ])
  })

  test('is counted by its manifests, true or not, and by its files where a column is counted', async () => {
    const table = await newTable(events)
    await table.replace('all', [rowsOf(day, 5, 1)], { alter: (file) => ({ ...file, rows: file.rows + 2 }) })
    await publish(table)
    expect(await query(`select count(*) from (select id, kind from ${table.name}) x`)).toEqual([['7']])
    expect(await query(`select count(id) from ${table.name}`)).toEqual([['5']])
    expect(await query(`select count(*) from ${table.name} where id >= 0`)).toEqual([['5']])
    const { Statistics } = await run(`select count(*) from ${table.name}`)
    expect(Statistics?.DataScannedInBytes).toBe(0)
    const [[sizes] = []] = await query(`select column_sizes[1] + column_sizes[6] from "${table.name}$files"`)
    const narrowly = await run(`select max(id) from ${table.name} where n is not null`)
    expect(String(narrowly.Statistics?.DataScannedInBytes)).toBe(sizes!)
  })

  test('cannot be read where a file is gone or of another length, which counting does not notice', async () => {
    const table = await newTable(events)
    const longer = (file: DataFile) => ({ ...file, bytes: file.bytes + 1 })
    await table.replace('all', [rowsOf(day, 5, 1)], { alter: longer })
    await publish(table)
    expect(await query(`select count(*) from ${table.name}`)).toEqual([['5']])
    expect(await failure(`select max(id) from ${table.name}`)).toMatch(
      /^ICEBERG_CANNOT_OPEN_SPLIT: .* Incorrect file size/,
    )
    await table.replace('all', [rowsOf(day, 5, 1)])
    await publish(table)
    await target.s3.send(
      new DeleteObjectCommand({
        Bucket: target.bucket,
        Key: `${target.prefix}${table.name}/data/00001.parquet`,
      }),
    )
    expect(await query(`select count(*) from ${table.name}`)).toEqual([['5']])
    expect(await failure(`select max(id) from ${table.name}`)).toMatch(
      /^ICEBERG_CANNOT_OPEN_SPLIT: .*data\/00001.parquet .*does not exist/,
    )
  })

  test('is what it was, by version and by moment, with the columns it had then', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    const first = currentSnapshot(table.metadata)!
    const wider = { ...narrow, columns: { ...narrow.columns, note: columns.note } }
    await table.replace('all', [shortRows(day, 4, 1).map((values) => [...values, 'x'])], { declared: wider })
    await publish(table)
    const t = table.name
    const version = `for version as of ${first['snapshot-id']}`
    const at = new Date(first['timestamp-ms']).toISOString().replace('T', ' ').replace('Z', ' UTC')
    const before = new Date(first['timestamp-ms'] - 1).toISOString().replace('T', ' ').replace('Z', '')
    expect(await query(`select count(id), count(note) from ${t}`)).toEqual([['4', '4']])
    for (const [past, rows] of [
      [`${t} ${version}`, '3'],
      [`"${t}" FOR VERSION /* then */ AS OF ${first['snapshot-id']} AS x where x.n is not null`, '3'],
      [`${target.database}.${t} ${version} x`, '3'],
      [`${t} for version as of 'main' where ${t}.id > 0`, '4'],
      [`${t} for timestamp as of timestamp '${at}' where id > 0`, '3'],
      [`(select * from ${t} for timestamp as of (timestamp '${at}' + interval '0' day)) x`, '3'],
      [`${t} for timestamp as of now() - interval '0' second x group by true`, '4'],
      [`${t} for timestamp as of current_timestamp at time zone 'UTC', (values (1)) v (one)`, '4'],
    ]) {
      expect([past, await query(`select count(id), count(*) from ${past}`)]).toEqual([
        past!,
        [[rows!, rows!]],
      ])
    }
    expect(
      await query(
        `select now.id, was.id from ${t} now left join ${t} ${version} was on was.id = now.id order by 1`,
      ),
    ).toEqual([0, 1, 2, 3].map((n) => [`${1_000_000 + n}`, n === 3 ? null : `${1_000_000 + n}`]))
    expect(await failure(`select note from ${t} ${version}`)).toMatch(/^COLUMN_NOT_FOUND/)
    expect(await failure(`select 1 from ${t} for version as of 42`)).toBe(
      'INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: 42',
    )
    expect(await failure(`select 1 from ${t} for timestamp as of timestamp '${before}'`)).toMatch(
      /^INVALID_ARGUMENTS: No version history table "\w+"."t\d+" at or before /,
    )
    expect(await failure(`select 1 from "${t}$files" ${version}`)).toMatch(/^NOT_SUPPORTED/)
    expect(await failure(`select 1 from "${t}$nothing"`)).toMatch(/^TABLE_NOT_FOUND/)
  })

  test('shows its partitions by what manifests say, true or not', async () => {
    const table = await newTable(events)
    await table.replace('all', [rowsOf(day, 5, 1), rowsOf(day, 2, 2), rowsOf(null, 3, 3)], {
      alter: (file) => (file.rows === 3 ? { ...file, rows: 30 } : file),
    })
    await publish(table)
    const unborn = (...files: Value[][][]) =>
      String(files.flat().filter(([, , , born]) => born === null).length)
    const partitions = `"${table.name}$partitions"`
    expect(
      await query(`select "partition", record_count, file_count, data.id, data.created_at.max, data.born.null_count
        from ${partitions} order by record_count`),
    ).toEqual([
      [
        ...['{created_at_day=2026-03-01}', '7', '2'],
        ...[
          '{min=1000000, max=2000001, null_count=0, nan_count=null}',
          '2026-03-01 23:59:59.999999 UTC',
          unborn(rowsOf(day, 5, 1), rowsOf(day, 2, 2)),
        ],
      ],
      [
        '{created_at_day=null}',
        '30',
        '1',
        '{min=3000000, max=3000002, null_count=0, nan_count=null}',
        null,
        unborn(rowsOf(null, 3, 3)),
      ],
    ])
    expect(
      await query(
        `select sum(record_count) from ${partitions} where "partition".created_at_day = date '2026-03-01'`,
      ),
    ).toEqual([['7']])
    const [[bytes] = []] = await query(`select sum(total_size) from ${partitions}`)
    expect(await query(`select sum(file_size_in_bytes), count(*) from "${table.name}$files"`)).toEqual([
      [bytes!, '3'],
    ])
    const whole = await newTable({ ...narrow, partitionBy: [] })
    await whole.replace('all', [shortRows(day, 3, 1)])
    await publish(whole)
    expect(
      (await query(`select * from "${whole.name}$partitions"`)).map((values) => values.slice(0, 2)),
    ).toEqual([['3', '1']])
  })

  test('shows its files with bounds in words, its snapshots, its history and its references', async () => {
    const table = await newTable(narrow)
    const { name } = table
    await table.replace('all', [shortRows(day, 3, 1)], { summary: { 'dracula.load': 'a' } })
    await table.replace('all', [shortRows(day, 4, 1)], { summary: { 'dracula.load': 'b' } })
    await publish(table)
    const [first, second] = table.metadata.snapshots!.map((snapshot) => String(snapshot['snapshot-id']))
    expect(
      await query(`select snapshot_id, parent_id, operation, summary['dracula.load'], summary['total-records'],
        manifest_list like 's3://%', cardinality(summary) > 5 from "${name}$snapshots" order by committed_at`),
    ).toEqual([
      [first!, null, 'append', 'a', '3', 'true', 'true'],
      [second!, first!, 'overwrite', 'b', '4', 'true', 'true'],
    ])
    expect(await query(`select committed_at from "${name}$snapshots" limit 1`)).toEqual([
      [expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/)],
    ])
    expect(
      await query(`select snapshot_id, parent_id, is_current_ancestor from "${name}$history" order by 1 = 1`),
    ).toEqual([
      [first!, null, 'true'],
      [second!, first!, 'true'],
    ])
    expect(await query(`select name, type, snapshot_id from "${name}$refs"`)).toEqual([
      ['main', 'BRANCH', second!],
    ])
    expect(
      await query(`select content, file_format, record_count, value_counts[1], null_value_counts[2], lower_bounds[1],
        upper_bounds[2], split_offsets, equality_ids from "${name}$files"`),
    ).toEqual([['0', 'PARQUET', '4', '4', '0', '1000000', '2026-03-01T23:59:59.999999+00:00', '[4]', null]])
  })
})
