/**
 * What a program tells the process that has started it, such as `bun run all`, over Bun's channel between the two:
 * whatever else the program writes to stdout, and however it ends, its parent knows how far it came.
 */

import { allAnswer } from '../concurrency/silence.ts'
import type { ExitCode } from '../failure/exit-code.ts'
import type { Phase } from '../load/events.ts'

export type Told =
  /** The flags are right, and the work begins: a program that ends before has done nothing. */
  | { readonly kind: 'begun' }
  /** It reads from the source of this name, null: from that of `DATABASE_URL`. Told before it does. */
  | { readonly kind: 'source'; readonly source: string | null }
  /** Told every {@link aliveEveryMs} from then on. */
  | { readonly kind: 'alive'; readonly standing?: Standing | undefined }
  | {
      readonly kind: 'report'
      readonly exit: 0 | ExitCode
      /** What --json prints. */
      readonly json: object
    }

/** How far a load has come. */
export interface Standing {
  readonly phase: Phase
  /** How long it has been in that phase. */
  readonly seconds: number
  /** How many are read so far. */
  readonly rows: number
  /** How many there may be; undefined: nobody knows. */
  readonly estimatedRows?: number | undefined
}

/** Milliseconds between two signs of life: of all threads that work, so there are none while one of them is in a loop. */
export const aliveEveryMs = 1_000

/** A parent that does not take it within so many milliseconds does not listen. */
const patienceMs = 2_000

let beating = false
let standing: () => Standing | undefined = () => undefined

/** What every sign of life says from now on: of the one load that this process is at. */
export function tellStanding(of: () => Standing | undefined): void {
  standing = of
}

// A script may put another in its place.
const send = process.send?.bind(process)

/** Settles when the parent has it, at once when there is none that listens; never throws. */
export async function tellParent(told: Told): Promise<void> {
  if (send === undefined || !process.connected) return
  if (told.kind === 'begun' && !beating) {
    beating = true
    const beat = () => allAnswer() && post({ kind: 'alive', standing: standing() })
    setInterval(beat, aliveEveryMs).unref()
  }
  await Promise.race([post(told), Bun.sleep(patienceMs)])
}

function post(told: Told): Promise<void> {
  return new Promise((resolve) => {
    try {
      send?.(told, undefined, undefined, () => resolve())
    } catch {
      // It went away meanwhile; the work goes on without it.
      resolve()
    }
  })
}
