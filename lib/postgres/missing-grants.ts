/** What a role must be granted to read what a load reads, and no more: columns, not tables. */

import type { Selection, TenantSource } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Reader, Row } from './connect.ts'
import { quoteName, quoteRelation, quoteText, type Relation } from './relation.ts'
import { isOfTenants, ofTenant } from './tenant-rows.ts'
import { findTenants, tenantInputs } from './tenants.ts'

/**
 * The failure with the very grants that are missing in place of its advice, if it is one of a privilege and they can be
 * told. Ends the reader's transaction. Never throws.
 */
export async function withMissingGrants(
  reader: Reader,
  failure: Failure,
  selections: readonly Selection[],
): Promise<Failure> {
  if (!isDenied(failure)) return failure
  try {
    await reader.query('rollback')
    const grants: string[] = []
    for (const selection of selections) {
      const each = isOfTenants(selection) ? grantsForTenants(reader, selection) : grantsFor(reader, selection)
      grants.push(...(await each))
    }
    if (grants.length === 0) return failure
    const schema = grants.some((grant) => grant.startsWith('grant usage')) ? ' and USAGE on its schema' : ''
    const advice = `Grant this user SELECT on the table's columns that are read${schema}, and no more: ${[...new Set(grants)].join(' ')}`
    return new Failure({ ...failure.detail, advice, cause: failure.cause })
  } catch {
    return failure
  }
}

function isDenied({ cause }: Failure): boolean {
  if (!(cause instanceof Error)) return false
  const { errno, code } = cause as { readonly errno?: unknown; readonly code?: unknown }
  return (errno === '42501' || code === '42501') && cause.message.startsWith('permission denied for')
}

/** Those of the first tenant that lacks some: what is granted to one is granted to all. */
async function grantsForTenants(
  reader: Reader,
  selection: Selection & { readonly source: TenantSource },
): Promise<string[]> {
  const inputs = tenantInputs([{ selection, place: 'its script' }])
  for (const schema of await findTenants(reader.query, inputs)) {
    const grants = await grantsFor(reader, ofTenant(selection, selection.source, schema))
    if (grants.length > 0) return grants
  }
  return []
}

/** Those that are missing; none for a query, as nobody knows its columns. */
async function grantsFor(reader: Reader, { source, columns }: Selection): Promise<string[]> {
  if (source.schema === undefined) return []
  const wanted = Object.entries(columns).map(([name, column]) => column.source ?? name)
  const rows = await reader.query(missingQuery(source, wanted))
  const [first] = rows
  if (first === undefined) return []
  const role = quoteName(String(first['role']))
  const denied = rows.flatMap(({ name }: Row) => (name === null ? [] : [quoteName(String(name))]))
  return [
    ...(first['usage'] === true ? [] : [`grant usage on schema ${quoteName(source.schema)} to ${role};`]),
    ...(denied.length === 0
      ? []
      : [`grant select (${denied.join(', ')}) on table ${quoteRelation(source)} to ${role};`]),
  ]
}

/** A row for each column that may not be read; one without a name where all may be, to tell of the schema. */
function missingQuery({ schema, name }: Relation, columns: readonly string[]): string {
  return `
    select current_user as role, pg_catalog.has_schema_privilege(n.oid, 'usage') as usage, a.attname::text as name
    from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and a.attname in (${columns.map(quoteText).join(', ')})
        and not pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
    where n.nspname = ${quoteText(schema)} and c.relname = ${quoteText(name)}
    order by a.attnum`
}
