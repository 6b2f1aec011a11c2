import type { Published } from '../aws/glue.ts'
import { Failure } from '../failure.ts'
import type { Load } from './load.ts'
import { LoadFailure } from './types.ts'

/**
 * What failed, with what readers of the table see now. Work that was told to stop fails for the reason it was told,
 * not for the broken connection that came of it.
 */
export function loadFailure(load: Load, error: unknown, before: Published | 'unknown'): LoadFailure {
  const published =
    before === 'unknown'
      ? before
      : before.kind === 'ours'
        ? { load: before.load, snapshotAt: before.snapshotAt }
        : undefined
  const known = { load: load.id, published }
  const told: unknown = load.signal.aborted ? load.signal.reason : undefined
  const unknownOutcome = error instanceof Failure && error.exit === 5
  const cause = told instanceof Failure && !unknownOutcome ? told : error
  if (cause instanceof Failure) return new LoadFailure({ ...cause.detail, cause: cause.cause }, known)
  const reason = cause instanceof Error ? cause.message : String(cause)
  const detail = {
    exit: 1,
    act: 'load',
    thing: load.table.name,
    reason,
    advice: 'Run it again.',
    cause,
  } as const
  return new LoadFailure(detail, known)
}
