import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { CreateTableCommand, type TableInput, UpdateTableCommand } from '@aws-sdk/client-glue'
import { findTable } from '../../../lib/aws/glue.ts'
import type { SourceIdentity } from '../../../lib/declare/source-identity.ts'
import { Failure } from '../../../lib/failure/failure.ts'
import { type NewPublication, publish, publishAgain } from '../../../lib/lake/hive/publish.ts'
import { readPublished } from '../../../lib/lake/hive/published.ts'
import { unpin } from '../../../lib/lake/hive/unpin.ts'
import type { PublishedLoad } from '../../../lib/lake/published.ts'
import { createStaged, dropStaged } from '../../../lib/lake/staged-tables.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())
afterEach(() => {
  lake.faults.clear()
  lake.faults.release()
})

let tables = 0
const freshName = () => `t${++tables}`

const loadAt = (second: number, more: Partial<PublishedLoad> = {}): PublishedLoad => ({
  load: `20261122t0412${String(second).padStart(2, '0')}000z_aaaaaa`,
  rows: second,
  lookups: {},
  rowsRead: second + 1,
  snapshotAt: `2026-11-22T04:12:${String(second).padStart(2, '0')}.000001Z`,
  schemaHash: 'hash',
  crawledHash: undefined,
  bytes: 100,
  source: undefined,
  ...more,
})

function publication(table: string, load: PublishedLoad, more: Partial<NewPublication> = {}): NewPublication {
  return {
    database: 'lake',
    table,
    load,
    location: `s3://lake/tables/${table}/${load.load}/`,
    columns: [
      { name: 'id', type: 'int' },
      { name: 'rate', type: 'decimal(18,6)' },
    ],
    adopt: false,
    signal: never,
    ...more,
  }
}

const place = { server: 'db:5432', address: '10.0.0.7:5432' }
const source: SourceIdentity = {
  ...{ cluster: '7', database: 'shop', database_oid: '16384', schema: 'public', relation: 'orders' },
  ...{ place, primary: { ...place, timeline: 1 } },
}

const read = (table: string) => readPublished(lake.aws, { database: 'lake', table })
const live = (table: string) => findTable(lake.aws, { database: 'lake', table })
const create = (TableInput: TableInput) =>
  lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))

