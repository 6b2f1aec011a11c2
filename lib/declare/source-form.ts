/**
 * The form that the project's formatter gives to what a new script has in it, so that a script is in it from the
 * start, also where no formatter is installed.
 */

/** Columns of a line, at most. */
export const lineWidth = 110

/** One line, or as many as it takes: `amount: nullable(numeric(14, 2)),`, indented by so many spaces. */
export function propertyLines(line: string, indent: number): string {
  const property = inQuotes(line)
  if (fits(property, indent)) return `${' '.repeat(indent)}${property}`
  const [, key = '', expression = ''] = /^(\w+): (.*),$/s.exec(property) ?? []
  const [head = ''] = /^\w+\(/.exec(expression) ?? []
  const start = `${' '.repeat(indent)}${key}:`
  // A string alone is never broken off its key.
  if (head === '') return `${' '.repeat(indent)}${property}`
  if (fits(`${key}: ${head}`, indent)) return `${start} ${brokenCall(expression, indent)},`
  const below = indent + 2
  const value = fits(`${expression},`, below) ? expression : brokenCall(expression, below)
  return `${start}\n${' '.repeat(below)}${value},`
}

/** `import { a, b } from './c.ts'` */
export function importLine(names: readonly string[], from: string): string {
  const source = inQuotes(JSON.stringify(from))
  const line = `import { ${names.join(', ')} } from ${source}`
  return fits(line, 0) ? line : `import {\n${names.map((name) => `  ${name},\n`).join('')}} from ${source}`
}

function fits(text: string, indent: number): boolean {
  return indent + Bun.stringWidth(text) <= lineWidth
}

/** Double quotes become single ones, where that does not take more escapes. */
function inQuotes(code: string): string {
  return code.replace(/"((?:[^"\\]|\\.)*)"/gs, (whole, body: string) => {
    const count = (quote: RegExp) => body.match(quote)?.length ?? 0
    if (count(/'/g) > count(/\\"/g)) return whole
    const single = body.replace(/\\.|'/gs, (part) => (part === '\\"' ? '"' : part === "'" ? "\\'" : part))
    return `'${single}'`
  })
}

/** A call whose arguments have a line each, and those that do not fit even there are broken again. */
function brokenCall(expression: string, indent: number): string {
  const open = expression.indexOf('(')
  if (open < 0 || /^['"]/.test(expression)) return expression
  const inner = indent + 2
  const lines = argumentsOf(expression.slice(open + 1, -1)).map((argument) =>
    fits(`${argument},`, inner) ? argument : brokenCall(argument, inner),
  )
  const listed = lines.map((argument) => `${' '.repeat(inner)}${argument},\n`).join('')
  return `${expression.slice(0, open)}(\n${listed}${' '.repeat(indent)})`
}

/** Between commas that stand in no string and in no inner call. */
function argumentsOf(list: string): string[] {
  const found = ['']
  let depth = 0
  for (const [token] of list.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\s\S]/g)) {
    if (token === '(') depth++
    if (token === ')') depth--
    if (token === ',' && depth === 0) found.push('')
    else found[found.length - 1] += token
  }
  return found.map((argument) => argument.trim())
}
