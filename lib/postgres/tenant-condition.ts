/**
 * A condition on tenants' rows is one text for all: what a name in it means is found by the role's search_path, and not in
 * each tenant's schema.
 */
import { formatSource, type Selection, type TenantSource } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Reader } from './connect.ts'
import { plannedRelations } from './planned-relations.ts'
import { quoteText } from './relation.ts'
import { rowsQuery } from './select.ts'
import { queryUnderSettingsOf } from './session-settings.ts'
import type { Source } from './source.ts'
import { ofTenant } from './tenant-rows.ts'

export interface TenantCondition {
  readonly selection: Selection & { readonly source: TenantSource }
  readonly source: Source
  /** Schemas of the tenants, one at the least. */
  readonly schemas: readonly string[]
  /** Where it is declared, in words. */
  readonly place: string
}

const word = /"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu

/** @throws Failure (3) where it reads a table of a name that a tenant has a table of, too; the driver's error */
export async function requireSharedCondition(reader: Reader, condition: TenantCondition): Promise<void> {
  const { selection, source, schemas, place } = condition
  const { where } = selection
  if (where === undefined) return
  const read = await readByCondition(reader, condition)
  if (read.length === 0) return
  // A plan names the tables below a view, and not the view.
  const named = [...read, ...(where.match(word) ?? [])].map((each) => `(${quoteText(each)})`)
  const [own] = await queryUnderSettingsOf(reader, selection, source).query(
    `select pg_catalog.concat('"', o.nspname, '"."', r.relname, '"') as read, n.nspname::pg_catalog.text as tenant,
       c.relname::pg_catalog.text as name
     from (values ${named.join(', ')}) as wanted (name)
       join pg_catalog.pg_class r on r.oid operator(pg_catalog.=) pg_catalog.to_regclass(wanted.name)
       join pg_catalog.pg_namespace o on o.oid operator(pg_catalog.=) r.relnamespace
       join pg_catalog.pg_class c on c.relname operator(pg_catalog.=) r.relname
         and c.relnamespace operator(pg_catalog.<>) r.relnamespace
         and c.relkind operator(pg_catalog.=) any (array['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[])
       join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
     where (wanted.name operator(pg_catalog.=) any (array[${read.map(quoteText).join(', ')}])
         or r.relkind operator(pg_catalog.=) any (array['v', 'm']::pg_catalog."char"[]))
       and n.nspname operator(pg_catalog.=) any (array[${schemas.map(quoteText).join(', ')}]::pg_catalog.name[])
     order by 1, n.nspname collate pg_catalog."C" limit 1`,
  )
  if (own === undefined) return
  const name = String(own['name'])
  throw new Failure({
    exit: 3,
    act: 'read the table',
    thing: formatSource(selection.source),
    reason: `the where in ${place} reads ${own['read']} for all tenants, and ${own['tenant']} has a ${name} of its own`,
    advice: `Read each tenant's by a lookup, from: '${name}', and keep rows by a filter; or let where read one whose name is that of no tenant's.`,
  })
}

async function readByCondition(
  reader: Reader,
  { selection, source, schemas }: TenantCondition,
): Promise<string[]> {
  const read = new Set<string>()
  // One of them may be in the search_path: to the other its tables are those of somebody else.
  for (const schema of new Set([schemas[0] ?? '', schemas.at(-1) ?? ''])) {
    const own = ofTenant(selection, selection.source, schema)
    const planned = (each: Selection) =>
      plannedRelations(queryUnderSettingsOf(reader, own, source), rowsQuery(each))
    const without = new Set(await planned({ ...own, where: undefined }))
    for (const relation of await planned(own)) if (!without.has(relation)) read.add(relation)
  }
  return [...read]
}
