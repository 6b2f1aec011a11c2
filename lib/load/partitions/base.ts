/** What a load goes by that reads some partitions: what the load before it has left of each. */
import { changedPart, recipeOf } from '../../declare/recipe.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { Account } from '../../lake/account.ts'
import type { Increment } from '../../lake/facts.ts'
import type { Keeping } from '../../lake/keeping.ts'

export interface PartitionBase {
  /** undefined: nothing is published, or nothing is known of it. */
  readonly account: Account | undefined
  readonly keeping: Keeping | undefined
}

/** An account that the next load can go by. */
export interface Known extends Account {
  readonly increment: Increment
}

/** @returns in a clause, why all partitions have to be read */
export function knownBase(table: Table, { account, keeping }: PartitionBase): Known | string {
  if (account === undefined) return 'no load before it has left an account of its partitions'
  const { increment } = account
  if (increment === undefined) return `load ${account.load} has not left what the next one goes by`
  if (keeping?.refused !== undefined) return keeping.refused
  const part = changedPart(increment.recipe, recipeOf(table))
  if (part === undefined) return { ...account, increment }
  return `scripts/${table.name}.ts makes something else of rows since load ${account.load}: ${part} has changed`
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
