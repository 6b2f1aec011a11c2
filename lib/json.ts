/**
 * Members of `json` and `jsonb` documents, for functions of a script: what `->>` gives (PostgreSQL manual, "JSON Functions
 * and Operators"), and numbers with every digit they are written with.
 */

/** A number as it is written. */
class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

// The functions of one script ask the same document for one member after the other.
let last: string | undefined
let parsed: unknown

/**
 * A member of a document, as text: `jsonText(row.details, 'size')`.
 * @param document JSON as a column holds it
 * @param member the member's own name, not a path
 * @returns a string without its quotes, anything else as JSON; null where the document is null or no object, and where the
 *   member is null or missing
 * @throws SyntaxError for a document that is no JSON
 */
export function jsonText(document: string | null, member: string): string | null {
  if (document === null) return null
  if (document !== last) {
    parsed = JSON.parse(document, keepDigits)
    last = document
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, member)) return null
  const value: unknown = Reflect.get(parsed, member)
  return value === null || typeof value === 'string' ? value : written(value)
}

/**
 * A member of a document, as a number: for counts and sizes, not for money, as a double has 15 digits that are exact.
 * @param document JSON as a column holds it
 * @param member the member's own name, not a path
 * @returns the double nearest to a number, or to a string of one; null where `jsonText` gives null
 * @throws SyntaxError for a document that is no JSON
 * @throws RangeError for a member that is neither
 */
export function jsonNumber(document: string | null, member: string): number | null {
  const text = jsonText(document, member)
  if (text === null) return null
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) {
    throw new RangeError(`${JSON.stringify(text)} in ${member} is not a number`)
  }
  return Number(text)
}

function keepDigits(_name: string, value: unknown, context?: { readonly source: string }): unknown {
  return typeof value === 'number' && context !== undefined ? new Written(context.source) : value
}

/** The text of a value, with blanks where jsonb has them. */
function written(value: unknown): string {
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${written(each)}`)
  return `{${members.join(', ')}}`
}
