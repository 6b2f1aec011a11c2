/** What the machines of a fan-out tell each other beside slices: each a note that is written once. */
import { Failure } from '../../failure/failure.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import type { Fingerprints } from '../../postgres/fingerprint-form.ts'

/** All slices are verified: the holder may let its snapshot go. By `finish`. */
export const commitNote = 'commit'

/** It has, by a COMMIT that succeeded. By `hold`. */
export const committedNote = 'committed'

/** It cannot any more. By `hold`. */
export const endedNote = 'ended'

/** The load is being taken away. By `clear`. */
export const discardedNote = 'discarded'

/** Somebody may be publishing the load: one a process that tries to, and gone once it knows that it does not. By `finish`. */
const publishing = 'publishing-'

/** Readers have seen the load, whatever they see by now. By `finish`. */
export const publishedNote = 'published'

export function newPublishingNote(): string {
  return `${publishing}${crypto.randomUUID()}`
}

export function isPublishingNote(note: string): boolean {
  return note.startsWith(publishing)
}

export function sliceNote(slice: number): string {
  return `slice-${slice}`
}

export function isSliceNote(note: string): boolean {
  return note.startsWith('slice-')
}

/** What is known of all slices together once they are verified. */
export interface Verified {
  /** Rows read from the source, before any filter. */
  readonly rowsRead: number
}

/** What the holder says once its transaction is over. */
export interface Committed {
  /** Seconds from the first lock to COMMIT. */
  readonly heldSeconds: number
  /** Every column's; null: not asked for. */
  readonly fingerprint: Fingerprints | null
  readonly volatile: readonly string[]
  readonly warnings: readonly string[]
}

/** Why the holder has ended. */
export interface Ended {
  /** A clause. */
  readonly reason: string
  /** 3 and 4 as a load would have ended; 2 for what another snapshot may be spared. */
  readonly exit: 2 | 3 | 4
}

/** @throws Failure (2), or (3) or (4) as the holder's, that says why, if the holder has ended or the load is being taken away */
export async function requireOpen(
  fanOut: FanOut,
  { load, table }: { readonly load: string; readonly table: string },
  notes: readonly string[],
): Promise<void> {
  if (notes.includes(endedNote)) {
    const text = (await fanOut.readNote(load, endedNote)) ?? '{"reason":"","exit":2}'
    const { reason, exit }: Ended = JSON.parse(text)
    throw over(table, load, `whoever held its snapshot has ended: ${reason}`, exit)
  }
  if (notes.includes(discardedNote)) throw over(table, load, 'it has been cleared away')
}

/** A slice or a finish that is run again would find the same. */
export function over(table: string, load: string, reason: string, exit: Ended['exit'] = 2): Failure {
  const advice = 'Start the workflow again: another snapshot is another load.'
  return new Failure({ exit, act: 'go on with', thing: `load ${load} of ${table}`, reason, advice })
}
