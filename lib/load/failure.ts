import { Failure, unexpected } from '../failure/failure.ts'
import { pinInWords, unpinAdvice } from '../lake/hive/pin.ts'
import type { Pin, Published, PublishedLoad } from '../lake/published.ts'
import type { Load } from './load.ts'
import { LoadFailure, type StillPublished } from './types.ts'

/**
 * What failed, with what readers of the table see now. Work that was told to stop fails for the reason it was told,
 * not for the broken connection that came of it.
 */
export function loadFailure(load: Load, error: unknown, before: Published | 'unknown'): LoadFailure {
  if (error instanceof LoadFailure) return error
  const known = { load: load.id, published: stillPublished(before) }
  const told: unknown = load.signal.aborted ? load.signal.reason : undefined
  const unknownOutcome = error instanceof Failure && error.exit === 5
  const cause = told instanceof Failure && !unknownOutcome ? told : error
  if (cause instanceof Failure) return new LoadFailure({ ...cause.detail, cause: cause.cause }, known)
  const detail = { exit: 1, act: 'load', thing: load.table.name, ...unexpected(cause), cause } as const
  return new LoadFailure(detail, known)
}

function stillPublished(before: Published | 'unknown'): StillPublished {
  if (before === 'unknown') return before
  if (before.kind === 'unmanaged') return before.kind
  return before.kind === 'ours' ? { load: before.load, snapshotAt: before.snapshotAt } : undefined
}

/** The rollback came while this load was under way, and says what readers are to see. */
export function lostToPin({ id, table }: Load, { load, snapshotAt }: PublishedLoad, pin: Pin): LoadFailure {
  const detail = {
    exit: 1,
    act: 'publish',
    thing: table.name,
    reason: `the table was pinned to load ${load} meanwhile, ${pinInWords(pin)}`,
    advice: unpinAdvice(table.name),
  } as const
  return new LoadFailure(detail, { load: id, published: { load, snapshotAt } })
}

/** Of two loads that raced, this one has the older snapshot; readers see the other. */
export function lostTo({ id, table }: Load, { load, snapshotAt }: PublishedLoad): LoadFailure {
  const detail = {
    exit: 1,
    act: 'publish',
    thing: table.name,
    reason: `load ${load} of a newer snapshot (${snapshotAt}) was published meanwhile`,
    advice: 'Nothing, unless the source has changed since.',
  } as const
  return new LoadFailure(detail, { load: id, published: { load, snapshotAt } })
}
