/** SQL for the role that reads: lib/policies/postgres-role.sql with names and grants. */
import { join } from 'node:path'
import { type Reading, readingsOf, relationsOf } from '../../load/readings.ts'
import { quoteName, quoteRelation } from '../../postgres/relation.ts'
import type { Table } from '../../table.ts'

const template = join(import.meta.dir, '../../policies/postgres-role.sql')

/** SELECT on exactly the tables that scripts and their lookups name. */
export async function postgresRole(
  { role, database }: { readonly role: string; readonly database: string },
  tables: readonly Table[],
): Promise<string> {
  const values: Readonly<Record<string, string>> = {
    role: quoteName(role),
    'role text': textWithoutDollars(role),
    database: quoteName(database),
    grants: grants(quoteName(role), tables.flatMap(readingsOf)),
  }
  const text = await Bun.file(template).text()
  return text.replace(/<([a-z ]+)>/g, (placeholder, name) => values[name] ?? placeholder)
}

function grants(role: string, readings: readonly Reading[]): string {
  const relations = relationsOf(readings)
  const schemas = [...new Set(relations.map(({ schema }) => schema))].toSorted()
  const names = relations.map(quoteRelation).toSorted()
  const inSql = readings.filter(namesMoreInSql).map(({ place }) => place)
  return [
    ...schemas.map((schema) => `grant usage on schema ${quoteName(schema)} to ${role};`),
    ...(names.length === 0 ? [] : [`grant select on table\n  ${names.join(',\n  ')}\nto ${role};`]),
    ...inSql.map((place) => `-- ${place} names tables in SQL of its own: grant SELECT on those as well.`),
  ].join('\n')
}

/** Which tables that reads, only a database knows. */
export function namesMoreInSql({ selection: { source, where = '' } }: Reading): boolean {
  return source.query !== undefined || /\b(select|table)\b/i.test(where)
}

/** A literal that ends no dollar-quoted body it stands in. */
function textWithoutDollars(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('$', () => '\\x24')
  return `E'${escaped}'`
}
