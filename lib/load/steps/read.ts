/** Step 3 of a load: its slices become files. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Table } from '../../declare/table.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import { addUp } from '../../pipeline/add-up.ts'
import { createEndings } from '../../pipeline/endings.ts'
import type { Progress } from '../../pipeline/slice.ts'
import type { Reader } from '../../postgres/connect.ts'
import type { HashKey } from '../../types/hash-key.ts'
import { readBy } from '../slices/join.ts'
import type { OtherReaders } from '../slices/other-readers.ts'
import type { ReadMeans, SliceReader } from '../slices/slice-reader.ts'
import type { Leader } from './leader.ts'
import type { Slicing } from './slicing.ts'

export interface ReadFacts {
  readonly read: SliceFacts
  /** How many have read. */
  readonly connections: number
}

/** What the leader's own connection reads by. */
export interface LeaderMeans extends ReadMeans {
  readonly hashKey: HashKey | undefined
  readonly signal: AbortSignal
}

/**
 * Reads all slices: each reader takes the next when it is done with one, the leader's own connection among them. Once one
 * has failed, all are stopped.
 * @returns what they come to together
 * @throws what failed first, as `readSlice` does
 */
export async function readSlices(
  table: Table,
  leader: Leader,
  { slices, by, relations }: Slicing,
  others: OtherReaders,
  { signal, hashKey, ...means }: LeaderMeans,
): Promise<ReadFacts> {
  const { reader, source } = leader
  const waiting = slices.entries()
  const facts: SliceFacts[] = []
  const observeSlice = addingUp(means.observe)
  const readers = new Set<SliceReader>()
  let failed: { readonly error: unknown } | undefined

  async function takeAll(each: SliceReader): Promise<void> {
    // Files of a slice are stored while the next is read.
    const endings = createEndings()
    try {
      for (const [at, slice] of waiting) {
        if (failed !== undefined) return
        readers.add(each)
        const { storing, stored } = await each.read(slice, { ...means, observe: observeSlice(at) })
        await endings.begin({ bytes: storing, abort: async () => {} }, async () => {
          facts[at] = await stored
        })
      }
      await endings.settle()
    } finally {
      await endings.abort()
    }
  }

  const own: SliceReader = {
    read: (slice, { lookups, openFile, observe }) =>
      readBy(reader, { source, by, relations }, slice, {
        ...{ table, hashKey, lookups: lookups.functions, openFile, observe, signal },
      }),
    close: () => reader.close(),
  }
  /** A failure of its own leaves the leader open: it may be asked why. */
  const stopAt = (isOwn: boolean) => (error: unknown) => {
    if (failed !== undefined) return undefined
    failed = { error }
    return Promise.all([others.close(), ...(isOwn ? [] : [own.close()])])
  }
  const ownTaken = takeAll(own).catch(stopAt(true))
  // Whoever opens later finds nothing to read, and may never open.
  const nobody = ownTaken.then(() => undefined)
  const done = new AbortController()
  const kept = ownTaken.then(() => keepAlive(reader, done.signal)).catch(stopAt(true))
  await Promise.all([
    ownTaken,
    ...others.opening.map(async (opening) => {
      const each = await Promise.race([opening, nobody])
      if (each !== undefined) await takeAll(each).catch(stopAt(false))
    }),
  ])
  done.abort()
  await kept
  // Assigned by whoever failed, which the compiler does not see.
  const first = failed as { readonly error: unknown } | undefined
  if (first !== undefined) throw first.error
  return { read: addUp(facts), connections: readers.size }
}

/** Milliseconds between two signs of life of a connection that waits for the others. */
const idleMs = 5_000

/**
 * The snapshot is lost with its connection, and then all that the others read is in vain; and what lies between may forget
 * a connection that is silent.
 * @throws the driver's error once it is lost
 */
async function keepAlive(reader: Reader, done: AbortSignal): Promise<void> {
  for (;;) {
    await pause(idleMs, undefined, { signal: done }).catch(() => {})
    if (done.aborted) return
    await reader.query('select 1')
  }
}

/** @returns what takes the progress of a slice, and tells that of all */
function addingUp(observe: (progress: Progress) => void): (at: number) => (progress: Progress) => void {
  const latest: Progress[] = []
  return (at) => (progress) => {
    latest[at] = progress
    const sum = (of: (each: Progress) => number) => latest.reduce((total, each) => total + of(each), 0)
    observe({
      kind: 'progress',
      rows: sum(({ rows }) => rows),
      bytesRead: sum(({ bytesRead }) => bytesRead),
      bytesWritten: sum(({ bytesWritten }) => bytesWritten),
    })
  }
}
