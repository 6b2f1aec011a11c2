import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { type QueryOptions, quoteIdentifier, runQuery } from '../../lib/aws/athena.ts'
import { createStaged } from '../../lib/lake/staged-tables.ts'
import { failureOf, never, openLake } from '../support/aws.ts'
import { until } from '../support/until.ts'
import { putParquet } from './parquet-object.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
  await putParquet(
    lake.aws,
    'tables/n/one/n.parquet',
    'select range::int id, case when range % 2 = 1 then \'odd\' end "name" from range(2500)',
  )
  await createStaged(lake.aws, {
    database: 'lake',
    name: 'n',
    location: 's3://lake/tables/n/one/',
    columns: [
      { name: 'id', type: 'int' },
      { name: 'name', type: 'string' },
    ],
  })
})
afterAll(() => lake.close())
afterEach(() => lake.faults.clear())

const query = (sql: string, more: Partial<QueryOptions> = {}) =>
  runQuery(lake.aws, {
    sql,
    database: 'lake',
    workgroup: 'primary',
    output: 's3://lake-results/',
    timeoutMs: 200_000,
    signal: never,
    ...more,
  })

describe('a query', () => {
  test('gives a count, what it scanned and its id', async () => {
    expect(await query('select count(*) as n from "n"')).toEqual({
      columns: ['n'],
      types: ['bigint'],
      rows: [['2500']],
      more: false,
      bytesScanned: expect.any(Number),
      queryId: expect.stringMatching(/.+/),
    })
  })

  test('is not sent when it has more bytes than Athena takes', async () => {
    const { length: before } = lake.faults.log
    const text = (bytes: number) => `select '${'x'.repeat(bytes - "select ''".length)}'`
    expect((await query(text(262_144))).rows).toHaveLength(1)
    const { length: asked } = lake.faults.log
    expect(asked).toBeGreaterThan(before)
    for (const long of [text(262_145), `select '${'ü'.repeat(131_072)}'`]) {
      const { exit, message } = await failureOf(query(long))
      expect([exit, message]).toEqual([
        2,
        expect.stringContaining('bytes, and Athena takes 262,144. Ask for less'),
      ])
    }
    expect(lake.faults.log).toHaveLength(asked)
  })

  test('gives every row of many pages once, without the header, and null as null', async () => {
    const { columns, rows } = await query('select "id", "name" from "n" order by "id"')
    expect(columns).toEqual(['id', 'name'])
    expect(rows).toEqual(Array.from({ length: 2500 }, (_, i) => [String(i), i % 2 === 1 ? 'odd' : null]))
  })

  test.each([
    [0, true],
    [2, true],
    [1_500, true],
    [2_500, false],
  ])(
    'gives the first %p rows where no more are wanted, and says whether there are more',
    async (maxRows, more) => {
      const before = lake.calls('GetQueryResults')
      const result = await query('select "id" from "n" order by "id"', { maxRows })
      expect(result.rows).toEqual(Array.from({ length: maxRows }, (_, i) => [String(i)]))
      expect(result.more).toBe(more)
      expect(lake.calls('GetQueryResults') - before).toBe(Math.ceil((maxRows + 1) / 1_000))
    },
  )

  test('keeps a row that looks like the header', async () => {
    expect((await query(`select 'id' as "id"`)).rows).toEqual([['id']])
  })

  test('runs once when the answer to its start is lost', async () => {
    lake.faults.add({ operation: 'StartQueryExecution', times: 1, action: { kind: 'lost answer' } })
    expect((await query('select count(*) from "n"')).rows).toEqual([['2500']])
  })

  test('that fails says why', async () => {
    const failure = await failureOf(query('select nothing from "n"'))
    expect(failure.exit).toBe(1)
    expect(failure.message).toStartWith('Cannot query Athena "select nothing from "n"": ')
    expect(failure.message).toContain('nothing')
  })

  test('that may not read is refused, not retried', async () => {
    const message = 'Insufficient permissions to execute the query. Access denied'
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query fails', message } })
    expect(await failureOf(query('select 1'))).toMatchObject({ exit: 2 })
  })

  test('that does not end in time is stopped', async () => {
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
    const before = lake.calls('StopQueryExecution')
    // By then even a busy machine has started it.
    const failure = await failureOf(query('select 1', { timeoutMs: 1_000 }))
    expect(failure).toMatchObject({ exit: 1 })
    expect(failure.message).toContain('did not end within 1 s')
    expect(lake.calls('StopQueryExecution')).toBe(before + 1)
  })

  test('is stopped on abort', async () => {
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
    const before = lake.calls('StopQueryExecution')
    const asked = lake.calls('GetQueryExecution')
    const stop = new AbortController()
    const running = failureOf(query('select 1', { signal: stop.signal }))
    await until(() => lake.calls('GetQueryExecution') !== asked)
    stop.abort()
    expect(await running).toMatchObject({ exit: 1 })
    expect(lake.calls('StopQueryExecution')).toBe(before + 1)
  })
})

test('An identifier is quoted whatever is in it', () => {
  expect(quoteIdentifier('or"ders')).toBe('"or""ders"')
})
