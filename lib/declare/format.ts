/** What a table is to its readers: plain Parquet files, replaced whole, or an Iceberg table, of which partitions can be. */
import { DeclarationError } from './declaration.ts'
import { declaredIncremental, type Incremental, type IncrementalOptions } from './incremental.ts'
import { type Lookup, wholeLookups } from './lookup.ts'
import { describeValue } from './options.ts'
import { type NamesOf, type PartitionBy, type PartitionOf, requirePartition } from './partition-by.ts'
import type { Columns } from './selection.ts'

/** The options of `table()` about it. */
export interface FormatOptions<C extends Columns> {
  /** `iceberg` for a table that is partitioned; `plain` Parquet files when absent. */
  readonly format?: 'plain' | 'iceberg'
  /**
   * Publishes an Iceberg table of partitions: `day('created_at')`, `month(…)`, `year(…)`, `ranges('id', 1_000_000)` or
   * `value('kind')` of a column that is read. Rows whose column is null are a partition of their own.
   */
  readonly partitionBy?: NoInfer<PartitionOf<C>>
  /** Has a load read only the partitions that have changed; without it, or with `--full`, it reads all. */
  readonly incremental?: NoInfer<IncrementalOptions<NamesOf<C, number | bigint>, keyof C & string>>
  /** `add`: columns that the source has got, and the script does not have, are written into it. */
  readonly evolve?: 'add'
}

export interface Format {
  readonly format: 'plain' | 'iceberg'
  /** undefined: all of the table is one. */
  readonly partitionBy: PartitionBy | undefined
  /** undefined: every load reads all partitions. */
  readonly incremental: Incremental | undefined
  /** undefined: a column that the script does not have is not read. */
  readonly evolve: 'add' | undefined
}

export interface FormatOf {
  /** Those that are read. */
  readonly columns: Columns
  readonly internal: readonly string[]
  readonly lookups: Readonly<Record<string, Lookup>>
  /** That it is read from, where that is no relation. */
  readonly query: string | undefined
}

/** What it was called with: the compiler may not have been asked. */
type Given = { readonly [Name in keyof FormatOptions<Columns> | 'sliceBy']?: unknown }

/** @throws DeclarationError for options that are none, or that say two things */
export function declaredFormat(
  table: string,
  { format, partitionBy, incremental, evolve, sliceBy }: Given,
  { columns, internal, lookups, query }: FormatOf,
): Format {
  if (format !== undefined && format !== 'plain' && format !== 'iceberg') {
    throw new DeclarationError(
      table,
      `its format is ${describeValue(format)}`,
      "Write format: 'iceberg', or leave it out.",
    )
  }
  if (evolve !== undefined && evolve !== 'add') {
    throw new DeclarationError(
      table,
      `its evolve is ${describeValue(evolve)}`,
      "Write evolve: 'add', or leave it out.",
    )
  }
  if (evolve !== undefined && query !== undefined) {
    throw new DeclarationError(
      table,
      "it has evolve: 'add', and is read by a query, which names its columns itself",
      "Leave evolve out, or read a table or a view: from: 'name'.",
    )
  }
  const options = Object.entries({ partitionBy, incremental, evolve }).flatMap(([name, each]) =>
    each === undefined ? [] : [name],
  )
  if (format === 'plain' && options[0] !== undefined) {
    throw new DeclarationError(
      table,
      `it has ${options[0]}, and its format is "plain"`,
      "Only an Iceberg table has that: write format: 'iceberg', or leave format out.",
    )
  }
  if (incremental !== undefined && partitionBy === undefined) {
    throw new DeclarationError(
      table,
      'it is incremental and has no partitions',
      "Add partitionBy: day('created_at'), or leave incremental out.",
    )
  }
  if (partitionBy !== undefined && sliceBy !== undefined) {
    throw new DeclarationError(
      table,
      'it has both partitionBy and sliceBy',
      'Leave sliceBy out: partitions are what connections share out.',
    )
  }
  return {
    format: options.length > 0 ? 'iceberg' : (format ?? 'plain'),
    partitionBy:
      partitionBy === undefined ? undefined : requirePartition(table, partitionBy, columns, internal),
    incremental:
      incremental === undefined
        ? undefined
        : declaredIncremental(table, incremental, {
            ...{ columns, internal },
            // What is read within a partition changes with it alone, and by the same key.
            hasLookups: wholeLookups({ lookups }).length > 0,
          }),
    evolve,
  }
}