describe('publishing', () => {
  test('a new table makes it one of Parquet files that says what load it is', async () => {
    const table = freshName()
    expect(await read(table)).toEqual({ kind: 'absent' })
    const load = loadAt(1, { crawledHash: 'crawled' })
    expect(await publish(lake.aws, publication(table, load))).toEqual({ outcome: 'published' })
    expect(await read(table)).toEqual({
      kind: 'managed',
      versionId: expect.any(String),
      account: '000000000000',
      location: `s3://lake/tables/${table}/${load.load}/`,
      columns: [
        { name: 'id', type: 'int' },
        { name: 'rate', type: 'decimal(18,6)' },
      ],
      pin: undefined,
      ...load,
    })
    expect(await live(table)).toMatchObject({
      TableType: 'EXTERNAL_TABLE',
      Parameters: { classification: 'parquet', EXTERNAL: 'TRUE', 'dracula.published_at': expect.any(String) },
      StorageDescriptor: {
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    })
  })

  test('keeps everything a steward added to the table, and comments by the column they belong to', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1, { crawledHash: 'of the first' })))
    const before = await live(table)
    await lake.aws.glue.send(
      new UpdateTableCommand({
        DatabaseName: 'lake',
        TableInput: {
          Name: table,
          Description: 'Rates.',
          Owner: 'finance',
          Retention: 7,
          TableType: 'EXTERNAL_TABLE',
          Parameters: { ...before?.Parameters, 'projection.enabled': 'true', cost_centre: '42' },
          StorageDescriptor: {
            ...before?.StorageDescriptor,
            Columns: [
              { Name: 'rate', Type: 'decimal(18,6)', Comment: 'Units of USD.' },
              { Name: 'gone', Type: 'int', Comment: 'Was here.' },
            ],
          },
        },
      }),
    )
    const columns = [
      { name: 'id', type: 'int', comment: 'Key.' },
      { name: 'rate', type: 'decimal(20,6)' },
    ]
    await publish(lake.aws, publication(table, loadAt(2), { columns }))
    const after = await live(table)
    expect(after).toMatchObject({
      Description: 'Rates.',
      Owner: 'finance',
      Retention: 7,
      Parameters: { 'projection.enabled': 'true', cost_centre: '42', 'dracula.rows': '2' },
    })
    expect(after?.StorageDescriptor?.Columns).toEqual([
      { Name: 'id', Type: 'int', Comment: 'Key.' },
      { Name: 'rate', Type: 'decimal(20,6)', Comment: 'Units of USD.' },
    ])
    expect(after?.Parameters).not.toHaveProperty('dracula.crawled')
  })

  test('an older snapshot, or the earlier load of one instant, loses to what is published', async () => {
    const table = freshName()
    const newer = loadAt(9)
    await publish(lake.aws, publication(table, newer))
    expect(await publish(lake.aws, publication(table, loadAt(8)))).toMatchObject({
      outcome: 'lost',
      to: newer,
    })
    const twin = loadAt(8, { snapshotAt: newer.snapshotAt })
    expect(await publish(lake.aws, publication(table, twin))).toMatchObject({ outcome: 'lost', to: newer })
    expect(await read(table)).toMatchObject(newer)
  })

  test('is refused for a table of somebody else, until it is adopted', async () => {
    const table = freshName()
    await create({
      Name: table,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { owner_team: 'bi' },
      StorageDescriptor: {
        Location: 's3://elsewhere/',
        Columns: [],
        SerdeInfo: { SerializationLibrary: 'csv', Parameters: { 'field.delim': ';' } },
      },
    })
    expect(await read(table)).toEqual({ kind: 'unmanaged', unlike: undefined })
    const failure = await failureOf(publish(lake.aws, publication(table, loadAt(1))))
    expect(failure.exit).toBe(2)
    expect(failure.message).toContain('--adopt')
    expect((await live(table))?.StorageDescriptor?.Location).toBe('s3://elsewhere/')

    await publish(lake.aws, publication(table, loadAt(1), { adopt: true }))
    expect(await live(table)).toMatchObject({
      Parameters: { owner_team: 'bi', 'dracula.rows': '1' },
      StorageDescriptor: { SerdeInfo: { Parameters: { 'serialization.format': '1' } } },
    })
  })

  test('never adopts a view, an Iceberg table or a partitioned one', async () => {
    const kinds: [Partial<TableInput>, string][] = [
      [{ TableType: 'VIRTUAL_VIEW' }, 'a view'],
      [{ Parameters: { table_type: 'ICEBERG' } }, 'a table of the format ICEBERG'],
      [{ PartitionKeys: [{ Name: 'dt', Type: 'string' }] }, 'a partitioned table'],
    ]
    for (const [kind, named] of kinds) {
      const table = freshName()
      await create({ Name: table, ...kind })
      const failure = await failureOf(publish(lake.aws, publication(table, loadAt(1), { adopt: true })))
      expect(failure.exit).toBe(2)
      expect(failure.message).toContain(named)
    }
  })

  test('is refused for a table of ours that was partitioned since: its files would be no row of any partition', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    const { StorageDescriptor, Parameters } = (await live(table)) ?? {}
    const PartitionKeys = [{ Name: 'dt', Type: 'string' }]
    await lake.aws.glue.send(
      new UpdateTableCommand({
        DatabaseName: 'lake',
        TableInput: {
          Name: table,
          TableType: 'EXTERNAL_TABLE',
          StorageDescriptor,
          Parameters,
          PartitionKeys,
        },
      }),
    )
    const failure = await failureOf(publish(lake.aws, publication(table, loadAt(2), { adopt: true })))
    expect(failure.exit).toBe(2)
    expect(failure.message).toContain('it is a partitioned table')
    expect((await live(table))?.Parameters).toEqual(Parameters)
  })
})

