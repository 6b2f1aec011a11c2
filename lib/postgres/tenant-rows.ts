/** Tenants' rows as one source: which they are, before and after anything is known of their tables. */
import type { Selection, TenantBranch, TenantSource } from '../declare/selection.ts'
import { quoteName, quoteText } from './relation.ts'
import { rowsClause } from './select.ts'

export function isOfTenants<S extends Selection>(
  selection: S,
): selection is S & { readonly source: TenantSource } {
  return selection.source.tenants !== undefined
}

/** Only what locks and counts need, before anything is known of the tables. */
export function tenantRowsAlone<S extends Selection>(selection: S, schemas: readonly string[]): S {
  const { source } = selection
  if (source.tenants === undefined) return selection
  const branches = schemas.map((schema): TenantBranch => {
    const own = ofTenant(selection, source, schema)
    return {
      schema,
      select: `select ${tenantValue(schema)} as ${quoteName(source.tenants.column)} ${rowsClause(own)}`,
    }
  })
  return { ...selection, source: { ...source, branches } }
}

/** The selection of one tenant's table, which has no column that says whose it is. */
export function ofTenant(selection: Selection, { tenants }: TenantSource, schema: string): Selection {
  const { [tenants.column]: _, ...columns } = selection.columns
  const { where, ignore } = selection
  return { columns, where, ignore, source: { schema, name: tenants.name } }
}

/** Only the rows of some tenants. */
export function someTenants<S extends Selection>(selection: S, schemas: ReadonlySet<string>): S {
  const { source } = selection
  if (source.tenants === undefined) return selection
  const branches = source.branches?.filter(({ schema }) => schemas.has(schema)) ?? []
  return { ...selection, source: { ...source, branches } }
}

/** The name of a tenant's schema, in SQL. */
export function tenantValue(schema: string): string {
  return `${quoteText(schema)}::pg_catalog.text`
}
