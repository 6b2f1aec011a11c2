/**
 * What no row shows and all rows hang on: `RENAME VALUE` changes a label in all of them at once, and behind the name of a
 * table or a column there may be another one by now, with the same keys.
 */
import type { Selection } from '../declare/selection.ts'
import type { Reader } from './connect.ts'
import { plannedRelations } from './planned-relations.ts'
import { quoteRelation, quoteText } from './relation.ts'
import { rowsQuery } from './select.ts'
import type { Source } from './source.ts'

/** What each is, by its name: what is equal is the same one. */
export interface StoredForm {
  /** `public.orders`; a view is none. */
  readonly tables: Readonly<Record<string, string>>
  /** `public.orders.price` */
  readonly columns: Readonly<Record<string, string>>
  /** How each label of the enums that are read is called, by what rows have. */
  readonly labels: Readonly<Record<string, string>>
}

/**
 * To be called under the settings that the source is read under. Partitions are not looked at, as they come and go.
 * @throws the driver's error
 */
export async function storedForm(
  reader: Pick<Reader, 'query'>,
  selection: Pick<Selection, 'columns' | 'source' | 'where'>,
  source: Source,
): Promise<StoredForm> {
  const read = Object.entries(selection.columns).map(([name, { source: own = name }]) => own)
  const found = await reader.query(
    `${formOf(await tablesOf(reader, selection, source), [...read, ...wordsOf(selection)])}
     union all ${labelsOf(read, source)} order by 1, 2`,
  )
  const of = (kind: string) =>
    Object.fromEntries(
      found.flatMap((row) => (row['kind'] === kind ? [[String(row['name']), String(row['is'])]] : [])),
    )
  return { tables: of('table'), columns: of('column'), labels: of('label') }
}

async function tablesOf(
  reader: Pick<Reader, 'query'>,
  selection: Pick<Selection, 'columns' | 'source' | 'where'>,
  { kind, evaluated }: Source,
): Promise<readonly string[]> {
  const { source: named } = selection
  if (named.query !== undefined) return plannedRelations(reader, named.query)
  if (named.tenants !== undefined) {
    const { branches = [], tenants } = named
    const own = branches.map(({ schema }) => quoteRelation({ schema, name: tenants.name }))
    const below = evaluated ? await plannedRelations(reader, rowsQuery({ ...selection, ignore: [] })) : []
    return [...new Set([...own, ...below])]
  }
  return kind === 'view' ? [] : [quoteRelation(named)]
}

/** Columns may be among them. */
function wordsOf({ source, where }: Pick<Selection, 'source' | 'where'>): string[] {
  return [source.query, where].flatMap((text) => text?.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])
}

/** A cast of their names to regclass would need rights that reading a view above them does not. */
function formOf(tables: readonly string[], names: readonly string[]): string {
  const quoted = (name: string) =>
    `pg_catalog.concat('"', pg_catalog.replace(${name}::pg_catalog.text, '"', '""'), '"')`
  return `(
    with stored as (
      select c.oid, pg_catalog.concat(n.nspname, '.', c.relname) as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
      where pg_catalog.concat(${quoted('n.nspname')}, '.', ${quoted('c.relname')}) operator(pg_catalog.=) any (array[${tables.map(quoteText).join(', ')}]::pg_catalog.text[])
        and c.relkind operator(pg_catalog.<>) 'v'
        and not exists (select from pg_catalog.pg_inherits i where i.inhrelid operator(pg_catalog.=) c.oid)
    )
    select 'table' as kind, name, oid::pg_catalog.text as is from stored
    union all
    select 'column', pg_catalog.concat(stored.name, '.', a.attname), a.attnum::pg_catalog.text
    from stored join pg_catalog.pg_attribute a on a.attrelid operator(pg_catalog.=) stored.oid
    where a.attname operator(pg_catalog.=) any (array[${[...new Set(names)].map(quoteText).join(', ')}]::pg_catalog.name[])
      and a.attnum operator(pg_catalog.>) 0
  )`
}

function labelsOf(read: readonly string[], source: Source): string {
  const types = source.columns
    .filter(({ name }) => read.includes(name))
    .flatMap(({ typname, element, typnames }) => typnames ?? element?.typname ?? typname)
    // Postgres has no enums of its own.
    .filter((typname) => typname.includes('.'))
  return `select 'label', e.oid::pg_catalog.text, e.enumlabel::pg_catalog.text
    from pg_catalog.pg_enum e
      join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) e.enumtypid
      join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
    where pg_catalog.concat(n.nspname, '.', t.typname) operator(pg_catalog.=) any (array[${[...new Set(types)].map(quoteText).join(', ')}]::pg_catalog.text[])`
}
