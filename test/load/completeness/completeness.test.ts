/**
 * Nothing is lost, whatever is written beside incremental loads: after each, every row that readers of the lake find is
 * compared with the rows that the load's own snapshot of Postgres saw.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { findText } from '../../../lib/aws/objects.ts'
import { bring, findLiveFiles } from '../../iceberg/live-files.ts'
import { type Random, randomFrom } from '../../support/random.ts'
import { type FinishedScript, openStandIn, type TestStandIn } from '../../support/stand-in.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { type OwnScripts, openScripts } from '../own-scripts.ts'
import { differences, rowsInFiles } from './judge.ts'
import { createSource, dropSource, mostLateSeconds, rowsSeenBy } from './source.ts'
import { kindsOfChanges, startWriter } from './writer.ts'

/** `bun run completeness` sets it; the suite has a few loads. */
const seconds = Number(process.env['DRACULA_FUZZ_SECONDS'] ?? 0)
const seed = Number(process.env['DRACULA_FUZZ_SEED'] ?? (seconds > 0 ? Date.now() % 2 ** 31 : 1))
const loadsInSuite = 8
/** A connection. */
const transactionsPerLoad = 6
const days = 60

setDefaultTimeout((seconds + 120) * 1000)

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

const columns =
  'id: bigint, created_at: nullable(timestamptz), changed_at: nullable(timestamptz), note: nullable(text)'

interface Campaign {
  /** What readers of the lake would find wrong after the first load that is; empty: nothing. */
  readonly wrong: readonly string[]
  /** The most loads whose files were beside each other. */
  readonly kept: number
  readonly committed: ReadonlyMap<string, number>
}

/** Loads beside a writer until one is wrong, or all are done. @param incremental as it stands in a script */
async function campaign(incremental: string): Promise<Campaign> {
  await dropSource(standIn.sql)
  await createSource(standIn.sql, { days, rowsPerDay: 4 })
  await using lake = await beside(standIn)
  const script = await scripts.write(
    'moments',
    columns,
    `partitionBy: day('created_at'), incremental: ${incremental}`,
  )
  const random = randomFrom(seed)
  const { committed, ...writer } = await startWriter({
    ...{ url: standIn.env['DATABASE_URL']!, seed, connections: 5, days },
  })
  const until = performance.now() + seconds * 1000
  const goesOn = (loads: number) => (seconds > 0 ? performance.now() < until : loads < loadsInSuite)
  let kept = 0
  let loads = 0
  try {
    for (; goesOn(loads); loads++) {
      writer.allow(transactionsPerLoad)
      const how =
        loads === 0
          ? 'alone'
          : random.pick(['alone', 'alone', 'alone', 'raced', 'stopped', 'killed'] as const)
      const runs = await loadOnce(lake, script, how, random)
      writer.beat()
      const failed = runs.find(
        ({ exit }) => exit !== 0 && !(how !== 'alone' && (exit === 1 || exit === null)),
      )
      if (failed !== undefined)
        return { wrong: [`${how}, exit ${failed.exit}: ${failed.message}`], kept, committed }
      const judged = await judge(lake)
      kept = Math.max(kept, judged.loads)
      if (judged.wrong.length > 0) return { wrong: judged.wrong, kept, committed }
    }
    if (seconds > 0) console.error(`DRACULA_FUZZ_SEED=${seed}:`, { loads, kept, committed })
    return { wrong: [], kept, committed }
  } finally {
    await writer.stop()
  }
}

/** Beside another one, stopped in the middle of something, or killed there. */
async function loadOnce(
  lake: TestStandIn,
  script: string,
  how: 'alone' | 'raced' | 'stopped' | 'killed',
  random: Random,
): Promise<FinishedScript[]> {
  if (how === 'alone') return [await lake.run(script)]
  if (how === 'raced') return Promise.all([lake.run(script), lake.run(script)])
  const run = lake[how === 'killed' ? 'start' : 'begin'](script)
  const lines = 1 + random.integer(10)
  while (run.exitCode === null && run.stderr().split('\n').length <= lines) await Bun.sleep(5)
  run.kill(how === 'killed' ? 'SIGKILL' : 'SIGTERM')
  return [await run.finished]
}

async function beside(first: TestStandIn): Promise<TestStandIn & AsyncDisposable> {
  const other = await first.beside()
  return { ...other, [Symbol.asyncDispose]: other.close }
}

async function judge(lake: TestStandIn): Promise<{ wrong: string[]; loads: number }> {
  const { load, counted } = (await lake.readersSee('moments'))!
  const key = `tables/moments/_loads/${load}.json`
  const record = await findText(lake.aws, { bucket: 'lake', key, signal: AbortSignal.timeout(60_000) })
  const { pg_snapshot } = JSON.parse(record ?? '{}')
  const files = await findLiveFiles(lake, 'moments')
  const found = await rowsInFiles(await bring(lake, files, folder.path))
  const wrong = differences(found, await rowsSeenBy(standIn.sql, pg_snapshot))
  const told = files.reduce((sum, { rows }) => sum + rows, 0)
  if (told !== found.length || counted !== found.length) {
    wrong.push(`${found.length} rows, though manifests tell of ${told} and Athena counts ${counted}`)
  }
  const loads = new Set(files.map(({ uri }) => uri.split('/').at(-2)))
  return { wrong: wrong.map((each) => `load ${load}: ${each}`), loads: loads.size }
}

test('after each incremental load the lake has every row of its snapshot, and no other', async () => {
  const overlap = `${mostLateSeconds + 1}s`
  const { wrong, kept, committed } = await campaign(
    `{ changed: 'changed_at', overlap: '${overlap}', key: 'id' }`,
  )
  expect({ DRACULA_FUZZ_SEED: seed, wrong }).toEqual({ DRACULA_FUZZ_SEED: seed, wrong: [] })
  // Most partitions stay as an earlier load has left them, or nothing was proven of increments.
  expect(kept).toBeGreaterThan(3)
  for (const kind of kindsOfChanges) expect([kind, committed.get(kind)]).toEqual([kind, expect.any(Number)])
})

test('the same with a watermark alone loses rows, and is found out', async () => {
  const { wrong } = await campaign(
    `{ changed: 'changed_at', overlap: '0s', key: 'id', reconcile: every('365d') }`,
  )
  expect(wrong.join('\n')).toMatch(/^load \w+: row \d+ (is|was) /)
})
