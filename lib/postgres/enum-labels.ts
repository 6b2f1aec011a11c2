/** The labels of enums, which `ALTER TYPE … RENAME VALUE` changes in all rows at once, and touches none of them. */
import type { Selection } from '../declare/selection.ts'
import type { Reader } from './connect.ts'
import { quoteText } from './relation.ts'
import type { Source } from './source.ts'

/**
 * @returns by what stands for a label in rows, whatever it is called; of the enums of columns that are read
 * @throws the driver's error
 */
export async function enumLabels(
  reader: Pick<Reader, 'query'>,
  { columns }: Pick<Selection, 'columns'>,
  source: Pick<Source, 'columns'>,
): Promise<Readonly<Record<string, string>>> {
  const read = new Set(Object.entries(columns).map(([name, { source: own = name }]) => own))
  const types = source.columns
    .filter(({ name }) => read.has(name))
    .map(({ typname, element }) => element?.typname ?? typname)
    // Postgres has no enums of its own.
    .filter((typname) => typname.includes('.'))
  if (types.length === 0) return {}
  const rows = await reader.query(
    `select e.oid::pg_catalog.text as id, e.enumlabel::pg_catalog.text as label
     from pg_catalog.pg_enum e
       join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) e.enumtypid
       join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
     where pg_catalog.concat(n.nspname, '.', t.typname) operator(pg_catalog.=) any (array[${[...new Set(types)].map(quoteText).join(', ')}]::pg_catalog.text[])
     order by e.oid`,
  )
  return Object.fromEntries(rows.map(({ id, label }) => [String(id), String(label)]))
}