describe('publishing against others', () => {
  test('asks about what it replaces each time it has read it, and stops where that is forbidden', async () => {
    const table = freshName()
    const asked: string[] = []
    const first = { ...loadAt(1), source }
    await publish(lake.aws, publication(table, first))
    const permit = (now: PublishedLoad) => void asked.push(`${now.load} of ${now.source?.database}`)
    lake.faults.add({
      operation: 'UpdateTable',
      times: 1,
      action: { kind: 'error', code: 'ConcurrentModificationException' },
    })
    await publish(lake.aws, publication(table, loadAt(2), { permit }))
    expect(asked).toEqual([`${first.load} of shop`, `${first.load} of shop`])
    // What a load does not keep, it does not leave to the one before it either.
    expect(await read(table)).toMatchObject({ load: loadAt(2).load, source: undefined })
    const forbid = () => {
      throw new Failure({ exit: 4, act: 'publish', thing: table, reason: 'it may not', advice: 'Do not.' })
    }
    const failure = await failureOf(publish(lake.aws, publication(table, loadAt(3), { permit: forbid })))
    expect(failure.exit).toBe(4)
    expect(await read(table)).toMatchObject({ load: loadAt(2).load })
  })

  const raceOn = async (first: PublishedLoad, second: PublishedLoad, exists: boolean) => {
    const table = freshName()
    if (exists) await publish(lake.aws, publication(table, loadAt(1)))
    const operation = exists ? 'UpdateTable' : 'CreateTable'
    lake.faults.add({ operation, match: table, times: 1, action: { kind: 'hold' } })
    const held = publish(lake.aws, publication(table, first))
    await lake.faults.held(operation)
    expect(await publish(lake.aws, publication(table, second))).toEqual({ outcome: 'published' })
    lake.faults.release()
    return { table, outcome: await held }
  }

  test('reads again when the table changed meanwhile, and the newer snapshot stays, whoever is last', async () => {
    for (const exists of [true, false]) {
      const behind = await raceOn(loadAt(5), loadAt(6), exists)
      expect(behind.outcome).toMatchObject({ outcome: 'lost', to: loadAt(6) })
      expect(await read(behind.table)).toMatchObject(loadAt(6))
      const ahead = await raceOn(loadAt(8), loadAt(7), exists)
      expect(ahead.outcome).toEqual({ outcome: 'published' })
      expect(await read(ahead.table)).toMatchObject(loadAt(8))
    }
  })

  test('gives up when the table never stops changing', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    lake.faults.add({
      operation: 'UpdateTable',
      action: { kind: 'error', code: 'ConcurrentModificationException' },
    })
    expect(await failureOf(publish(lake.aws, publication(table, loadAt(2))))).toMatchObject({ exit: 1 })
  }, 10_000)
})

