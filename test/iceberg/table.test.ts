/** Tables that the room writes, as readers find them that know nothing of it: avsc for Avro, DuckDB for Parquet by field id. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import { liveFiles, partitionTotals } from '../../lib/iceberg/live-files.ts'
import { readManifestList } from '../../lib/iceberg/manifest-list.ts'
import { currentSchema, currentSnapshot, schemaOf, type TableMetadata } from '../../lib/iceberg/metadata.ts'
import { rollBack } from '../../lib/iceberg/roll-back.ts'
import { snapshotAsOf, snapshotsSince } from '../../lib/iceberg/snapshot.ts'
import * as t from '../../lib/table.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { readWithAvsc } from './avsc.ts'
import { commitCost, days } from './cost.ts'
import { columns, events, rowsOf } from './events.ts'
import { type LocalTable, localTable } from './local-table.ts'

setDefaultTimeout(300_000)

let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder?.[Symbol.asyncDispose]())

let tables = 0
const newTable = (declared: TableDeclaration = events) => localTable(`${folder.path}/${tables++}`, declared)

async function filesNow(table: LocalTable, metadata: TableMetadata = table.metadata) {
  return liveFiles('lake.events', metadata, currentSnapshot(metadata)!, table.read)
}

/** Rows by the ids of columns, as DuckDB reads the files that manifests name: `sql` over `rows`. */
async function query(table: LocalTable, sql: string, metadata: TableMetadata = table.metadata) {
  const paths = (await filesNow(table, metadata)).map(({ file }) => file.path.slice('file://'.length))
  const { fields } = schemaOf(metadata, currentSnapshot(metadata)!)
  const schema = fields.map(
    ({ id, name, type }) =>
      `${id}: {name: '${name}', type: '${duckdbType(type as string)}', default_value: NULL}`,
  )
  const source = `read_parquet([${paths.map((path) => `'${path}'`)}], schema = MAP {${schema}})`
  return queryWithDuckdb('', `with rows as (select * from ${source}) ${sql}`)
}

const duckdbTypes: Readonly<Record<string, string>> = {
  long: 'BIGINT',
  int: 'INTEGER',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  double: 'DOUBLE',
}
const duckdbType = (type: string) => duckdbTypes[type] ?? type.toUpperCase()

const narrow: TableDeclaration = {
  ...events,
  columns: { id: columns.id, created_at: columns.created_at, kind: columns.kind, n: columns.n },
}
const shortRows = (day: number | null, count: number, seed: number) =>
  rowsOf(day, count, seed).map(([id, at, , , kind, n]) => [id!, at!, kind!, n!])

