/** Which tenants a database has, and that each has what is read of it. */
import { formatSource, type SourceName, type TenantTables } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Row } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteText } from './relation.ts'

/** Sends one statement, of either client. */
export type Ask = (sql: string) => Promise<readonly Row[]>

/** A table that each tenant is to have. */
export interface TenantInput {
  readonly tenants: TenantTables
  /** Where it is declared, in words. */
  readonly place: string
}

/** Those of them that are of tenants. */
export function tenantInputs(
  inputs: readonly { readonly selection: { readonly source: SourceName }; readonly place: string }[],
): TenantInput[] {
  return inputs.flatMap(({ selection: { source }, place }) =>
    source.tenants === undefined ? [] : [{ tenants: source.tenants, place }],
  )
}

/**
 * The schemas of the tenants, in the order of their bytes, which is that of their rows.
 * @param inputs of one script, whose pattern is the same; none: there are no tenants
 * @throws Failure (3) where there is no tenant, and where one lacks a table, naming it; as Postgres fails
 */
export async function findTenants(ask: Ask, inputs: readonly TenantInput[]): Promise<string[]> {
  const [first] = inputs
  if (first === undefined) return []
  const { tenants, place } = first
  const rows = await ask(tenantsQuery(inputs)).catch((error: unknown) => {
    throw postgresFailure(error, 'look for the tenants of', formatSource({ tenants }))
  })
  if (rows.length === 0) {
    throw new Failure({
      exit: 3,
      act: 'read the table',
      thing: formatSource({ tenants }),
      reason: `the database has no schema whose name is LIKE ${quoteText(tenants.like)}`,
      advice: `Correct the pattern in ${place}, or check which database DATABASE_URL names.`,
    })
  }
  requireTables(rows, inputs)
  return rows.map((row) => String(row['schema']))
}

/** A row each: its `schema`, and of each of the tables whether it is there. Qualified, as it may be asked under any settings. */
export function tenantsQuery(inputs: readonly TenantInput[]): string {
  const there = inputs.map(
    ({ tenants: { name } }, at) => `exists (
       select from pg_catalog.pg_class c
       where c.relnamespace operator(pg_catalog.=) n.oid and c.relname operator(pg_catalog.=) ${quoteText(name)}::pg_catalog.name
         and c.relkind operator(pg_catalog.=) any (array['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[])
     ) as there_${at}`,
  )
  return `select n.nspname::pg_catalog.text as schema, ${there.join(', ')}
     from pg_catalog.pg_namespace n
     where n.nspname::pg_catalog.text collate pg_catalog."C" operator(pg_catalog.~~) ${quoteText(inputs[0]!.tenants.like)}
       and n.nspname operator(pg_catalog.!~~) E'pg\\\\_%' and n.nspname operator(pg_catalog.<>) 'information_schema'
     order by n.nspname::pg_catalog.text collate pg_catalog."C"`
}

function requireTables(rows: readonly Row[], inputs: readonly TenantInput[]): void {
  for (const [at, { tenants, place }] of inputs.entries()) {
    const [lacking, ...more] = rows.filter((row) => row[`there_${at}`] !== true)
    if (lacking === undefined) continue
    const others = more.length === 0 ? '' : `, nor have ${more.length} more of ${rows.length} tenants`
    throw new Failure({
      exit: 3,
      act: 'read the table',
      thing: `${lacking['schema']}.${tenants.name}`,
      reason: `this tenant's schema has no such table${others}`,
      advice: `Create it there, or narrow the pattern ${quoteText(tenants.like)} in ${place}: in it "_" stands for any character, and "\\_" for itself.`,
    })
  }
}

/** @throws Failure (1) where others are in the snapshot than were locked for it */
export function requireSameTenants(
  source: SourceName,
  locked: readonly string[],
  found: readonly string[],
): void {
  const [other] = [...new Set(locked).symmetricDifference(new Set(found))]
  if (other === undefined) return
  throw new Failure({
    exit: 1,
    act: 'open',
    thing: formatSource(source),
    reason: `the tenant ${other} ${found.includes(other) ? 'came' : 'went'} while it was being opened`,
    advice: 'Try again.',
  })
}
