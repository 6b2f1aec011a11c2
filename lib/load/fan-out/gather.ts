/** What a fan-out has read, gathered: every slice is verified, the snapshot committed, and the files made of those that count. */
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { Config } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import { countsAgree } from '../../failure/counts-agree.ts'
import { Failure } from '../../failure/failure.ts'
import type { LoadFacts, LookupSize, WrittenFile } from '../../lake/facts.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import type { Draft } from '../../lake/lake.ts'
import type { Published } from '../../lake/published.ts'
import { addUp } from '../../pipeline/add-up.ts'
import { lossyWarnings } from '../steps/column-warnings.ts'
import { hashKeyFor, requireOneHashKey } from '../steps/hash-key.ts'
import { refuseShrunk } from '../steps/shrink.ts'
import { committedBy } from './holder-commit.ts'
import type { Machine } from './machine.ts'
import { committedNote, requireOpen, sliceNote } from './notes.ts'
import type { FanOutPlan } from './plan.ts'
import { parseSliceRecord, type SliceRecord } from './slice-record.ts'

export interface Gathering {
  readonly draft: Draft
  /** What readers see. */
  readonly current: Published
  /** Whether they have seen this load. */
  readonly isPublished: boolean
  readonly machine: Machine
  readonly config: Config
}

/**
 * @returns all that is known of the load, its files in place
 * @throws Failure (1) while a slice has no record, (2) once the snapshot is lost, (3) and (4) as the guards of a load do
 */
export async function gather(
  plan: FanOutPlan,
  table: Table,
  { draft, current, isPublished, machine, config }: Gathering,
): Promise<LoadFacts> {
  const { journal, fanOut, signal } = machine
  const { load, options } = plan
  const { slices, by, column, reason } = plan.slicing
  const notes = await fanOut.listNotes(load)
  if (!notes.includes(committedNote)) await requireOpen(fanOut, plan, notes)
  const records = await journal.time('read', () => recordsOf(plan, fanOut))
  const lookups = agreedLookups(plan, records)
  const read = addUp(records.map(({ facts }) => facts))
  const hashKey = hashKeyFor(table, config.hashKey)
  requireOneHashKey(table.name, read.hashKey, hashKey)
  lossyWarnings(table, read.lossy).forEach(journal.warn)
  if (!isPublished)
    refuseShrunk({ table, options }, read, current.kind === 'managed' ? current.rows : undefined)
  const committed = await committedBy(plan, read, { fanOut, journal, signal }, config)
  committed.warnings.forEach(journal.warn)
  const files = isPublished ? read.files : await completed(records, draft)
  return {
    ...read,
    files,
    load,
    slicing: { connections: slices.length, slices: slices.length, by, column, reason },
    snapshotAt: plan.snapshot.at,
    transactions: plan.snapshot.transactions,
    source: plan.identity,
    documentation: plan.documentation,
    lookups,
    hashKey: hashKey?.fingerprint,
    fingerprint: committed.fingerprint ?? undefined,
    volatile: committed.volatile,
    heldSeconds: committed.heldSeconds,
  }
}

/** Requests of S3 at the same time. */
const atOnce = 8

/** @throws Failure (1) naming the first slice that has no record */
async function recordsOf(
  { load, table, slicing: { slices } }: FanOutPlan,
  fanOut: FanOut,
): Promise<SliceRecord[]> {
  return inParallel(atOnce, [...slices.keys()], async (slice) => {
    const text = await fanOut.readNote(load, sliceNote(slice))
    const record = text === undefined ? undefined : parseSliceRecord(text, load, slice)
    if (record !== undefined) return record
    const what = text === undefined ? 'has no record' : 'has a record that this version does not write'
    throw new Failure({
      exit: 1,
      act: 'finish',
      thing: `load ${load} of ${table}`,
      reason: `slice ${slice} of 0 to ${slices.length - 1} ${what}`,
      advice: 'Run "finish" once every slice has ended well.',
    })
  })
}

/** Every slice has read them all, in one snapshot. @throws Failure (4) where two have not read the same */
function agreedLookups(
  { table }: FanOutPlan,
  records: readonly SliceRecord[],
): Readonly<Record<string, LookupSize>> {
  const [first, ...others] = records.map(({ lookups }) => lookups)
  for (const [at, lookups] of others.entries()) {
    for (const [name, { rows }] of Object.entries(first ?? {})) {
      const what = `rows of the lookup ${name} in slice ${at + 1}`
      countsAgree(table, what, lookups[name]?.rows ?? 0, 'rows in slice 0', rows)
    }
  }
  return first ?? {}
}

async function completed(records: readonly SliceRecord[], draft: Draft): Promise<WrittenFile[]> {
  const files = records.flatMap(({ facts, unfinished }) =>
    facts.files.map((file, at) => ({ file, left: unfinished[at]! })),
  )
  return inParallel(atOnce, files, async ({ file, left }) => ({ ...file, ...(await draft.complete(left)) }))
}
