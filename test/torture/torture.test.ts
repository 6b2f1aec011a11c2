/** A campaign of faults, small enough for the suite, and a judge that is not blind. `bun run torture` runs larger ones. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { randomFrom } from '../support/random.ts'
import { openPrepared } from './campaign.ts'
import { kinds } from './kinds.ts'
import { type Lane, openLane } from './lane.ts'
import { leftoversIn } from './leftovers.ts'
import { planOf } from './plan.ts'
import { lineOf } from './report.ts'
import { mended, strike } from './strike.ts'
import { subjects } from './subjects.ts'
import { startWatch } from './watch.ts'

setDefaultTimeout(300_000)

const faults = 60

describe('sixty faults leave readers with one load, whole, and nothing behind, where they are of', () => {
  const plan = planOf(1, faults, { kinds, subjects })
  const groups = Object.entries(Object.groupBy(plan, ({ kind }) => kind.group))
  let lane: Lane
  beforeAll(async () => {
    lane = await openPrepared(plan)
  })
  afterAll(() => lane?.[Symbol.asyncDispose]())

  test('every group that there is', () => {
    expect(plan).toHaveLength(faults)
    expect(groups.map(([group]) => group).toSorted()).toEqual(
      [...new Set(kinds.map(({ group }) => group))].toSorted(),
    )
  })

  test.each(groups)('%s', async (_, planned = []) => {
    for (const each of planned) {
      const outcome = await strike(lane, each, 0)
      expect(outcome.wrong.length === 0 ? '' : lineOf(outcome)).toBe('')
      expect(outcome.looks).toBeGreaterThan(0)
    }
  })
})

test('the same seed has the same plan, and another one another', () => {
  const named = (seed: number) =>
    planOf(seed, 1_000, { kinds, subjects }).map(({ kind, subject, seed: own }) => [
      kind.name,
      subject.name,
      own,
    ])
  expect(named(7)).toEqual(named(7))
  expect(named(7)).not.toEqual(named(8))
  const pairs = new Set(named(7).map(([kind, subject]) => `${kind} ${subject}`))
  const possible = kinds.flatMap((kind) => subjects.filter(kind.befalls)).length
  expect(pairs.size).toBe(possible)
})

describe('the judge sees', () => {
  const subject = subjects.find(({ name }) => name === 'plain')!
  let lane: Lane
  beforeAll(async () => {
    lane = await openLane([subject])
    expect(await mended(lane, { subject, seed: 1 })).toEqual([])
    expect(await mended(lane, { subject, seed: 2 })).toEqual([])
  })
  afterAll(() => lane?.[Symbol.asyncDispose]())

  async function looks(): Promise<readonly string[]> {
    const watch = startWatch(lane, subject)
    return (await watch.stop()).wrong
  }
  const keyOf = (uri: string) => uri.replace('s3://lake/', '')

  test('rows of two loads among each other, and a file that is gone', async () => {
    expect(await looks()).toEqual([])
    const [now, before] = lane.known(subject).seen.toReversed()
    const file = (await lane.reader.look('plain')).files[0]!
    const copy = { Bucket: 'lake', Key: `${keyOf(now!.pointer)}more.parquet` }
    const name = file.slice(now!.pointer.length)
    const { s3 } = lane.standIn.aws
    await s3.send(new CopyObjectCommand({ ...copy, CopySource: `lake/${keyOf(before!.pointer)}${name}` }))
    expect(await looks()).toEqual([expect.stringContaining('the rows of no generation, in 2 files')])
    await s3.send(new DeleteObjectCommand(copy))
    expect(await looks()).toEqual([])
  })

  test('what a load has left that was killed hours ago, and none of what it left just now', async () => {
    const long = '20260101t000000000z_aaaaaa'
    const put = (key: string) =>
      lane.standIn.aws.s3.send(
        new PutObjectCommand({ Bucket: 'lake', Key: `tables/plain/${key}`, Body: 'x' }),
      )
    await put(`${long}/plain-00000.parquet`)
    expect(await leftoversIn(lane, subject, [])).toEqual([])
    expect(await leftoversIn(lane, subject, [long])).toEqual([
      { charge: 'leftover', words: `${long}/plain-00000.parquet` },
    ])
    lane.clock.pass(7 * 3_600_000)
    expect(await leftoversIn(lane, subject, [])).toHaveLength(1)
    expect(await mended(lane, { subject, seed: 3 })).toEqual([])
  })

  test('a load that says it is done while readers see the one before', async () => {
    const gen = await lane.change(subject, randomFrom(4))
    const seen = await lane.reader.look('plain')
    const { judgeFault } = await import('./judge.ts')
    const run = { exit: 0, stdout: '', stderr: '', message: 'done', seconds: 0 }
    const struck = {
      runs: [{ ...run, summary: expect.unreachable, failure: expect.unreachable }],
      reached: true,
    }
    const planned = planOf(1, 1, { kinds: kinds.slice(0, 1), subjects: [subject] })[0]!
    const watched = { looks: 1, wrong: [], generations: [gen - 1] }
    const wrong = await judgeFault(lane, planned, struck, { before: seen, now: seen, watched, gen })
    expect(wrong).toEqual([
      { charge: 'wrong publish', words: `exit 0, and readers see generation ${gen - 1} instead of ${gen}` },
    ])
  })
})
