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

/** Expects `standard_conforming_strings` to be on, as it is unless somebody turned it off. */
export function quoteText(text: string): string {
  return text.includes('\\')
    ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`
}
