/** States as the lake keeps them: an object for each table, and for each check of all tables, which runs change in turns. */
import { type Aws, connectAws } from '../aws/clients.ts'
import { editObject } from '../aws/edit-object.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import type { LakeConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import { stateKey } from '../lake/layout.ts'
import type { Outcome } from './outcome.ts'
import { type Patience, patience, patienceMs } from './patience.ts'
import {
  afterOutcome,
  afterTelling,
  type Channel,
  parseState,
  type Run,
  type State,
  type Telling,
} from './state.ts'

/** Where they are kept. */
export interface Kept {
  readonly aws: Aws
  readonly lake: LakeConfig
  close(): void
}

/** An outcome that is to be told. */
export interface Changed {
  readonly outcome: Outcome
  readonly telling: Telling | (Pick<Telling, 'change' | 'to'> & { readonly spell: Uncounted })
}

interface Uncounted {
  readonly since: string
  readonly failures: null
}

/** Objects at a time. */
const atOnce = 32

/** @returns undefined: there is no lake, and nothing is kept */
export function openKept(lake: LakeConfig | undefined): Kept | undefined {
  if (lake === undefined) return undefined
  const aws = connectAws({ requestTimeout: patienceMs, maxAttempts: 2 })
  return { aws, lake, close: () => aws.close() }
}

/**
 * Writes down what is known now, and claims to tell what of it has changed. Never throws: a failure whose state cannot be
 * read or written is told, be it once more.
 */
export async function settle(
  kept: Kept | undefined,
  outcomes: readonly Outcome[],
  run: Run,
): Promise<{ readonly changed: readonly Changed[]; readonly warnings: readonly string[] }> {
  const waiting = patience('S3')
  let refused: string | undefined
  const settled = await inParallel(atOnce, outcomes, async (outcome): Promise<readonly Changed[]> => {
    if (kept === undefined) return unsettled(outcome, run)
    try {
      const telling = await editState(kept, outcome, waiting, (state) => {
        const after = afterOutcome(state, outcome, run)
        return { state: after.state, result: after.telling }
      })
      return telling === undefined ? [] : [{ outcome, telling }]
    } catch (error) {
      refused ??=
        error instanceof Failure ? error.summary : error instanceof Error ? error.message : String(error)
      return unsettled(outcome, run)
    }
  })
  const warnings =
    refused === undefined
      ? []
      : [`What was told before is not known, and failures are told again: ${refused}.`]
  return { changed: settled.flat(), warnings }
}

/**
 * Writes down who was told. Never throws: what is not written is told once more.
 * @param reached whom this run has told of all that it was to tell them
 */
export async function keepTold(
  kept: Kept | undefined,
  changed: readonly Changed[],
  reached: readonly Channel[],
  run: Run,
): Promise<void> {
  // Where nothing was written before, nothing is claimed, and S3 need not be waited for once more.
  const claimed = changed.filter(({ telling }) => telling.spell.failures !== null)
  if (kept === undefined || claimed.length === 0) return
  const waiting = patience('S3')
  await inParallel(atOnce, claimed, async ({ outcome, telling }) => {
    const told = telling.to.filter((each) => reached.includes(each))
    await editState(kept, outcome, waiting, (state) => ({
      state: afterTelling(state, outcome, told, run),
      result: undefined,
    })).catch(() => {})
  })
}

function unsettled(outcome: Outcome, { now, channels }: Run): Changed[] {
  if (outcome.trouble === undefined) return []
  const spell = { since: new Date(now).toISOString(), failures: null }
  return [{ outcome, telling: { change: 'failing', to: channels, spell } }]
}

function editState<T>(
  { aws, lake }: Kept,
  { table, check }: Outcome,
  { signal, over }: Patience,
  edit: (state: State) => { readonly state: State; readonly result: T },
): Promise<T> {
  const { bucket, prefix, kmsKey } = lake
  const object = { bucket, key: stateKey(prefix, { table, check }), kmsKey, signal }
  const editing = editObject(aws, { ...object, contentType: 'application/json' }, (text) => {
    const before = parseState(text)
    const { state, result } = edit(before)
    return { text: isSame(state, before) ? undefined : JSON.stringify(state), result }
  })
  return Promise.race([over, editing])
}

function isSame(one: State, other: State): boolean {
  return Bun.deepEquals(one.states, other.states)
}
