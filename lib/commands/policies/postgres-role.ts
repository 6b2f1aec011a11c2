/** SQL for the role that reads: lib/policies/postgres-role.sql with names, grants and what scripts read. */
import { join } from 'node:path'
import type { Table } from '../../declare/table.ts'
import { type Input, inputsOf } from '../../load/inputs.ts'
import { quoteName, quoteRelation } from '../../postgres/relation.ts'
import { objectionsQuery } from '../../postgres/role-objections.ts'
import { rowsClause } from '../../postgres/select.ts'
import { isOfTenants, ofTenant } from '../../postgres/tenant-rows.ts'
import { tenantsQuery } from '../../postgres/tenants.ts'

const template = join(import.meta.dir, '../../policies/postgres-role.sql')

/** SELECT on exactly the columns that scripts and their lookups read, and what their SQL needs besides. */
export async function postgresRole(role: string, tables: readonly Table[]): Promise<string> {
  const all = tables.flatMap(inputsOf)
  const inputs = all.filter(({ selection }) => !isOfTenants(selection))
  const values: Readonly<Record<string, string>> = {
    'role text': textWithoutDollars(role),
    objections: objectionsQuery('role'),
    relations: relations(inputs),
    sliced: relations(inputs.filter(({ lookup }) => lookup === undefined)),
    grants: [grants(quoteName(role), inputs), ...all.flatMap((input) => tenantGrants(role, input))].join(
      '\n',
    ),
    reads: reads(inputs),
  }
  const text = await Bun.file(template).text()
  return text.replace(/<([a-z ]+)>/g, (placeholder, name) => values[name] ?? placeholder)
}

/** What an earlier version of the scripts was granted on these tables goes. */
function grants(role: string, inputs: readonly Input[]): string {
  const columns = new Map<string, Set<string>>()
  const schemas = new Set<string>()
  for (const { selection } of inputs) {
    const { source } = selection
    if (source.schema === undefined) continue
    schemas.add(quoteName(source.schema))
    const relation = quoteRelation(source)
    const read = columns.get(relation) ?? new Set<string>()
    columns.set(relation, read.union(new Set(columnsOf(selection))))
  }
  return [
    ...[...schemas].toSorted().map((schema) => `grant usage on schema ${schema} to ${role};`),
    ...[...columns]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([relation, read]) =>
          `revoke select on table ${relation} from ${role};\ngrant select (${[...read].toSorted().join(', ')})\n  on table ${relation} to ${role};`,
      ),
  ].join('\n')
}

/** On the table of each tenant that there is when it is run: it is run again for whoever comes later. */
function tenantGrants(role: string, { selection, place }: Input): string[] {
  if (!isOfTenants(selection)) return []
  const { tenants } = selection.source
  const columns = columnsOf(ofTenant(selection, selection.source, ''))
    .toSorted()
    .join(', ')
  const [name, grantee, list] = [tenants.name, quoteName(role), columns.replaceAll('%', '%%')]
  const execute = (text: string, ...values: readonly string[]) =>
    `    execute pg_catalog.format(${[textWithoutDollars(text), ...values].join(', ')});`
  const table = ['tenant', textWithoutDollars(name)]
  const quoted = grantee.replaceAll('%', '%%')
  return [
    `-- ${place.replaceAll('\n', ' ')}: the tables of tenants.
do $tenants$
declare
  tenant text;
begin
  for tenant in execute ${textWithoutDollars(`select schema from (${tenantsQuery([{ tenants, place }])}) as tenants where there_0`)}
  loop
${execute(`grant usage on schema %I to ${quoted}`, 'tenant')}
${execute(`revoke select on table %I.%I from ${quoted}`, ...table)}
${execute(`grant select (${list}) on table %I.%I to ${quoted}`, ...table)}
  end loop;
end
$tenants$;`,
  ]
}

/** Those that have a name, as a list in SQL. */
function relations(inputs: readonly Input[]): string {
  const names = inputs.flatMap(({ selection: { source } }) =>
    source.schema === undefined ? [] : [textWithoutDollars(quoteRelation(source))],
  )
  return names.length === 0
    ? 'null'
    : [...new Set(names)].map((name) => `pg_catalog.to_regclass(${name})`).join(', ')
}

function columnsOf({ columns }: Input['selection']): string[] {
  return Object.entries(columns).map(([name, { source }]) => quoteName(source ?? name))
}

/** Each reading as a load makes it, but for the form of its values. */
function reads(inputs: readonly Input[]): string {
  const rows = inputs.map(({ selection, place }) => {
    const read = selection.source.query === undefined ? columnsOf(selection).join(', ') : '1 as one'
    return `(${textWithoutDollars(place)}, ${textWithoutDollars(`select ${read} ${rowsClause(selection)}`)})`
  })
  const named = 'as reads (place, sql)'
  if (rows.length === 0) return `select place, sql from (values ('', '')) ${named} where false`
  return `select place, sql from (values\n      ${rows.join(',\n      ')}\n    ) ${named}`
}

/** A literal that ends no dollar-quoted body it stands in, and has no line of its own. */
function textWithoutDollars(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('$', () => '\\x24')
  return `E'${escaped}'`
}
