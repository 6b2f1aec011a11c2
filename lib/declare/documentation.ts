/** What readers of the lake are told of a table beside its rows, within what Glue takes. */
import { DeclarationError } from './declaration.ts'
import type { DocComments } from './doc-comments.ts'
import { describeNearest } from './nearest.ts'
import type { Columns } from './selection.ts'

export interface Documentation {
  /** One line of 2,048 bytes of UTF-8 at the most; undefined: nobody says anything. */
  readonly comment: string | undefined
  readonly owner: string | undefined
  /** By column of the lake: one line of 255 bytes at the most. */
  readonly columns: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** What Postgres' `COMMENT ON` says of a source. */
export interface SourceComments {
  readonly table: string | undefined
  /** By the name in Postgres. */
  readonly columns: Readonly<Record<string, string>>
}

/** Bytes of UTF-8 (Glue API, TableInput and Column). */
const most = { comment: 2048, column: 255, owner: 255, tagName: 128, tagValue: 256 }

interface DescribedColumns {
  /** Those that are read. */
  readonly columns: Columns
  /** The lake's. */
  readonly output: Columns
}

/** Each from whoever says it first: an option, a doc comment of the script, Postgres. */
export function documentationOf(
  { output, columns, comment, comments, owner, tags }: DeclaredDocumentation & DescribedColumns,
  written: DocComments,
  source: SourceComments | undefined,
): Documentation {
  const described = Object.keys(output).flatMap((name) => {
    const read = Object.hasOwn(columns, name) ? (columns[name]?.source ?? name) : undefined
    const inSource = read === undefined ? undefined : own(source?.columns ?? {}, read)
    const text = oneLine(own(comments, name) ?? written.columns.get(name) ?? inSource, most.column)
    return text === undefined ? [] : [[name, text] as const]
  })
  return {
    comment: oneLine(comment ?? written.table ?? source?.table, most.comment),
    owner,
    columns: Object.fromEntries(described),
    tags,
  }
}

/** A column may be called `constructor`. */
function own(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}

/** A column's comment such that Glue takes it; undefined: nothing is left of it. */
export function columnComment(text: string | undefined): string | undefined {
  return oneLine(text, most.column)
}

/** The same of a table's comment. */
export function tableComment(text: string | undefined): string | undefined {
  return oneLine(text, most.comment)
}

/** Controls, blanks and what ends a line are one blank; what turns the direction of writing is left out. */
function oneLine(text: string | undefined, bytes: number): string | undefined {
  const line = text
    ?.toWellFormed()
    .replace(/[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (line === undefined || line === '') return undefined
  return Buffer.byteLength(line) <= bytes ? line : cut(line, bytes)
}

function cut(line: string, bytes: number): string {
  let kept = ''
  let left = bytes - Buffer.byteLength('…')
  for (const letter of line) {
    left -= Buffer.byteLength(letter)
    if (left < 0) break
    kept += letter
  }
  return `${kept.trimEnd()}…`
}

export interface DocumentationOptions<Name extends string = string> {
  /** What a row of it stands for; without it the doc comment above the table says, or Postgres' own comment on it. */
  readonly comment?: string
  /** By the column's name in the lake; without it the doc comment above the column says, or Postgres' own. */
  readonly comments?: { readonly [Each in Name]?: string }
  /** Who answers for it: a team, an address. */
  readonly owner?: string
  /** What else is to be known of it, by name: parameters of the Glue table that begin with `tag.`. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What of it options of the script say. */
export interface DeclaredDocumentation {
  readonly comment: string | undefined
  readonly comments: Readonly<Record<string, string>>
  readonly owner: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

/**
 * An owner or a tag is never cut, as a machine may go by it.
 * @throws DeclarationError for a comment on a column that the lake does not have, and for an owner or a tag that Glue does not take
 */
export function declaredDocumentation(
  thing: string,
  { comment, comments = {}, owner, tags = {} }: DocumentationOptions,
  output: readonly string[],
): DeclaredDocumentation {
  const unknown = Object.keys(comments).find((name) => !output.includes(name))
  if (unknown !== undefined) {
    const reason = `comments.${unknown} is of no column of the lake${describeNearest(unknown, output)}`
    throw new DeclarationError(thing, reason, 'Correct its name.')
  }
  if (owner !== undefined) requireLabel(thing, 'owner', owner, most.owner)
  for (const [name, value] of Object.entries(tags)) {
    requireLabel(thing, `the name of the tag ${JSON.stringify(name)}`, name, most.tagName)
    requireLabel(thing, `tags.${name}`, value, most.tagValue)
  }
  const said = Object.entries(comments).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]))
  return {
    comment,
    comments: Object.freeze(Object.fromEntries(said)),
    owner,
    tags: Object.freeze({ ...tags }),
  }
}

function requireLabel(thing: string, what: string, text: string, bytes: number): void {
  const size = Buffer.byteLength(text)
  const isLine = text === text.trim() && text.isWellFormed() && !/[\p{Cc}\ufffe\uffff]/u.test(text)
  if (text !== '' && isLine && size <= bytes) return
  const wrong = isLine
    ? `has ${size} bytes, and 1 to ${bytes} are taken`
    : 'is not one line without blanks around it'
  throw new DeclarationError(thing, `${what} ${wrong}`, 'Correct it.')
}
