/** What this role may do with each relation that scripts read, down to the columns. */
import type { Input } from '../../load/inputs.ts'
import type { Reader } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { quoteRelation, quoteText, type Relation } from '../../postgres/relation.ts'

export interface Rights {
  readonly relation: Relation
  /** Where it is declared, in words. */
  readonly places: readonly string[]
  /** In Postgres' names, as scripts declare them; `absent` are not there, `refused` may not be read. */
  readonly columns: readonly string[]
  readonly absent: readonly string[]
  readonly refused: readonly string[]
  readonly there: boolean
  /** Whether names of its schema may be looked up. */
  readonly usable: boolean
  readonly writable: boolean
  /** Whether row-level security applies. */
  readonly hiding: boolean
  /** This role, as SQL spells it. */
  readonly role: string
}

/** In the order of their names. @throws Failure as Postgres fails */
export async function readRights(reader: Reader, inputs: readonly Input[]): Promise<Rights[]> {
  const wanted = new Map<string, { relation: Relation; places: string[]; columns: Set<string> }>()
  for (const { selection, place } of inputs) {
    const { source, columns } = selection
    if (source.schema === undefined) continue
    const { schema, name } = source
    const key = quoteRelation(source)
    const each = wanted.get(key) ?? { relation: { schema, name }, places: [], columns: new Set() }
    each.places.push(place)
    for (const [declared, column] of Object.entries(columns)) each.columns.add(column.source ?? declared)
    wanted.set(key, each)
  }
  if (wanted.size === 0) return []
  const values = [...wanted].flatMap(
    ([
      ,
      {
        relation: { schema, name },
        columns,
      },
    ]) => [...columns].map((column) => `(${[schema, name, column].map(quoteText).join(', ')})`),
  )
  const rows = await reader
    .query(
      `select v.schema, v.name, v.column, c.oid is not null as there, a.attnum is not null as found,
       pg_catalog.quote_ident(current_user) as role,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'usage'), false) as usable,
       coalesce(pg_catalog.has_column_privilege(c.oid, a.attnum, 'select'), false) as readable,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'insert, update, delete, truncate'), false) as writable,
       coalesce(c.relrowsecurity and pg_catalog.row_security_active(c.oid), false) as hiding
     from (values ${values.join(', ')}) as v (schema, name, "column")
       left join pg_catalog.pg_namespace n on n.nspname = v.schema
       left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.name
         and c.relkind in ('r', 'p', 'v', 'm', 'f')
       left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = v.column and a.attnum > 0
         and not a.attisdropped`,
    )
    .catch((error: unknown) => {
      throw postgresFailure(error, 'ask Postgres for', 'the columns that may be read')
    })
  return [...wanted]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { relation, places, columns }]) => {
      const own = rows.filter(({ schema, name }) => schema === relation.schema && name === relation.name)
      const named = (test: (row: (typeof own)[number]) => boolean) =>
        own.filter(test).map(({ column }) => String(column))
      const is = (name: string) => own[0]?.[name] === true
      return {
        relation,
        places,
        columns: [...columns],
        absent: named(({ found }) => found !== true),
        refused: named(({ found, readable }) => found === true && readable !== true),
        there: is('there'),
        usable: is('usable'),
        writable: is('writable'),
        hiding: is('hiding'),
        role: String(own[0]?.['role'] ?? ''),
      }
    })
}
