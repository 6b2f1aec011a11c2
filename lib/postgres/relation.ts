/** A table's name in Postgres, and how SQL spells it. */
export interface Relation {
  readonly schema: string
  readonly name: string
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteRelation({ schema, name }: Relation): string {
  return `${quoteName(schema)}.${quoteName(name)}`
}

/** More names than these are counted, as there may be thousands of tenants. */
const mostNames = 10

/** In words, for messages. */
export function formatRelations(relations: readonly Relation[]): string {
  const names = relations.map(({ schema, name }) => `${schema}.${name}`)
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return `${names.slice(0, mostNames).join(', ')}${more}`
}

/**
 * For a FROM: those of the relations that there are, as `c` in pg_class and `n` in pg_namespace. A join, as a list of
 * thousands would be compared with each row one by one.
 */
export function relationsNamed(relations: readonly Relation[]): string {
  const names = relations.map(
    ({ schema, name }) => `(${quoteText(schema)}::pg_catalog.name, ${quoteText(name)}::pg_catalog.name)`,
  )
  return `(values ${names.join(', ')}) as wanted (schema, name)
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name`
}

/** Expects `standard_conforming_strings` to be on, as it is unless somebody turned it off. */
export function quoteText(text: string): string {
  return text.includes('\\')
    ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`
}
