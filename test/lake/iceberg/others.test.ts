/** Other writers of an Iceberg table: what keeps its rows is worked on top of, and all else stops a load that was not told. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readBase } from '../../../lib/lake/iceberg/base.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { tableOfDays } from './days.ts'
import { othersAt } from './others.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0
let made: ReturnType<typeof tableOfDays>
let others: ReturnType<typeof othersAt>
let place: ReturnType<typeof standIn.place>
beforeEach(() => {
  place = standIn.place(`days${++tables}`)
  made = tableOfDays(place)
  others = othersAt(place)
})

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5] }
const some = { second: 2, days: { '2026-03-01': [9] }, which: 'these' } as const
const after = { ...whole, '2026-03-01': [9] }

describe('what only moves rows to other files', () => {
  test('leaves a table that is of the same load', async () => {
    const { load } = await made.publish({ second: 1, days: whole })
    await others.compact()
    expect(await made.lake.current(never)).toMatchObject({ kind: 'managed', load, rows: 5 })
    expect(await made.lake.current(never)).not.toHaveProperty('changes')
    await made.publish(some)
    expect(await made.rows()).toEqual(after)
  })

  test('is worked on top of where it comes while a load is staged, which is audited again', async () => {
    await made.publish({ second: 1, days: whole })
    const { draft, stage, commit } = await made.open(some)
    await stage()
    await draft.count()
    await others.compact()
    const queries = standIn.calls('StartQueryExecution')
    expect(await commit()).toEqual({ outcome: 'published' })
    expect(standIn.calls('StartQueryExecution')).toBeGreaterThan(queries)
    expect(await made.rows()).toEqual(after)
    expect(await draft.expire({ keep: 5, deadlineMs: 3_600_000 })).toEqual({ warnings: [] })
  })

  test('has what is expected of rows looked for anew, and nothing is published where that stops it', async () => {
    await made.publish({ second: 1, days: whole })
    const { draft, stage, commit } = await made.open(some)
    await stage()
    await draft.count()
    await others.compact()
    const broken = new Error('not as expected')
    await expect(commit({ onRestaged: () => Promise.reject(broken) })).rejects.toBe(broken)
    expect(await made.rows()).toEqual(whole)
    let times = 0
    expect(await commit({ onRestaged: async () => void times++ })).toEqual({ outcome: 'published' })
    expect([times, await made.rows()]).toEqual([1, after])
  })

  test('is worked on top of where it comes in the very moment of the publish', async () => {
    await made.publish({ second: 1, days: whole })
    const { draft, stage, commit } = await made.open(some)
    await stage()
    await draft.count()
    let times = 0
    const permitted: string[] = []
    const permit = ({ load }: { readonly load: string }) => void permitted.push(load)
    standIn.faults.add({
      operation: 'UpdateTable',
      match: `lake.${place.table}`,
      times: 1,
      action: { kind: 'hold' },
    })
    const committing = commit({ permit })
    await standIn.faults.held('UpdateTable')
    standIn.faults.clear()
    await others.compact()
    times++
    standIn.faults.release()
    expect(await committing).toEqual({ outcome: 'published' })
    expect([times, permitted.length]).toEqual([1, 2])
    expect(await made.rows()).toEqual(after)
  })

  test('keeps what it says of the table besides', async () => {
    await made.publish({ second: 1, days: whole })
    await others.setProperty('write.target-file-size-bytes', '1000')
    await made.publish(some)
    expect((await readBase(place, never)).version?.metadata.properties).toMatchObject({
      'write.target-file-size-bytes': '1000',
    })
  })
})

describe('what changes rows', () => {
  test('stops a load before it reads anything, unless it is told', async () => {
    const { load } = await made.publish({ second: 1, days: whole })
    await others.double()
    const current = await made.lake.current(never)
    expect(current).toMatchObject({ load, changes: ['append'] })
    const refused = await failureOf(made.lake.prepare(current, { adopt: true, signal: never }))
    expect([refused.exit, refused.message]).toEqual([
      4,
      expect.stringContaining(`since load ${load}: append`),
    ])
    await made.lake.prepare(current, { adopt: false, adoptChanges: true, signal: never })
  })

  test('stops one that is about to be published, and stays', async () => {
    await made.publish({ second: 1, days: whole })
    const { draft, stage, commit } = await made.open({ second: 2, days: { '2026-03-01': [9] } })
    await stage()
    await others.double()
    const seen = await made.rows()
    expect((await failureOf(commit())).exit).toBe(4)
    expect(await draft.discard()).toEqual([])
    expect(await made.rows()).toEqual(seen)
  })

  test('is replaced by a whole load that is told so', async () => {
    await made.publish({ second: 1, days: whole })
    const { stage, commit } = await made.open({ second: 2, days: { '2026-03-01': [9] } })
    await stage()
    await others.double()
    expect(await commit({ adoptChanges: true })).toEqual({ outcome: 'published' })
    expect(await made.rows()).toEqual({ '2026-03-01': [9] })
  })

  test('is not kept by a load of some days, which has no account of it', async () => {
    await made.publish({ second: 1, days: whole })
    const { stage, commit } = await made.open(some)
    await stage()
    await others.double()
    const { exit, message } = await failureOf(commit({ adoptChanges: true }))
    expect([exit, message]).toEqual([
      4,
      expect.stringContaining('4 rows of at_day 2026-03-02, but 2 are accounted for'),
    ])
  })

  test('may be hidden where the snapshot of the load has gone: then it is unknown', async () => {
    const { load } = await made.publish({ second: 1, days: whole })
    await others.compact()
    await others.vacuum()
    const current = await made.lake.current(never)
    expect(current).toMatchObject({ kind: 'managed', load, changes: ['unknown'] })
    expect((await failureOf(made.lake.prepare(current, { adopt: false, signal: never }))).exit).toBe(4)
    const { loads } = await made.lake.history({ signal: never })
    expect(loads).toMatchObject([{ load, damage: 'its snapshot has expired' }])
  })
})
