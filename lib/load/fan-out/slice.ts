/** One machine of a fan-out, which reads one slice: what it writes nobody sees before whoever publishes completes it. */
import type { Config } from '../../config/config.ts'
import { hidesValues } from '../../declare/hidden-columns.ts'
import { formatSource } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import type { FanOut, OpenUnfinishedFile, UnfinishedFile } from '../../lake/fan-out.ts'
import type { LakeFile } from '../../lake/lake.ts'
import type { Slice } from '../../pipeline/slice.ts'
import { backendOf } from '../../postgres/backend.ts'
import { mayConnectLater } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { isSnapshotGone } from '../../postgres/shared-snapshot.ts'
import type { Observe } from '../events.ts'
import { secondsSince } from '../journal.ts'
import { isAttached, join, readBy } from '../slices/join.ts'
import { hashKeyFor } from '../steps/hash-key.ts'
import { watchLocks } from '../steps/lock-watch.ts'
import { readLookups } from '../steps/lookups.ts'
import { retrying } from '../steps/retry.ts'
import { type Machine, onMachine } from './machine.ts'
import { discardedNote, over, requireOpen, sliceNote } from './notes.ts'
import { type FanOutPlan, readPlan } from './plan.ts'
import type { SliceRecord } from './slice-record.ts'

export interface ReadSliceOptions {
  readonly table: Table
  readonly config: Config
  /** The name of the fan-out. */
  readonly name: string
  /** From 0. */
  readonly slice: number
  readonly observe: Observe
  readonly signal: AbortSignal
}

export interface ReadOfSlice {
  readonly load: string
  /** How many there are. */
  readonly slices: number
  /** undefined: there is nothing for it to read, or another machine has. */
  readonly facts: SliceFacts | undefined
}

/**
 * Reads a slice once, however often it is run: the first machine that records it is the one that counts, and what
 * another has uploaded goes.
 * @throws Failure (2) where no snapshot can be had any more; (3), (4), (1) as a load fails while it reads
 */
export async function readSliceOf(options: ReadSliceOptions): Promise<ReadOfSlice> {
  const { table, config, name, slice, observe, signal } = options
  return onMachine({ lake: config.lake, table: table.name, name, observe, signal }, async (machine) => {
    const { fanOut } = machine
    const plan = await readPlan(fanOut, name, table)
    const { load } = plan
    const { slices } = plan.slicing
    const known = { load, slices: slices.length }
    const wanted = slices[slice]
    const notes = await fanOut.listNotes(load)
    if (wanted === undefined || notes.includes(sliceNote(slice))) return { ...known, facts: undefined }
    await requireOpen(fanOut, plan, notes)
    return { ...known, facts: await readAndRecord(plan, wanted, slice, machine, options) }
  })
}

async function readAndRecord(
  plan: FanOutPlan,
  wanted: Slice,
  slice: number,
  machine: Machine,
  { table, config }: ReadSliceOptions,
): Promise<SliceFacts | undefined> {
  const { lake, fanOut, signal, lastWords } = machine
  const { load } = plan
  const draft = lake.draft({ load, table, current: { kind: 'absent' }, signal })
  const files: OpenUnfinishedFile[] = []
  const unfinished: UnfinishedFile[] = []
  const openFile = (name: string): LakeFile => {
    const file = draft.openUnfinished(name)
    files.push(file)
    return {
      write: file.write,
      abort: file.abort,
      async finish() {
        const left = await file.leave()
        unfinished.push(left)
        return { bytes: left.upload.bytes, uri: undefined, etag: undefined, crc32: undefined }
      },
    }
  }
  const drop = () => Promise.all(files.map((file) => file.abort()))
  try {
    const started = performance.now()
    const read = await readInSnapshot(plan, wanted, openFile, machine, { table, config })
    const seconds = secondsSince(started)
    const record: SliceRecord = { version: 1, load, slice, ...read, unfinished, seconds }
    const counts = await fanOut.writeNote(load, sliceNote(slice), JSON.stringify(record))
    if (!counts) {
      await drop()
      return undefined
    }
    await requireWanted(plan, slice, fanOut, lastWords)
    return read.facts
  } catch (error) {
    await drop()
    throw error
  }
}

/**
 * The load may have been cleared away while it was read: then nobody will ever look at the record.
 * @throws Failure (2), with the record removed
 */
async function requireWanted(
  { load, table }: FanOutPlan,
  slice: number,
  fanOut: FanOut,
  lastWords: Machine['lastWords'],
): Promise<void> {
  const [plan, notes] = await Promise.all([fanOut.readPlan(), fanOut.listNotes(load)])
  const isOpen = plan?.includes(load) === true && !notes.includes(discardedNote)
  if (isOpen) return
  await lastWords().removeNote(load, sliceNote(slice))
  throw over(table, load, 'it was cleared away while this slice was read')
}

async function readInSnapshot(
  plan: FanOutPlan,
  slice: Slice,
  openFile: (name: string) => LakeFile,
  { journal, fanOut, signal, stop }: Machine,
  { table, config }: Pick<ReadSliceOptions, 'table' | 'config'>,
): Promise<Pick<SliceRecord, 'facts' | 'lookups'>> {
  const { load, options, snapshot, source, lookupSources } = plan
  const { database } = config
  const hashKey = hashKeyFor(table, config.hashKey)
  const { by, relations } = plan.slicing
  const deadlineMs = Math.max(1_000, Date.parse(plan.until) - Date.now())
  const applicationName = `dracula/${table.name}/${load}`
  const joining = {
    ...{ database, hashKey: config.hashKey, snapshot, applicationName, deadlineMs, source, by, relations },
    select: slice.select,
  }
  const again = { signal, withinMs: options.connectWithinMs, pauseMs: 500, passes: mayConnectLater }
  const reader = await journal
    .time('open', () => retrying(journal, again, () => join(table, joining, signal)))
    .catch(async (error: unknown) => {
      if (!isSnapshotGone(error)) throw error
      await requireOpen(fanOut, plan, await fanOut.listNotes(load))
      throw over(table.name, load, 'its snapshot is gone: whoever held it was lost, or has let it go')
    })
  const failed = (error: unknown) =>
    postgresFailure(error, 'read', formatSource(table.source), { hidesValues: hidesValues(table) })
  const backend = await backendOf(reader).catch(async (error: unknown) => {
    await reader.close()
    throw failed(error)
  })
  const { serverVersion, replica } = snapshot
  const { yieldAfterMs } = options
  const watching = { database, table, load, yieldAfterMs, warn: journal.warn, stop }
  const watch = watchLocks(watching, { backend, serverVersion, replica })
  try {
    const { functions, sizes: lookups } = await readLookups(
      { reader, lookupSources },
      { table, options, before: plan.lookupsBefore, isShared: false, journal, signal },
    )
    journal.observe({ kind: 'start', load, snapshotAt: snapshot.at, estimatedRows: undefined })
    const means = { table, hashKey, lookups: functions, openFile, observe: journal.observe, signal }
    const facts = await journal.time('read', async () => {
      const { stored } = await readBy(reader, joining, slice, means)
      return stored
    })
    await reader.commit()
    return { facts, lookups }
  } catch (error) {
    if (isAttached(error)) throw over(table.name, load, error.detail.reason)
    throw failed(error)
  } finally {
    await watch.close()
    await reader.close()
  }
}
