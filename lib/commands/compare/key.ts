/** What tells one row of a table from another, as far as its script says. */
import type { Table } from '../../declare/table.ts'
import { commandLine } from '../../failure/command-line.ts'
import { Failure } from '../../failure/failure.ts'
import type { Matched } from './match.ts'

/** @throws Failure (2) where the script says nothing of it */
export function keyNames(
  {
    name,
    source,
    incremental,
    expectations,
  }: Pick<Table, 'name' | 'source' | 'incremental' | 'expectations'>,
  { pairs }: Pick<Matched, 'pairs'>,
): readonly string[] {
  if (incremental !== undefined) {
    // Each tenant has keys of its own.
    return source.tenants === undefined ? [incremental.key] : [source.tenants.column, incremental.key]
  }
  const unique = expectations.flatMap((each) => (each.kind === 'unique' ? [each.columns] : []))
  const inBoth = unique.find((columns) =>
    columns.every((column) => pairs.some(({ ours }) => ours.name === column)),
  )
  const key = inBoth ?? unique[0]
  if (key !== undefined) return key
  throw new Failure({
    exit: 2,
    act: 'compare row by row',
    thing: name,
    reason: 'its script does not say what tells rows apart: it has neither incremental nor expect.unique',
    advice: `Say it: ${commandLine(`compare ${name} --with … --key id`)}, or compare whole rows: --key '*'`,
  })
}