describe('publishing against a rollback', () => {
  const pin = (rollback: string, replaces: PublishedLoad) => ({
    at: '2026-11-23T08:00:00.000Z',
    rollback,
    replaces: replaces.load,
    reason: undefined,
  })
  const back = (table: string, to: PublishedLoad, from: PublishedLoad, id = 'r1') =>
    publishAgain(lake.aws, { ...publication(table, to), over: from.load, pin: pin(id, from) })
  const [older, newer, newest] = [loadAt(1), loadAt(2), loadAt(3)] as const

  test('an older load replaces the newer one it names, and no load replaces it while it is pinned', async () => {
    const table = freshName()
    for (const load of [older, newer]) await publish(lake.aws, publication(table, load))
    expect(await back(table, older, newer)).toEqual({ outcome: 'published' })
    expect(await read(table)).toMatchObject({ ...older, pin: pin('r1', newer) })
    const stopped = await publish(lake.aws, publication(table, newest))
    expect(stopped).toMatchObject({ outcome: 'pinned', to: older, pin: { rollback: 'r1' } })
    const { pin: taken } = await unpin(lake.place(table), never)
    expect(taken?.rollback).toBe('r1')
    expect(await publish(lake.aws, publication(table, newest))).toEqual({ outcome: 'published' })
    expect((await live(table))?.Parameters).not.toHaveProperty('dracula.pinned_over')
  })

  test('nothing is rolled back that it does not name, and nothing where there is no table', async () => {
    const table = freshName()
    expect(await back(table, older, newer)).toMatchObject({ outcome: 'changed', to: { kind: 'absent' } })
    for (const load of [older, newer, newest]) await publish(lake.aws, publication(table, load))
    expect(await back(table, older, newer)).toMatchObject({ outcome: 'changed', to: newest })
    expect(await read(table)).toMatchObject(newest)
  })

  test('whichever of the two calls comes first counts, and the other reads again', async () => {
    for (const [isLate, stays] of [
      ['load', older],
      ['rollback', newest],
    ] as const) {
      const table = freshName()
      for (const load of [older, newer]) await publish(lake.aws, publication(table, load))
      lake.faults.add({ operation: 'UpdateTable', match: table, times: 1, action: { kind: 'hold' } })
      const load = () => publish(lake.aws, publication(table, newest))
      const rollback = () => back(table, older, newer)
      const [late, early] = isLate === 'load' ? [load, rollback] : [rollback, load]
      const held = late()
      await lake.faults.held('UpdateTable')
      expect(await early()).toEqual({ outcome: 'published' })
      lake.faults.release()
      expect((await held).outcome).toBe(isLate === 'load' ? 'pinned' : 'changed')
      expect(await read(table)).toMatchObject(stays)
    }
  })

  test('a load whose answer was lost, and that was rolled back before it looked, was published', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, older))
    lake.faults.add({ operation: 'UpdateTable', times: 1, action: { kind: 'lost answer' } })
    lake.faults.add({ operation: 'UpdateTable', after: 1, times: 1, action: { kind: 'hold' } })
    const load = publish(lake.aws, publication(table, newer))
    await lake.faults.held('UpdateTable')
    expect(await back(table, older, newer)).toEqual({ outcome: 'published' })
    lake.faults.release()
    expect(await load).toEqual({ outcome: 'published' })
  })

  test('taking the pin away keeps all else of the table, though the answer is lost', async () => {
    const table = freshName()
    const crawled = { ...newer, crawledHash: 'crawled' }
    await publish(lake.aws, publication(table, crawled))
    const before = await read(table)
    await back(table, crawled, crawled)
    lake.faults.add({ operation: 'UpdateTable', times: 1, action: { kind: 'lost answer' } })
    await unpin(lake.place(table), never)
    expect(await read(table)).toEqual({ ...before, versionId: expect.any(String) } as typeof before)
  })
})

