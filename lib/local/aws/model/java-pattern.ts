/** Patterns of AWS' models, which are Java's, as JavaScript's. */

const space = ' \\t\\n\\v\\f\\r'
/** What only a class may hold back with a backslash, and what neither may in JavaScript's Unicode mode. */
const plainOutside = /[^a-zA-Z\d^$\\.*+?()[\]{}|/]/
const plainInside = /[^a-zA-Z\d^$\\.*+?()[\]{}|/-]/

/**
 * AWS holds the whole of a value against its pattern, and a pair of surrogates there is one character.
 * @throws SyntaxError for one that JavaScript has no word for
 */
export function javaPattern(pattern: string): RegExp {
  let inClass = false
  const translated = pattern.replace(/\\(.)|[[\]]/gsu, (found, escaped: string | undefined) => {
    if (escaped === undefined) {
      inClass = found === '['
      return found
    }
    if ((inClass ? plainInside : plainOutside).test(escaped)) return escaped
    // Java's is of ASCII alone. In a class both stand together, for any character.
    if (!inClass && escaped === 's') return `[${space}]`
    if (!inClass && escaped === 'S') return `[^${space}]`
    return found
  })
  return new RegExp(`^(?:${translated})$`, 'u')
}
