/** What a kind of fault is: whom it befalls, what it does, and which ends of a run are right. */

import type { Random } from '../../support/random.ts'
import type { FinishedScript } from '../../support/stand-in.ts'
import type { Running } from '../action.ts'
import type { Lane, Started } from '../lane.ts'
import type { Subject } from '../subjects.ts'

/** An exit code, or null where a signal ended it. */
export type End = number | null

export interface Fault {
  readonly lane: Lane
  readonly subject: Subject
  readonly random: Random
  /** Begins what is disturbed. */
  readonly begin: (started?: Started) => Running
}

export interface Struck {
  /** The run that was disturbed, last, and those that others began beside it. */
  readonly runs: readonly FinishedScript[]
  /** Whether the moment came: else nothing was disturbed. */
  readonly reached: boolean
  /** Whether others published beside it, so that what readers see may be theirs. */
  readonly raced?: boolean
  /** Whether others have changed what readers see: the catalog's table is no longer ours alone. */
  readonly byOthers?: boolean
  readonly folder?: string | undefined
}

export interface Kind {
  readonly name: string
  readonly group: string
  befalls(subject: Subject): boolean
  strike(fault: Fault): Promise<Struck>
  /** Ends of the disturbed run that are right. */
  readonly ends: readonly End[]
  /** Puts right what is not the product's to mend. */
  undo?(fault: Fault): Promise<unknown>
  /** What the next load has to be told, as the fault's own kind asks for it. */
  readonly thenArgs?: readonly string[]
  /** Whether it needs a process of its own to strike. */
  readonly kills?: boolean
}

export const everyone = () => true
export const loads = ({ action }: Subject) => action === 'load'
export const publishes = ({ action }: Subject) => action !== 'folder'
export const readsPostgres = ({ action }: Subject) => action !== 'rollback'
export const iceberg = ({ iceberg: is, action }: Subject) => is && action === 'load'

export async function endOf(run: Running, reached: boolean): Promise<Struck> {
  return { runs: await run.finished, reached, folder: run.folder }
}
