/** Partitions of an Iceberg table are replaced whole, in one snapshot; all others stay as they are. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { AccountedPartition } from '../../../lib/lake/account.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { tableOfDays } from './days.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0
let made: ReturnType<typeof tableOfDays>
beforeEach(() => {
  made = tableOfDays(standIn.place(`days${++tables}`))
})

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5], '1969-12-31': [6, 7], null: [8] }

const byDay = (partitions: readonly AccountedPartition[] = []) =>
  Object.fromEntries(partitions.map(({ values: [of], rows, load }) => [of ?? 'null', { rows, load }]))

describe('a table of days', () => {
  test('is read day by day as it was written, before 1970 and without a day too', async () => {
    const now = await made.publish({ second: 1, days: whole })
    expect(now).toMatchObject({ rows: 8, rowsRead: 8 })
    expect(await made.rows()).toEqual(whole)
  })

  test('keeps the days that a load does not read, and accounts for each by the load that has read it', async () => {
    const first = await made.publish({ second: 1, days: whole })
    const days = { '2026-03-02': [4, 9, 10], '2026-03-03': [11], null: [] }
    const second = await made.publish({ second: 2, days, which: 'these' })
    expect(await made.rows()).toEqual({
      ...{ '2026-03-01': [1, 2, 3], '1969-12-31': [6, 7] },
      ...{ '2026-03-02': [4, 9, 10], '2026-03-03': [11] },
    })
    expect(second).toMatchObject({ rows: 9, rowsRead: 9 })
    const account = await made.lake.account(second, never)
    expect(byDay(account?.partitions)).toEqual({
      '2026-03-01': { rows: 3, load: first.load },
      '1969-12-31': { rows: 2, load: first.load },
      '2026-03-02': { rows: 3, load: second.load },
      '2026-03-03': { rows: 1, load: second.load },
    })
  })

  test('has all its days replaced by a whole load, those too that it does not name', async () => {
    await made.publish({ second: 1, days: whole })
    await made.publish({ second: 2, days: { '2026-03-02': [4] } })
    expect(await made.rows()).toEqual({ '2026-03-02': [4] })
    expect(await made.publish({ second: 3, days: {} })).toMatchObject({ rows: 0 })
    expect(await made.rows()).toEqual({})
  })

  test('is as it was after a load that found nothing changed, but for its snapshot', async () => {
    await made.publish({ second: 1, days: whole })
    const now = await made.publish({ second: 2, days: {}, which: 'these' })
    expect(now).toMatchObject({ rows: 8, snapshotAt: '2026-01-01T00:00:02.000000Z' })
    expect(await made.rows()).toEqual(whole)
    expect((await made.lake.account(now, never))?.partitions).toHaveLength(4)
  })

  test('goes back to a load of some days, with the days that it kept', async () => {
    await made.publish({ second: 1, days: whole })
    const second = await made.publish({ second: 2, days: { '2026-03-01': [12] }, which: 'these' })
    const seen = await made.rows()
    const third = await made.publish({ second: 3, days: { '2026-03-02': [13] } })
    const { loads } = await made.lake.history({ signal: never })
    const found = loads.find(({ load }) => load === second.load)
    if (found === undefined || 'wrong' in found) throw new Error('No record of it.')
    const { record } = found
    const warn = (message: string) => expect(message).toBe('')
    await made.lake.rollBack({ record, published: third, reason: undefined, signal: never, warn })
    expect(await made.rows()).toEqual(seen)
    await made.lake.unpin(never)
    await made.publish({ second: 4, days: { null: [] }, which: 'these' })
    const { null: _, ...rest } = seen
    expect(await made.rows()).toEqual(rest)
  })
})

describe('loads of some days at once', () => {
  test('the newer one wins, and the older says so', async () => {
    await made.publish({ second: 1, days: whole })
    const older = await made.open({ second: 2, days: { '2026-03-01': [20] }, which: 'these' })
    const newer = await made.publish({ second: 3, days: { '2026-03-01': [30] }, which: 'these' })
    expect(await older.commit()).toMatchObject({ outcome: 'lost', to: { load: newer.load } })
    expect(await made.rows()).toEqual({ ...whole, '2026-03-01': [30] })
  })

  test('the newer one is made on top of the older where it has read all that the older has', async () => {
    await made.publish({ second: 1, days: whole })
    const days = { '2026-03-01': [30], '2026-03-02': [31] }
    const newer = await made.open({ second: 3, days, which: 'these' })
    await newer.stage()
    await made.publish({ second: 2, days: { '2026-03-01': [20] }, which: 'these' })
    expect(await newer.commit()).toEqual({ outcome: 'published' })
    expect(await made.rows()).toEqual({ ...whole, ...days })
  })

  test('the newer one stops where the older has read a day that it keeps, which may have changed since', async () => {
    await made.publish({ second: 1, days: whole })
    const newer = await made.open({ second: 3, days: { '2026-03-01': [30] }, which: 'these' })
    await made.publish({ second: 2, days: { '2026-03-02': [20] }, which: 'these' })
    const { exit, message } = await failureOf(newer.commit())
    expect([exit, message]).toEqual([1, expect.stringContaining('has read partitions that this one keeps')])
    expect(await newer.draft.discard()).toEqual([])
    const gone = await made.open({ second: 5, days: { '2026-03-01': [50] }, which: 'these' })
    await made.publish({ second: 4, days: { '2026-03-02': [] }, which: 'these' })
    expect((await failureOf(gone.commit())).exit).toBe(1)
    expect(await made.rows()).toEqual({ '2026-03-01': [1, 2, 3], '1969-12-31': [6, 7], null: [8] })
  })

  test('of those that would make the table, one does, and the other is made on top of it', async () => {
    const days = { '2026-03-05': [30] }
    const [older, newer] = [await made.open({ second: 1, days: whole }), await made.open({ second: 2, days })]
    await Promise.all([older.stage(), newer.stage()])
    const outcomes = await Promise.all([older.commit(), newer.commit()])
    expect(outcomes[1]).toEqual({ outcome: 'published' })
    expect(['published', 'lost']).toContain(outcomes[0].outcome)
    expect(await made.rows()).toEqual(days)
  })

  test('a whole load needs to know nothing of what came between', async () => {
    await made.publish({ second: 1, days: whole })
    const newer = await made.open({ second: 3, days: { '2026-03-05': [30] } })
    await made.publish({ second: 2, days: { '2026-03-02': [20] }, which: 'these' })
    expect(await newer.commit()).toEqual({ outcome: 'published' })
    expect(await made.rows()).toEqual({ '2026-03-05': [30] })
  })
})
