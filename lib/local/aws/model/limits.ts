/**
 * What a member may hold, from the services' own models (`min`, `max`, `pattern` and `enum` there): characters of a
 * text, a number's value, entries of a list.
 */
export interface Limit {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
  /** The limit of every element of a list. */
  readonly each?: Limit
  /** The limits of the keys and values of a map. */
  readonly keys?: Limit
  readonly values?: Limit
}

export interface Limits {
  /** By `Structure.Member`. */
  readonly members: ReadonlyMap<string, Limit>
  /** What the length of a text counts: Glue's API reference speaks of bytes, Athena's of characters. */
  readonly lengthOf: (text: string) => number
}

export const characters = (text: string): number => [...text].length
export const utf8Bytes = (text: string): number => Buffer.byteLength(text)

/** How AWS words what a value breaks; undefined: nothing. */
export function broken(limit: Limit, value: unknown, lengthOf: Limits['lengthOf']): string | undefined {
  const { min, max, pattern, oneOf } = limit
  const size = typeof value === 'string' ? lengthOf(value) : Array.isArray(value) ? value.length : value
  const what = typeof value === 'number' ? 'value' : 'length'
  if (typeof size === 'number' && min !== undefined && size < min) {
    return `Member must have ${what} greater than or equal to ${min}`
  }
  if (typeof size === 'number' && max !== undefined && size > max) {
    return `Member must have ${what} less than or equal to ${max}`
  }
  if (typeof value !== 'string') return undefined
  if (oneOf?.includes(value) === false) return `Member must satisfy enum value set: [${oneOf.join(', ')}]`
  if (pattern?.test(value) === false)
    return `Member must satisfy regular expression pattern: ${pattern.source}`
  return undefined
}
