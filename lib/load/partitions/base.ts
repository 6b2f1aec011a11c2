/** What a load goes by that reads some partitions: what the load before it has left of each. */
import { changedPart, type Recipe, storedPart } from '../../declare/recipe.ts'
import { differenceOf, type SourceIdentity, timelineOf } from '../../declare/source-identity.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { Account } from '../../lake/account.ts'
import type { Increment } from '../../lake/facts.ts'
import type { Keeping } from '../../lake/keeping.ts'
import type { SourceMeaning } from '../../postgres/source-meaning.ts'

export interface PartitionBase {
  /** undefined: nothing is published, or nothing is known of it. */
  readonly account: Account | undefined
  readonly keeping: Keeping | undefined
  /** Where the load before has read; undefined: nobody knows. */
  readonly source: SourceIdentity | undefined
  /** Whether what stays would be hashed with another key than what is read. */
  readonly isOtherHashKey?: boolean
  /** Whether others have changed rows since: the account is none of what readers see. */
  readonly isChangedByOthers?: boolean
}

export const nothingKnown: PartitionBase = { account: undefined, keeping: undefined, source: undefined }

/** An account that the next load can go by. */
export interface Known extends Account {
  readonly increment: Increment
}

export interface ReadNow {
  /** Where the table is read. */
  readonly source: SourceIdentity
  /** What is made of its rows. */
  readonly recipe: Recipe
}

/** @returns in a clause, why all partitions have to be read */
export function knownBase(
  table: Table,
  { account, keeping, source, isOtherHashKey, isChangedByOthers }: PartitionBase,
  now: ReadNow,
): Known | string {
  if (account === undefined) return 'no load before it has left an account of its partitions'
  const { increment } = account
  if (increment === undefined) return `load ${account.load} has not left what the next one goes by`
  if (isChangedByOthers) return `others have changed its rows since load ${account.load}`
  if (keeping?.refused !== undefined) return keeping.refused
  if (isOtherHashKey) return `load ${account.load} was hashed with another key`
  const elsewhere = differenceOfTime(source, now.source)
  if (elsewhere !== undefined) return elsewhere
  const part = changedPart(increment.recipe, now.recipe)
  if (part === undefined) return { ...account, increment }
  const inSource = describeSourceChange(part)
  if (inSource !== undefined) return `${inSource} since load ${account.load}`
  return `scripts/${table.name}.ts makes something else of rows since load ${account.load}: ${part} has changed`
}

/** @returns a clause; undefined: it is the script that has changed */
function describeSourceChange(part: string): string | undefined {
  const stored = storedPart(part)
  if (stored?.kind === 'labels') return 'the labels of an enum have changed'
  if (stored !== undefined) return `${stored.name} is another ${stored.kind.replace(/s$/, '')}`
  const ofSource = Object.entries(partsOfSource).find(([each]) => each === part)?.[1]
  return ofSource === undefined ? undefined : `${ofSource} have changed`
}

/**
 * What was taken back, as the last commits are by a failover or more by a restore, has neither another key nor another date
 * where a row was updated.
 */
function differenceOfTime(before: SourceIdentity | undefined, now: SourceIdentity): string | undefined {
  if (before === undefined || differenceOf(before, now) !== undefined) {
    return 'the load before it has read another source'
  }
  const [then, timeline] = [timelineOf(before), timelineOf(now)]
  if (then === null || timeline === null || then === timeline) return undefined
  return 'the server was promoted or restored since the load before it, and may have taken updates back'
}

/** What is in a recipe besides what the script says, in words. */
const partsOfSource: Readonly<Record<keyof SourceMeaning, string>> = {
  settings: 'the settings that its source is read under',
  views: 'the views that its source reads',
  computed: 'the virtual columns of its source',
  functions: 'the functions that its source calls',
}

/** @throws Failure (3) where partitions would stay that are not known */
export function requireKnown({ name }: Table, base: Known | string): Known {
  if (typeof base !== 'string') return base
  throw new Failure({
    exit: 3,
    act: 'replace some partitions of',
    thing: name,
    reason: base,
    advice: `Load all of them: bun scripts/${name}.ts --full`,
  })
}