describe('a table of four days and of rows without one', () => {
  let table: LocalTable
  const loaded = [20_000, 20_001, 20_002, -1, null]

  beforeAll(async () => {
    table = await newTable(narrow)
    await table.replace(
      'all',
      loaded.map((day, at) => shortRows(day, 100 + at, at)),
    )
  })

  test('has every row once, each file in the partition that its rows are of', async () => {
    expect(await query(table, 'select count(*), count(distinct id), count(created_at) from rows')).toEqual([
      ['510', '510', '406'],
    ])
    const files = await filesNow(table)
    expect(files.map(({ file }) => [file.partition[0], file.rows]).toSorted()).toEqual(
      loaded.map((day, at) => [day, 100 + at]).toSorted() as never,
    )
  })

  test('says so to a reader of Avro that did not write it, with the sequence numbers left to inherit', async () => {
    const snapshot = currentSnapshot(table.metadata)!
    const list = await readWithAvsc((await table.read(snapshot['manifest-list']))!)
    expect(list.metadata).toMatchObject({
      'format-version': '2',
      'snapshot-id': `${snapshot['snapshot-id']}`,
    })
    expect(list.records).toMatchObject([
      {
        added_data_files_count: 5,
        existing_data_files_count: 0,
        added_rows_count: 510n,
        sequence_number: 1n,
        added_snapshot_id: snapshot['snapshot-id'],
        partitions: [{ contains_null: true, lower_bound: days4(-1), upper_bound: days4(20_002) }],
      },
    ])
    const manifest = await readWithAvsc((await table.read(list.records[0]!['manifest_path'] as string))!)
    expect(manifest.metadata).toMatchObject({ content: 'data', 'partition-spec-id': '0', 'schema-id': '0' })
    expect(manifest.records.map(({ status, sequence_number }) => [status, sequence_number])).toEqual(
      Array(5).fill([1, null]),
    )
    const partitions = manifest.records.map(
      (record) => (record['data_file'] as { partition: object }).partition,
    )
    expect(partitions).toEqual(
      [null, -1, 20_000, 20_001, 20_002].map((created_at_day) => ({ created_at_day })),
    )
  })

  test('keeps the other partitions where one is replaced, one goes and one comes', async () => {
    const before = currentSnapshot(table.metadata)!
    const { snapshot, removed } = await table.replace(
      [[20_001], [-1], [20_003]],
      [shortRows(20_001, 7, 50), shortRows(20_003, 3, 51)],
      { summary: { 'dracula.load': 'second' } },
    )
    expect(removed.map(({ rows }) => rows).toSorted()).toEqual([101, 103])
    expect(snapshot.summary).toMatchObject({
      operation: 'overwrite',
      'added-data-files': '2',
      'deleted-data-files': '2',
      'added-records': '10',
      'deleted-records': '204',
      'total-records': '316',
      'total-data-files': '5',
      'changed-partition-count': '3',
      'dracula.load': 'second',
    })
    expect(await query(table, 'select count(*), count(distinct id) from rows')).toEqual([['316', '316']])
    const files = await filesNow(table)
    expect(Number(snapshot.summary['total-files-size'])).toBe(
      files.reduce((sum, { file }) => sum + file.bytes, 0),
    )
    const own = files.filter((entry) => entry.snapshot === snapshot['snapshot-id'])
    expect(own.map(({ file, sequence }) => [file.partition[0], sequence])).toEqual([
      [20_001, 2],
      [20_003, 2],
    ])
    const kept = files.filter((entry) => entry.snapshot === before['snapshot-id'])
    expect(kept.map(({ sequence, fileSequence }) => [sequence, fileSequence])).toEqual(Array(3).fill([1, 1]))
    const [listed] = await readManifestList(table.read, snapshot['manifest-list'])
    expect(listed).toMatchObject({
      added: { files: 2 },
      existing: { files: 3 },
      deleted: { files: 2, rows: 204 },
    })
    expect(listed).toMatchObject({ sequence: 2, minSequence: 1 })
    expect(snapshotsSince(table.metadata, before['snapshot-id'])).toEqual([snapshot])
  })

  test('has what each partition holds, for an audit, and earlier snapshots as they were', async () => {
    const totals = partitionTotals(await filesNow(table))
    expect([...totals.values()].map(({ partition, rows }) => [partition[0], rows]).toSorted()).toEqual(
      [
        [null, 104],
        [20_000, 100],
        [20_001, 7],
        [20_002, 102],
        [20_003, 3],
      ].toSorted() as never,
    )
    const [first, second] = table.metadata.snapshots!
    const files = await liveFiles('lake.events', table.metadata, first!, table.read)
    expect(files.reduce((sum, { file }) => sum + file.rows, 0)).toBe(510)
    expect(snapshotAsOf(table.metadata, first!['timestamp-ms'])).toEqual(first!)
    expect(snapshotAsOf(table.metadata, second!['timestamp-ms'] - 1)).toEqual(first!)
    expect(snapshotAsOf(table.metadata, second!['timestamp-ms'])).toEqual(second!)
    expect(snapshotAsOf(table.metadata, first!['timestamp-ms'] - 1)).toBeUndefined()
  })

  test('reads and writes only the manifests of what is replaced', async () => {
    const { objects } = await table.replace([[20_010]], [shortRows(20_010, 5, 60)])
    expect(table.reads).toEqual([expect.stringContaining('/snap-')])
    expect(objects).toHaveLength(2)
    expect(await query(table, 'select count(*) from rows')).toEqual([['321']])
    const again = await table.replace([[20_010]], [])
    expect(again.snapshot.summary).toMatchObject({ operation: 'delete', 'total-records': '316' })
    const [whole] = await query(table, 'select count(*), max(created_at)::date from rows')
    expect(whole).toEqual(['316', '2024-10-07'])
  })

  test('is again what it was once an earlier snapshot is current, and goes on from there', async () => {
    const [first] = table.metadata.snapshots!
    await table.publish(rollBack('lake.events', table.metadata, first!['snapshot-id'], Date.now()))
    expect(await query(table, 'select count(*) from rows')).toEqual([['510']])
    expect(table.metadata['snapshot-log']!.at(-1)).toMatchObject({ 'snapshot-id': first!['snapshot-id'] })
    const { snapshot } = await table.replace([[null]], [])
    expect(snapshot['parent-snapshot-id']).toBe(first!['snapshot-id'])
    expect(snapshot['sequence-number']).toBe(5)
    expect(await query(table, 'select count(*), count(created_at) from rows')).toEqual([['406', '406']])
    expect(() => rollBack('lake.events', table.metadata, 12n, 0)).toThrow('it has no snapshot 12 any more')
  })

  test('gives up what only expired snapshots had, and reads as before without it', async () => {
    const before = await query(table, 'select count(*), sum(id) from rows')
    const newest = currentSnapshot(table.metadata)!
    const files = await filesNow(table)
    const gone = await table.expire(() => false)
    expect(table.metadata.snapshots).toEqual([newest])
    expect(table.metadata['snapshot-log']).toMatchObject([{ 'snapshot-id': newest['snapshot-id'] }])
    expect(await query(table, 'select count(*), sum(id) from rows')).toEqual(before)
    const paths = new Set(files.map(({ file }) => file.path))
    expect(gone.filter((path) => paths.has(path))).toEqual([])
    // Nothing is there that nobody names.
    const there = await Array.fromAsync(
      new Bun.Glob('{data,metadata}/*').scan(table.metadata.location.slice('file://'.length)),
    )
    const manifests = await readManifestList(table.read, newest['manifest-list'])
    const named = [
      ...paths,
      ...manifests.map(({ path }) => path),
      newest['manifest-list'],
      table.version.file,
      ...table.metadata['metadata-log']!.map((each) => each['metadata-file']),
    ]
    expect(there.map((path) => `${table.metadata.location}/${path}`).toSorted()).toEqual(
      [...new Set(named)].toSorted(),
    )
  })
})

