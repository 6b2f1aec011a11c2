/** What a load leaves to the next one of each partition: what the source had of it when it was read last. Plain data. */
import type { Increment, PartitionFacts } from './facts.ts'

export interface Account {
  readonly version: 1
  readonly table: string
  readonly load: string
  /** In no order; none without rows in the source. */
  readonly partitions: readonly AccountedPartition[]
  /** What the next load goes by; absent: it has to read all of them. */
  readonly increment?: Increment
}

export interface AccountedPartition extends PartitionFacts {
  /** Which has read it. */
  readonly load: string
}