describe('publishing when AWS fails', () => {
  test('leaves the pin where taking it away is not answered, and a second try takes it', async () => {
    const table = freshName()
    const load = loadAt(1)
    await publish(lake.aws, publication(table, load))
    const pin = { at: '2026-11-23T08:00:00.000Z', rollback: 'r1', replaces: load.load, reason: 'why' }
    await publishAgain(lake.aws, { ...publication(table, load), over: load.load, pin })
    lake.faults.add({
      operation: 'UpdateTable',
      action: { kind: 'error', code: 'InternalServiceException', status: 500 },
    })
    expect(await failureOf(unpin(lake.place(table), never))).toMatchObject({ exit: 1 })
    lake.faults.clear()
    expect(await read(table)).toMatchObject({ pin })
    expect(await unpin(lake.place(table), never)).toMatchObject({ pin, published: { load: load.load } })
    expect(await read(table)).toMatchObject({ ...load, pin: undefined })
  }, 20_000)

  test('is done although the answer was lost', async () => {
    const table = freshName()
    for (const [second, operation] of [
      [1, 'CreateTable'],
      [2, 'UpdateTable'],
    ] as const) {
      lake.faults.add({ operation, times: 1, action: { kind: 'lost answer' } })
      expect(await publish(lake.aws, publication(table, loadAt(second)))).toEqual({ outcome: 'published' })
      expect(await read(table)).toMatchObject(loadAt(second))
    }
  })

  test('is done although every answer was lost', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    lake.faults.add({ operation: 'UpdateTable', times: 1, action: { kind: 'lost answer' } })
    lake.faults.add({ operation: 'UpdateTable', after: 1, action: { kind: 'drop' } })
    expect(await publish(lake.aws, publication(table, loadAt(2)))).toEqual({ outcome: 'published' })
  })

  test('is not done when it is denied, and readers see the old load', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    lake.faults.add({ operation: 'UpdateTable', action: { kind: 'error', code: 'AccessDeniedException' } })
    expect(await failureOf(publish(lake.aws, publication(table, loadAt(2))))).toMatchObject({ exit: 2 })
    expect(await read(table)).toMatchObject(loadAt(1))
  })

  test('is of unknown outcome when no call is answered and the table is still the old one', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    lake.faults.add({ operation: 'UpdateTable', action: { kind: 'drop' } })
    const failure = await failureOf(publish(lake.aws, publication(table, loadAt(2))))
    expect(failure.exit).toBe(5)
    expect(failure.message).toContain(loadAt(2).load)
  })

  test('is of unknown outcome when the table cannot be read back', async () => {
    const table = freshName()
    await publish(lake.aws, publication(table, loadAt(1)))
    lake.faults.add({ operation: 'UpdateTable', action: { kind: 'drop' } })
    const denied = { kind: 'error', code: 'AccessDeniedException' } as const
    lake.faults.add({ operation: 'GetTable', after: 1, action: denied })
    const failure = await failureOf(publish(lake.aws, publication(table, loadAt(2))))
    expect(failure.exit).toBe(5)
    expect(failure.message).toContain('cannot be read back')
  })

  test('is not done when it is stopped before, and done when it is stopped after the call is sent', async () => {
    const table = freshName()
    expect(
      await failureOf(publish(lake.aws, publication(table, loadAt(1), { signal: AbortSignal.abort() }))),
    ).toMatchObject({ exit: 1 })
    expect(await read(table)).toEqual({ kind: 'absent' })

    const stop = new AbortController()
    lake.faults.add({ operation: 'CreateTable', match: table, action: { kind: 'hold' } })
    const running = publish(lake.aws, publication(table, loadAt(1), { signal: stop.signal }))
    await lake.faults.held('CreateTable')
    stop.abort()
    lake.faults.release()
    expect(await running).toEqual({ outcome: 'published' })
    expect(await read(table)).toMatchObject(loadAt(1))
  })
})

describe('a staged table', () => {
  const staged = { database: 'lake_staging', columns: [{ name: 'id', type: 'int' }] }

  test('is made once from the declaration and dropped, twice if need be', async () => {
    const name = 'orders__20261122t041233123z_x7k2q9'
    const location = 's3://lake/tables/orders/20261122t041233123z_x7k2q9/'
    lake.faults.add({ operation: 'CreateTable', times: 1, action: { kind: 'lost answer' } })
    await createStaged(lake.aws, { ...staged, name, location })
    const found = await findTable(lake.aws, { database: 'lake_staging', table: name })
    expect(found?.StorageDescriptor).toMatchObject({
      Location: location,
      Columns: [{ Name: 'id', Type: 'int' }],
    })
    expect(
      await failureOf(createStaged(lake.aws, { ...staged, name, location: 's3://else/' })),
    ).toMatchObject({
      exit: 1,
    })
    await dropStaged(lake.aws, { database: 'lake_staging', name })
    await dropStaged(lake.aws, { database: 'lake_staging', name })
    expect(await findTable(lake.aws, { database: 'lake_staging', table: name })).toBeUndefined()
  })
})
