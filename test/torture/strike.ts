/** One fault: struck while somebody reads, judged, and followed by a load that nobody disturbs, which is judged too. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogEntry } from '../../lib/local/aws/faults.ts'
import { randomFrom } from '../support/random.ts'
import type { FinishedScript } from '../support/stand-in.ts'
import { act } from './action.ts'
import { charge, judgeFault, type Wrong } from './judge.ts'
import type { Fault, Struck } from './kinds/kind.ts'
import { type Lane, type Started, scriptOf, scriptsFolder } from './lane.ts'
import { leftoversIn, leftoversOfProcesses, tidyEnds } from './leftovers.ts'
import type { Planned } from './plan.ts'
import type { Look } from './reader.ts'
import type { Subject } from './subjects.ts'
import { generationOf, startWatch } from './watch.ts'

export interface Outcome {
  readonly number: number
  readonly group: string
  readonly kind: string
  readonly subject: string
  readonly seed: number
  readonly reached: boolean
  readonly exit: number | null
  /** What readers saw at the end: what they had, or something newer, or what a rollback chose. */
  readonly readers: 'before' | 'another'
  readonly looks: number
  readonly seconds: number
  readonly wrong: readonly Wrong[]
  /** The last line of the run. */
  readonly message: string
}

const hour = 3_600_000
/** Nothing here takes so long, but for what hangs. */
const stuckMs = 300_000

export async function strike(lane: Lane, planned: Planned, processes: number): Promise<Outcome> {
  const { number, kind, subject, seed } = planned
  const started = performance.now()
  const random = randomFrom(seed)
  const how = kind.kills === true || random() < processes ? 'start' : 'begin'
  lane.clock.pass(planned.hours * hour)
  const gen = await lane.change(subject, random)
  const before = await lane.reader.look(subject.name)
  const watch = startWatch(lane, subject)
  const fault: Fault = {
    lane,
    subject,
    random,
    begin: (given: Started = {}) => act(lane, subject, random, { how, ...given }),
  }
  let struck: Struck
  try {
    struck = await inTime(kind.strike(fault))
  } catch (error) {
    await watch.stop()
    await kind.undo?.(fault)
    throw error
  } finally {
    lane.standIn.faults.clear()
    lane.standIn.faults.release()
  }
  const watched = await watch.stop()
  const now = await lane.reader.look(subject.name)
  see(lane, subject, now)
  const wrong = await judgeFault(lane, planned, struck, { before, now, watched, gen })
  await kind.undo?.(fault)
  wrong.push(...(await mended(lane, planned, struck.runs)))
  await clean(lane.temporary)
  const last = struck.runs.at(-1)
  return {
    ...{ number, group: kind.group, kind: kind.name, subject: subject.name, seed },
    reached: struck.reached,
    exit: last?.exit ?? null,
    readers: now.pointer === before.pointer ? 'before' : 'another',
    looks: watched.looks,
    seconds: (performance.now() - started) / 1000,
    wrong,
    message: last?.message ?? '',
  }
}

/** Loads once with nothing in its way: readers see its rows then, and nothing is left that should not be. */
export async function mended(
  lane: Lane,
  { subject, kind, seed }: Pick<Planned, 'subject' | 'seed'> & { readonly kind?: Planned['kind'] },
  before: readonly FinishedScript[] = [],
): Promise<Wrong[]> {
  const random = randomFrom(seed + 1)
  if (subject.action === 'rollback' && before.length > 0) await unpin(lane, subject)
  const { log } = lane.standIn.faults
  const from = log.length
  const gen = await lane.change(subject, random)
  const watch = startWatch(lane, subject)
  const runs = [await lane.start(scriptOf(subject), [...subject.args, ...(kind?.thenArgs ?? [])]).finished]
  const { wrong: unread } = await watch.stop()
  const wrong = unread.map((words) => charge('reader', words))
  const failed = runs.find(({ exit }) => exit !== 0)
  if (failed !== undefined) wrong.push(charge('next load', `exit ${failed.exit}: ${failed.message}`))
  const look = await lane.reader.look(subject.name)
  see(lane, subject, look)
  const seen = generationOf(lane, subject, look)
  if (failed === undefined && seen !== gen)
    wrong.push(charge('next load', `readers see generation ${seen} instead of ${gen}`))
  if (failed === undefined) wrong.push(...(await leftoversIn(lane, subject, tidyEnds(before, subject))))
  await rehearse(lane, subject, log.slice(from))
  wrong.push(...(await leftoversOfProcesses(lane)))
  return wrong
}

/** The calls of what is disturbed when nobody disturbs it, among which faults are put. */
async function rehearse(lane: Lane, subject: Subject, loaded: readonly LogEntry[]): Promise<void> {
  const about = lane.known(subject)
  const isOwn = ({ by }: LogEntry) => by === 'local'
  if (subject.action === 'load' || subject.action === 'folder') about.calls = loaded.filter(isOwn)
  if (about.calls.length > 0 || about.seen.length < 2) return
  const { log } = lane.standIn.faults
  const from = log.length
  await act(lane, subject, randomFrom(1)).finished
  about.calls = log.slice(from).filter(isOwn)
  if (subject.action === 'rollback') {
    await unpin(lane, subject)
    // There is to be a load before what readers see.
    await lane.start(scriptOf(subject), subject.args).finished
  }
  see(lane, subject, await lane.reader.look(subject.name))
}

function unpin(lane: Lane, { name }: Subject): Promise<FinishedScript> {
  return lane.start('lib/commands/rollback.ts', [name, '--unpin', '--scripts', scriptsFolder]).finished
}

function see(lane: Lane, subject: Subject, { pointer }: Look): void {
  const { seen, gen } = lane.known(subject)
  if (pointer !== undefined && seen.at(-1)?.pointer !== pointer)
    seen.push({ pointer, gen, since: Date.now() })
}

async function clean(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('It never came to an end.')), stuckMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
