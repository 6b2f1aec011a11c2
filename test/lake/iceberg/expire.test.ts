/** What stays of an Iceberg table's past, and what goes. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { deleteObjects, listObjects } from '../../../lib/aws/objects.ts'
import { readBase } from '../../../lib/lake/iceberg/base.ts'
import { expireLoads } from '../../../lib/lake/iceberg/expire.ts'
import { never, openLake } from '../../support/aws.ts'
import { tableOfDays } from './days.ts'
import { othersAt } from './others.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0
let place: ReturnType<typeof standIn.place>
let made: ReturnType<typeof tableOfDays>
let others: ReturnType<typeof othersAt>
beforeEach(() => {
  place = standIn.place(`days${++tables}`)
  made = tableOfDays(place)
  others = othersAt(place)
})

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5] }

async function loadsIn(): Promise<(string | undefined)[]> {
  const { version } = await readBase(place, never)
  return (version!.metadata.snapshots ?? []).map(({ summary }) => summary['dracula.load'])
}

async function objects(): Promise<string[]> {
  const prefix = `tables/${place.table}/`
  return (await listObjects(standIn.aws, { bucket: 'lake', prefix })).map(({ key }) =>
    key.slice(prefix.length),
  )
}

/** Clears away as a load in some days would. */
async function clearIn(days: number): Promise<void> {
  const now = new Date(Date.now() + days * 86_400_000)
  const { warnings } = await expireLoads(place, { deadlineMs: 3_600_000, done: '', signal: never, now })
  expect(warnings).toEqual([])
}

test('As many loads can be gone back to as are to be kept, and all that readers left within a day', async () => {
  const loads: string[] = []
  for (const second of [1, 2, 3]) {
    loads.push((await made.publish({ second, days: whole }, { keep: 2 })).load)
  }
  expect(await loadsIn()).toEqual(loads)
  await others.age(2)
  loads.push((await made.publish({ second: 4, days: whole }, { keep: 2 })).load)
  // The third was left just now.
  expect(await loadsIn()).toEqual(loads.slice(2))
  await clearIn(2)
  const left = await objects()
  for (const load of loads.slice(0, 2)) expect(left.filter((key) => key.includes(load))).toEqual([])
  for (const load of loads.slice(2)) expect(left).toContain(`_loads/${load}.json`)
  const { loads: recorded } = await made.lake.history({ signal: never })
  expect(recorded).toMatchObject([
    { load: loads[3], state: 'published', damage: undefined },
    { load: loads[2], state: 'superseded', damage: undefined },
  ])
  expect(await made.rows()).toEqual(whole)
})

test('Files of days that later loads have kept stay, however old their load is', async () => {
  const first = await made.publish({ second: 1, days: whole })
  await others.age(3)
  await made.publish({ second: 2, days: { '2026-03-02': [6] }, which: 'these' }, { keep: 1 })
  await others.age(3)
  await made.publish({ second: 3, days: { '2026-03-02': [7] }, which: 'these' }, { keep: 1 })
  await clearIn(4)
  const left = (await objects()).filter((key) => key.includes(`data/${first.load}`))
  expect(left.map((key) => key.split('/').at(-1))).toEqual([`${place.table}-2026-03-01-00000.parquet`])
  expect(await made.rows()).toEqual({ '2026-03-01': [1, 2, 3], '2026-03-02': [7] })
})

test('A file of a day that stays, and that somebody has removed, is told by the next load', async () => {
  const first = await made.publish({ second: 1, days: whole })
  await made.publish({ second: 2, days: { '2026-03-02': [6] }, which: 'these' })
  const key = (await objects()).find((each) => each.includes(`data/${first.load}`) && each.includes('03-01'))
  await deleteObjects(standIn.aws, { bucket: 'lake', keys: [`tables/${place.table}/${key}`], signal: never })
  const { warnings } = await expireLoads(place, {
    ...{ deadlineMs: 3_600_000, done: '', signal: never, now: new Date(Date.now() + 2 * 86_400_000) },
  })
  expect(warnings).toEqual([
    expect.stringContaining(
      `removed files that readers need, 1 of them, as s3://lake/tables/${place.table}/${key}`,
    ),
  ])
})

test('What others have written, nobody but they removes', async () => {
  await made.publish({ second: 1, days: whole })
  await others.compact()
  await others.age(3)
  await made.publish({ second: 2, days: { '2026-03-02': [7] } }, { keep: 1 })
  await others.age(3)
  await made.publish({ second: 3, days: { '2026-03-02': [7] } }, { keep: 1 })
  await clearIn(4)
  const left = (await objects()).filter((key) => key.includes('theirs'))
  expect(left).toHaveLength(2)
})

test('A load that is under way loses nothing, however late it is by its deadline', async () => {
  await made.publish({ second: 1, days: whole })
  const { draft, facts, stage, commit } = await made.open({ second: 2, days: whole, begins: new Date() })
  await stage()
  await clearIn(0)
  await draft.requireWritten(facts.files)
  expect(await commit()).toEqual({ outcome: 'published' })
})
