/**
 * The state of one table, or of one check as a whole, as the lake keeps it between runs on different machines; and what is
 * told when it changes. Told is: a failure after all was well, one with another exit code than those told of since, and that
 * it is well again. A channel that could not be told is told at the next run.
 */
import type { Outcome, Subject } from './outcome.ts'

export const channels = ['webhook', 'sns'] as const
export type Channel = (typeof channels)[number]

/** What is told of: `failing`, or `recovered`. */
export type Change = 'failing' | 'recovered'

export interface State {
  readonly version: 1
  /** By what is not well, or was not and somebody has not been told yet: `load`, or the name of a check. */
  readonly states: Readonly<Record<string, Spell>>
}

/** The time from the first failure until all know that it is over. */
export interface Spell {
  readonly status: Change
  /** When it failed first, and last. ISO 8601. */
  readonly since: string
  readonly at: string
  /** How often it has failed. */
  readonly failures: number
  /** Exit codes that were told of, or are to be. */
  readonly exits: readonly (number | null)[]
  /** Who knows that it is not well. */
  readonly told: readonly Channel[]
  /** Who is still to be told of the last change. */
  readonly untold: readonly Channel[]
  /** Who tells them now. */
  readonly claim: Claim | null
}

interface Claim {
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

/** What one run is to tell: whom, and of what. */
export interface Telling {
  readonly change: Change
  readonly to: readonly Channel[]
  readonly spell: Pick<Spell, 'since' | 'failures'>
}

export interface Run {
  /** Its name, no other run's. */
  readonly id: string
  readonly now: number
  /** Those that are configured. */
  readonly channels: readonly Channel[]
}

export const noState: State = { version: 1, states: {} }

/** Longer than any run takes to tell: one that claimed it before was killed. */
const claimMs = 60_000

/** @returns the state after the outcome, and what to tell of it; undefined: nothing */
export function afterOutcome(
  state: State,
  outcome: Outcome,
  run: Run,
): { readonly state: State; readonly telling: Telling | undefined } {
  const name = slotOf(outcome)
  const before = state.states[name]
  if (outcome.trouble !== undefined && isTold(state, outcome)) return { state, telling: undefined }
  const spell = outcome.trouble === undefined ? well(before, run) : failing(before, outcome.trouble.exit, run)
  const to = spell === undefined ? [] : spell.untold.filter((each) => run.channels.includes(each))
  if (spell === undefined || to.length === 0) {
    return { state: withSpell(state, name, spell), telling: undefined }
  }
  if (isClaimed(spell, run)) return { state: withSpell(state, name, spell), telling: undefined }
  const claim = { by: run.id, at: new Date(run.now).toISOString() }
  return {
    state: withSpell(state, name, { ...spell, claim }),
    telling: { change: spell.status, to, spell },
  }
}

/** @param reached whom this run has told @returns the state after that */
export function afterTelling(
  state: State,
  subject: Subject,
  reached: readonly Channel[],
  { id }: Pick<Run, 'id'>,
): State {
  const name = slotOf(subject)
  const spell = state.states[name]
  // Another run has seen it change meanwhile.
  if (spell === undefined || spell.claim?.by !== id) return state
  const untold = spell.untold.filter((each) => !reached.includes(each))
  const isOver = spell.status === 'recovered' && untold.length === 0
  const told = [...new Set([...spell.told, ...reached])]
  return withSpell(state, name, isOver ? undefined : { ...spell, told, untold, claim: null })
}

/** The state as text; what is no state, as somebody else's object, counts as none. */
export function parseState(text: string | undefined): State {
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (!isObject(value) || value['version'] !== 1 || !isObject(value['states'])) return noState
    const states = Object.entries(value['states']).filter(([, each]) => isSpell(each))
    return { version: 1, states: Object.fromEntries(states) as State['states'] }
  } catch {
    return noState
  }
}

function slotOf({ check }: Subject): string {
  return check ?? 'load'
}

/** Whether the program itself has said that it is not well, where another only says so for it. */
function isTold({ states }: State, { trouble, unlessToldSince: since }: Outcome): boolean {
  if (since === undefined || trouble === undefined) return false
  const failing = Object.entries(states).filter(([, { status }]) => status === 'failing')
  return failing.some(([name, { at }]) => (since === 0 ? name === 'load' : Date.parse(at) >= since))
}

function failing(before: Spell | undefined, exit: number | null, run: Run): Spell {
  const at = new Date(run.now).toISOString()
  if (before?.status !== 'failing') {
    const fresh = { failures: 1, exits: [exit], told: [], untold: run.channels, claim: null }
    return { status: 'failing', since: at, at, ...fresh }
  }
  const failures = before.failures + 1
  if (before.exits.includes(exit)) return { ...before, at, failures }
  return { ...before, at, failures, exits: [...before.exits, exit], untold: run.channels, claim: null }
}

/** Whoever was not told that it failed need not be told that it is well; a run that was telling them may have done so. */
function well(before: Spell | undefined, run: Run): Spell | undefined {
  if (before === undefined || before.status === 'recovered') return before
  const untold = run.channels.filter((each) => before.claim !== null || before.told.includes(each))
  return untold.length === 0 ? undefined : { ...before, status: 'recovered', untold, claim: null }
}

function isClaimed({ claim }: Spell, { id, now }: Run): boolean {
  return claim !== null && claim.by !== id && Math.abs(now - Date.parse(claim.at)) < claimMs
}

function withSpell(state: State, name: string, spell: Spell | undefined): State {
  const { [name]: _, ...others } = state.states
  return { ...state, states: spell === undefined ? others : { ...others, [name]: spell } }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSpell(value: unknown): value is Spell {
  if (!isObject(value)) return false
  const { status, since, at, failures, exits, told, untold, claim } = value
  return (
    (status === 'failing' || status === 'recovered') &&
    [since, at].every((each) => typeof each === 'string' && !Number.isNaN(Date.parse(each))) &&
    Number.isSafeInteger(failures) &&
    [exits, told, untold].every(Array.isArray) &&
    (claim === null ||
      (isObject(claim) && typeof claim['by'] === 'string' && typeof claim['at'] === 'string'))
  )
}
