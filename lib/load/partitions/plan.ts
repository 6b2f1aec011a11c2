/** Which partitions a load reads, and why: decided once, by its leader, in its snapshot. Plain data. */
import type { Increment, KeyFacts } from '../../lake/facts.ts'

/**
 * `all`: the load reads every partition. `asked`: `--partitions` names it. `new`: the load that readers see had none such.
 * `changed`: a row of it has changed since. `count` and `keys`: it has not as many rows, or not the same, as then, or some without a key. `gone`:
 * it has no rows any more.
 */
export type PartitionReason = 'all' | 'asked' | 'new' | 'changed' | 'count' | 'keys' | 'gone'

export interface WantedPartition {
  /** In words; null is a value like others. */
  readonly values: readonly (string | null)[]
  readonly reason: PartitionReason
  /** So many were counted in the snapshot; 0: readers shall see none of it. */
  readonly rows: number
  /** In Postgres, by the share of its rows; null: nothing is known. */
  readonly bytes: number | null
  /** Absent: the script names no key. */
  readonly key?: KeyFacts
}

export interface PartitionPlan {
  /** `these`: others stay as they are in the lake. */
  readonly which: 'all' | 'these'
  /** In the order of their values, null last; behind them those that are gone. */
  readonly wanted: readonly WantedPartition[]
  /** How many stay as they are; null: nothing is known of what is published. */
  readonly kept: number | null
  /** Why all are read of a table that is incremental, in a clause; null: they are not, or are to be. */
  readonly because: string | null
  /** `ranges`: each, or several neighbours, by a query of its own. `order`: all by one query that sorts them. */
  readonly way: 'ranges' | 'order'
  /** What the planner says each way costs, in its own unit; null: there is no such way. */
  readonly cost: { readonly ranges: number | null; readonly order: number | null }
  /** What the next load goes by; null: it reads all. */
  readonly increment: Increment | null
}