function days4(days: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(days)
  return bytes
}

describe('a snapshot that is made on top of another than was planned', () => {
  test('has the effects of both: files stay data, only manifests are made again', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 10, 1), shortRows(2, 10, 2)])
    const base = table.metadata
    await table.replace([[1]], [shortRows(1, 20, 3)])
    const { snapshot } = await table.replace([[2]], [shortRows(2, 30, 4)])
    expect(snapshotsSince(table.metadata, currentSnapshot(base)!['snapshot-id'])).toHaveLength(2)
    expect(snapshot.summary['total-records']).toBe('50')
    expect(await query(table, 'select count(*) from rows')).toEqual([['50']])
  })
})

test('loads that add a day each leave few manifests, as small ones become one', async () => {
  const table = await newTable(narrow)
  for (let day = 0; day < 20; day++) await table.replace([[day]], [shortRows(day, 2, day)])
  const manifests = await readManifestList(table.read, currentSnapshot(table.metadata)!['manifest-list'])
  expect(manifests.length).toBeLessThan(17)
  expect(manifests.map(({ minSequence }) => minSequence)).toContain(1)
  const files = await filesNow(table)
  expect(files.map(({ sequence }) => sequence).toSorted((a, b) => a! - b!)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  expect(await query(table, 'select count(*) from rows')).toEqual([['40']])
})

describe('columns that change', () => {
  test('keep their ids, and files that are there give what they have: null for what is new', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 10, 1), shortRows(2, 10, 2)])
    const declared: TableDeclaration = {
      ...narrow,
      columns: {
        id: columns.id,
        created_at: columns.created_at,
        type: t.text,
        n: t.bigint,
        ratio: t.nullable(t.doublePrecision),
      },
      renamed: { type: 'kind' },
    }
    const rows = shortRows(2, 4, 9).map(([id, at, kind, n]) => [id!, at!, kind!, BigInt(n as number), 0.5])
    await table.replace([[2]], [rows], { declared })
    expect(currentSchema(table.metadata).fields.map(({ id, name, type }) => [id, name, type])).toEqual([
      [1, 'id', 'long'],
      [2, 'created_at', 'timestamptz'],
      [3, 'type', 'string'],
      [4, 'n', 'long'],
      [5, 'ratio', 'double'],
    ])
    const counts = 'select count(*), count(type), count(n), count(ratio), typeof(any_value(n)) from rows'
    expect(await query(table, counts)).toEqual([['14', '14', '14', '4', 'BIGINT']])
    // A column that is dropped and comes back is another one.
    const { ratio: _, ...fewer } = declared.columns
    await table.replace([], [], { declared: { ...declared, columns: fewer, renamed: {} } })
    await table.replace([], [], { declared: { ...declared, renamed: {} } })
    expect(currentSchema(table.metadata).fields.at(-1)).toMatchObject({ id: 6, name: 'ratio' })
    expect(await query(table, counts)).toEqual([['14', '14', '14', '0', 'BIGINT']])
    // The snapshot before has the columns it had.
    const [first, second] = table.metadata.snapshots!
    await table.publish(rollBack('lake.events', table.metadata, second!['snapshot-id'], Date.now()))
    expect(await query(table, counts)).toEqual([['14', '14', '14', '4', 'BIGINT']])
    await table.publish(rollBack('lake.events', table.metadata, first!['snapshot-id'], Date.now()))
    expect(await query(table, 'select count(kind), typeof(any_value(n)) from rows')).toEqual([
      ['20', 'INTEGER'],
    ])
  })

  test('that Iceberg cannot change need all files replaced, and are another column then', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 3, 1), shortRows(2, 3, 2)])
    const declared: TableDeclaration = { ...narrow, columns: { ...narrow.columns, n: t.text } }
    const rows = [1, 2].map((day) =>
      shortRows(day, 5, day).map(([id, at, kind, n]) => [id!, at!, kind!, `${n}`]),
    )
    await expect(table.replace([[2]], [rows[1]!], { declared })).rejects.toThrow(
      'Cannot replace partitions of "lake.events": its column n is no longer of the type int, and Iceberg cannot change the one to the other. Load it whole with --full',
    )
    await table.replace('all', rows, { declared })
    expect(await query(table, 'select count(n), typeof(any_value(n)) from rows')).toEqual([['10', 'VARCHAR']])
  })

  test('are refused where they are what snapshots are partitioned by', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 3, 1)])
    const { created_at: _, ...fewer } = narrow.columns
    const unpartitioned = { ...narrow, partitionBy: [] }
    const rows = shortRows(1, 3, 1).map(([id, , kind, n]) => [id!, kind!, n!])
    const dropped = table.replace('all', [rows], { declared: { ...unpartitioned, columns: fewer } })
    await expect(dropped).rejects.toThrow(
      'Cannot publish "lake.events": it no longer has the column created_at as it was, by which snapshots of it are partitioned.',
    )
    await table.replace('all', [shortRows(1, 3, 1)], { declared: unpartitioned })
    // The snapshot that replaced the old partitions names them as gone; the one after it does not know of them.
    await table.replace('all', [shortRows(1, 3, 1)])
    await table.expire(() => false)
    await table.replace('all', [rows], { declared: { ...unpartitioned, columns: fewer } })
    expect(await query(table, 'select count(*), count(n) from rows')).toEqual([['3', '3']])
    expect(table.metadata['partition-specs']).toEqual([{ 'spec-id': 1, fields: [] }])
  })
})

