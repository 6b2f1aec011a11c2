/**
 * How a script, or a command line, names a table of Postgres: `orders`, `shop.orders`, `"my.schema"."my.table"`.
 * A name stands as it is, capitals and all; quotes as in SQL hold together what has a dot in it.
 */
import { DeclarationError } from './declaration.ts'

export interface RelationName {
  readonly schema: string
  readonly name: string
}

/** A query begins with one of these words; a table of that name is written in quotes. */
export const beginsQuery = /^\s*(select|with|values)\s/i

const quoted = /^"((?:[^"]|"")+)"(?=\.|$)/

/**
 * What comes before the first dot is the schema; without one it is `public`.
 * @throws DeclarationError for a name without an end
 */
export function parseRelationName(text: string): RelationName {
  const [first, rest] = takeName(text)
  if (rest === undefined) return { schema: 'public', name: first }
  const isQuoted = quoted.exec(rest)?.[0] === rest
  const name = isQuoted ? takeName(rest)[0] : rest
  if (first === '' || name === '' || (!isQuoted && name.startsWith('"'))) throw notAName(text)
  return { schema: first, name }
}

/** Whether it says in which schema, and not only the table's name. */
export function namesSchema(text: string): boolean {
  return !beginsQuery.test(text) && takeName(text)[1] !== undefined
}

/** What {@link parseRelationName} reads as these. */
export function writeRelationName({ schema, name }: RelationName): string {
  return schema === 'public' ? writeName(name) : `${writeName(schema)}.${writeName(name)}`
}

/** The first name, and what follows its dot. */
function takeName(text: string): readonly [string, string | undefined] {
  const [whole, inside] = quoted.exec(text) ?? []
  if (whole !== undefined && inside !== undefined) {
    const rest = text.length === whole.length ? undefined : text.slice(whole.length + 1)
    return [inside.replaceAll('""', '"'), rest]
  }
  if (text === '' || text.startsWith('"')) throw notAName(text)
  const dot = text.indexOf('.')
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)]
}

function writeName(name: string): string {
  const needsQuotes = name.includes('.') || name.startsWith('"') || beginsQuery.test(name)
  return needsQuotes ? `"${name.replaceAll('"', '""')}"` : name
}

function notAName(text: string): DeclarationError {
  return new DeclarationError(
    text,
    'it is not the name of a table, as a part of it is empty or its quotes do not close',
    'Write name, schema.name or "my.schema"."my.table".',
  )
}
