/**
 * A statement with its `?` replaced by the values given for them, which are literals in SQL as Athena takes them.
 * @returns undefined where there are not as many values as question marks
 */
export function withParameters(sql: string, values: readonly string[]): string | undefined {
  let used = 0
  // Texts, quoted names and comments may hold question marks of their own.
  const filled = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g, (found) => {
    if (found !== '?') return found
    used += 1
    return values[used - 1] ?? '?'
  })
  return used === values.length ? filled : undefined
}