describe('other partitions', () => {
  test('need all files replaced, and then are the table’s', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 10, 1), shortRows(40, 10, 2)])
    const declared: TableDeclaration = {
      ...narrow,
      partitionBy: [{ column: 'created_at', transform: 'month' }],
    }
    await expect(table.replace([[0]], [shortRows(1, 5, 3)], { declared })).rejects.toThrow(
      'Cannot replace partitions of "lake.events": it has files that are partitioned otherwise than the script declares. Load it whole with --full',
    )
    const { removed } = await table.replace('all', [shortRows(1, 5, 3), shortRows(40, 6, 4)], { declared })
    expect(removed).toHaveLength(2)
    expect((await filesNow(table)).map(({ file, specId }) => [file.partition[0], specId])).toEqual([
      [0, 1],
      [1, 1],
    ])
  })

  test.each([
    ['year(created_at)', { column: 'created_at', transform: 'year' as const }, 0],
    ['ranges(id, 1000000)', { column: 'id', transform: 'truncate[1000000]' as const }, 5_000_000n],
    ['value(kind)', { column: 'kind', transform: 'identity' as const }, 'click'],
  ])('of %s are found by the files’ own bounds', async (_, by, expected) => {
    const table = await newTable({ ...narrow, partitionBy: [by] })
    const rows = shortRows(100, 50, 5).map(([id, at, , n]) => [id!, at!, 'click', n!])
    await table.replace('all', [rows])
    expect((await filesNow(table)).map(({ file }) => file.partition)).toEqual([[expected]])
    expect(await query(table, 'select count(*) from rows')).toEqual([['50']])
  })

  test('are none where none are declared: every load replaces the only one', async () => {
    const table = await newTable({ ...narrow, partitionBy: [] })
    await table.replace('all', [shortRows(1, 10, 1), shortRows(null, 10, 2)])
    await table.replace([[]], [shortRows(5, 7, 3)])
    expect(await query(table, 'select count(*) from rows')).toEqual([['7']])
  })
})

