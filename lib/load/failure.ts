/** Why a load failed, with what readers of the table see now. */
import { Failure } from '../failure/failure.ts'
import { unexpected } from '../failure/unexpected.ts'
import { describePin, unpinAdvice } from '../lake/pinned.ts'
import type { Pin, Published, PublishedLoad } from '../lake/published.ts'
import { LoadFailure, type StillPublished } from './load-failure.ts'

/** A load, for its messages. */
export interface LoadName {
  readonly table: string
  readonly load: string
}

/**
 * What failed, with what readers of the table see now. Work that was told to stop fails for the reason it was told,
 * not for the broken connection that came of it.
 */
export function loadFailure(
  { table, load }: LoadName,
  error: unknown,
  { current, signal }: { readonly current: Published | 'unknown'; readonly signal: AbortSignal },
): LoadFailure {
  if (error instanceof LoadFailure) return error
  const known = { load, published: stillPublished(current) }
  const told: unknown = signal.aborted ? signal.reason : undefined
  const unknownOutcome = error instanceof Failure && error.exit === 5
  const cause = told instanceof Failure && !unknownOutcome ? told : error
  if (cause instanceof Failure) return new LoadFailure({ ...cause.detail, cause: cause.cause }, known)
  const detail = { exit: 1, act: 'load', thing: table, ...unexpected(cause), cause } as const
  return new LoadFailure(detail, known)
}

function stillPublished(current: Published | 'unknown'): StillPublished {
  if (current === 'unknown') return current
  if (current.kind === 'unmanaged') return current.is === undefined ? current.kind : 'otherKind'
  return current.kind === 'managed' ? { load: current.load, snapshotAt: current.snapshotAt } : undefined
}

/** The rollback came while this load was under way, and says what readers are to see. */
export function lostToPin({ table, load }: LoadName, to: PublishedLoad, pin: Pin): LoadFailure {
  const detail = {
    exit: 1,
    act: 'publish',
    thing: table,
    reason: `the table was pinned to load ${to.load} meanwhile, ${describePin(pin)}`,
    advice: unpinAdvice(table),
  } as const
  return new LoadFailure(detail, { load, published: { load: to.load, snapshotAt: to.snapshotAt } })
}

/** This load has the older snapshot of two that raced; readers see the other. */
export function lostTo({ table, load }: LoadName, to: PublishedLoad): LoadFailure {
  const detail = {
    exit: 1,
    act: 'publish',
    thing: table,
    reason: `load ${to.load} of a newer snapshot (${to.snapshotAt}) was published meanwhile`,
    advice: 'Nothing, unless the source has changed since.',
  } as const
  return new LoadFailure(detail, { load, published: { load: to.load, snapshotAt: to.snapshotAt } })
}
