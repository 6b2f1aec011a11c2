/** Where columns of the lake come from, and which other relations a table has something of. */
import type { Expectation } from '../../declare/expectation.ts'
import { formatSource } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import type { Link, Origin } from './facts.ts'
import { inputsOf } from './inputs.ts'

/** @param tenant the column of the tenants; undefined: it has none @returns undefined: the script has no such column */
export function originOf(table: Table, name: string): Origin | undefined {
  const derived = Object.hasOwn(table.derive, name) ? table.derive[name] : undefined
  if (derived !== undefined) {
    const { columns, lookups } = inputsOf(String(derived.value))
    return {
      kind: 'derived',
      hidden: derived.type.protection?.by,
      from: columns?.filter(
        (each) => Object.hasOwn(table.columns, each) || Object.hasOwn(table.derive, each),
      ),
      lookups: lookups.filter((each) => Object.hasOwn(table.lookups, each)),
    }
  }
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined
  if (column === undefined) return undefined
  if (table.source.tenants?.column === name) return { kind: 'tenant' }
  const { source = name, protection, lossy } = column
  return { kind: 'read', source, hidden: protection?.by, lossy }
}

/** Lookups in the order of the script, then references. */
export function linksOf({ lookups, expectations }: Pick<Table, 'lookups' | 'expectations'>): Link[] {
  const references = expectations.flatMap((each: Expectation): Link[] =>
    each.kind === 'references' ? [{ kind: 'reference', to: each.table, by: each.column }] : [],
  )
  const looked = Object.entries(lookups).map(
    ([by, { source }]): Link => ({
      kind: 'lookup',
      to: source.query === undefined ? formatSource(source) : 'a query',
      by,
    }),
  )
  return [...looked, ...references]
}
