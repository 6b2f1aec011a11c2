/** Members of JSON documents, as text: what `->>` gives in Postgres, numbers with every digit they have. */

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
 * A string without its quotes, anything else as JSON; null where the document or the member is null or missing.
 * @throws SyntaxError for what is no JSON
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
 * A member that is a number, or a string of one, as the nearest double.
 * @throws RangeError for anything else that is not null
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

/** With blanks where jsonb has them. */
function written(value: unknown): string {
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${written(each)}`)
  return `{${members.join(', ')}}`
}
