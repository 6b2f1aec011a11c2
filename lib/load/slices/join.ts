/** A connection that reads slices beside the leader's, in its snapshot. */
import { formatSource } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import { readSlice, type Slice, type SliceMeans, type SliceRead } from '../../pipeline/slice.ts'
import { hasTooManyConnections, type Reader } from '../../postgres/connect.ts'
import { plannedRelations } from '../../postgres/planned-relations.ts'
import { queryUnderSettingsOf, underSettingsOf } from '../../postgres/session-settings.ts'
import { joinSnapshot } from '../../postgres/shared-snapshot.ts'
import { retrying } from '../steps/retry.ts'
import type { Joining } from './messages.ts'
import { type PartitionLookups, readPartitionLookups } from './partition-lookups.ts'

/** @throws Failure as `joinSnapshot` */
export async function join(
  table: Table,
  { database, snapshot, applicationName, deadlineMs, source, by, select }: Joining,
  signal: AbortSignal,
): Promise<Reader> {
  return retrying({ retried: () => {} }, { ...again, signal }, () =>
    joinSnapshot(database, snapshot, {
      ...{ applicationName, deadlineMs, select, signal },
      underSettings: (reader) => queryUnderSettingsOf(reader, table, source, { ordered: true, by }),
    }),
  )
}

/** A connection that the leader has just closed, as it asked for the role's settings, counts until the server has ended it. */
const again = { tries: 3, pauseMs: 300, withinMs: 1_000, passes: hasTooManyConnections }

/**
 * Reads a slice, and looks then whether it was one of the rows that the others are slices of: ATTACH and INHERIT wait for
 * nobody who only reads, and the next plan has the rows of what they attach, which one made before has not.
 * @throws as `readSlice`, the driver's error, and Failure (1) where a table was attached
 */
export async function readBy(
  reader: Reader,
  { source, by, relations }: Pick<Joining, 'source' | 'by' | 'relations'>,
  slice: Slice,
  means: Omit<SliceMeans, 'reader'>,
): Promise<SliceRead> {
  const { table, signal } = means
  const { functions, sizes } = await readPartitionLookups(reader, { table, source, slice, signal })
  const lookups = { ...means.lookups, ...functions }
  let done: SliceRead | undefined
  const read = async (): Promise<SliceRead> => {
    done = await readSlice(slice, { ...means, reader, lookups })
    if (slice.number === null) return done
    const attached = (await plannedRelations(reader, slice.select)).find((each) => !relations.includes(each))
    if (attached !== undefined) throw attachedWhileRead(table, attached)
    return done
  }
  try {
    const { storing, stored } = await underSettingsOf(reader, table, source, read, { ordered: true, by })
    return { storing, stored: slice.lookups === undefined ? stored : withSizes(stored, sizes) }
  } catch (error) {
    // Nothing of it is to be under way then.
    await done?.stored.catch(() => {})
    throw error
  }
}

function withSizes(
  stored: Promise<SliceFacts>,
  lookupsWithin: PartitionLookups['sizes'],
): Promise<SliceFacts> {
  const facts = stored.then((each) => ({ ...each, lookupsWithin }))
  // Whoever awaits it may do so later.
  facts.catch(() => {})
  return facts
}

const attaching = 'read all slices of'

function attachedWhileRead({ source }: Table, attached: string): Failure {
  return new Failure({
    exit: 1,
    act: attaching,
    thing: formatSource(source),
    reason: `${attached} was attached to it while it was read`,
    advice: 'Try again.',
  })
}

/** Whether it is because of what was attached: no slice of this snapshot can be read any more. */
export function isAttached(error: unknown): error is Failure {
  return error instanceof Failure && error.detail.act === attaching
}
