/** What a script that declares other columns than the table has means to partitions that a load does not read again. */
import type { Table } from '../../declare/table.ts'
import type { Redeclared } from '../../iceberg/create.ts'
import type { Keeping } from '../keeping.ts'
import type { Sources } from './sources.ts'

export interface KeepingOf extends Pick<Redeclared, 'changes' | 'replacesAll'> {
  readonly declared: Pick<Table, 'output'>
  readonly before: Sources
  readonly now: Sources
  /** Names that columns had until now, by those they have. */
  readonly renamed: Readonly<Record<string, string>>
}

export function keepingOf({ changes, replacesAll, declared, before, now, renamed }: KeepingOf): Keeping {
  const added = changes.flatMap((change) => (change.kind === 'added' ? [change.column] : []))
  const filled = added.find((name) => declared.output[name]?.nullable === false)
  const retyped = changes.find((change) => change.kind === 'retyped')
  const other = [...now].find(
    ([name, source]) =>
      !added.includes(name) && renamed[name] === undefined && before.has(name) && before.get(name) !== source,
  )
  return {
    refused:
      (retyped &&
        `its column ${retyped.column} is ${retyped.from} in the lake and ${retyped.to} in the script, and Iceberg cannot change the one to the other`) ??
      (other &&
        `its column ${other[0]} ${describeSource(other[1])}, and ${describeBefore(before.get(other[0]))}`) ??
      (filled !== undefined
        ? `its new column ${filled} is never null by the script, and has no values in partitions that the load does not read`
        : undefined) ??
      (replacesAll ? 'the table is partitioned otherwise than the script declares' : undefined),
    nullColumns: added,
  }
}

function describeSource(source: string | null): string {
  return source === null ? 'is derived' : `is read from ${source}`
}

function describeBefore(source: string | null | undefined): string {
  return source === null || source === undefined ? 'was derived before' : `was read from ${source} before`
}