describe('a file is refused', () => {
  const refused = async (rows: ReturnType<typeof shortRows>, declared = narrow) => {
    const table = await newTable(declared)
    await expect(table.replace('all', [rows])).rejects.toThrow(expect.anything())
    return table.replace('all', [rows]).then(
      () => '',
      (error: Error) => error.message.replace(/"file:\S+"/, '"…"'),
    )
  }

  test('whose rows are of two partitions, by the bounds that it states itself', async () => {
    expect(await refused([...shortRows(20_514, 5, 1), ...shortRows(20_518, 5, 2)])).toBe(
      'Cannot publish "…": it has rows of more than one partition, created_at_day from 2026-03-02 to 2026-03-06. Leave out of its source what may give each query other values, as random(). If there is nothing such, this is a fault of Dracula: load the table again and report it.',
    )
  })

  test('that has nulls and values of what it is partitioned by', async () => {
    expect(await refused([...shortRows(1, 5, 1), ...shortRows(null, 1, 2)])).toContain(
      'created_at has nulls and values in one file',
    )
  })

  test('of a value that is too long to be a partition', async () => {
    const byKind: TableDeclaration = { ...narrow, partitionBy: [{ column: 'kind', transform: 'identity' }] }
    const rows = shortRows(1, 5, 1).map(([id, at, , n]) => [id!, at!, 'k'.repeat(65), n!])
    expect(await refused(rows, byKind)).toContain('A partition has a value of at most 64 bytes')
  })

  test('of a partition that is not replaced, as its rows could be there twice', async () => {
    const table = await newTable(narrow)
    await table.replace('all', [shortRows(1, 3, 1)])
    await expect(table.replace([[2]], [shortRows(1, 3, 2)])).rejects.toThrow(
      'is of a partition that is not replaced, so that its rows could be there twice',
    )
  })
})

describe('a broken table is told of in one sentence', () => {
  test('when a manifest is gone, cut short, or no Avro', async () => {
    const table = await newTable(narrow)
    const { objects } = await table.replace('all', [shortRows(1, 3, 1)])
    const path = objects[0]!.path.slice('file://'.length)
    const whole = await Bun.file(path).bytes()
    for (const [bytes, reason] of [
      [undefined, 'it is gone'],
      [whole.slice(0, -20), 'it ends too early'],
      [new TextEncoder().encode('<html></html>'), 'it is no Avro file'],
    ] as const) {
      if (bytes === undefined) await Bun.file(path).delete()
      else await Bun.write(path, bytes)
      await expect(filesNow(table)).rejects.toThrow(`Cannot read "file://${path}": ${reason}. `)
    }
  })
})

test('replacing the last 36 of 3,650 days writes less than 200 KB, and reads few manifests', async () => {
  const { bytes, reads } = await commitCost(Array.from({ length: 36 }, (_, at) => days - 36 + at))
  expect(bytes).toBeLessThan(200_000)
  // The list, two manifests, and what tells which files nobody needs any more.
  expect(reads).toBeLessThan(12)
})
