/**
 * Adds columns to the text of a script, and leaves all else of it as it is. Whether the text then declares what it should,
 * who imports it has to see: this only knows where code, strings and comments are.
 */
import { codeOf } from './code-of.ts'
import { type Braces, optionBraces } from './option-braces.ts'
import { lineWidth, propertyLines } from './source-form.ts'

/**
 * @param lines as `city: nullable(text),`
 * @returns undefined: the text is not such that it is clear where they belong
 */
export function addColumns(text: string, lines: readonly string[]): string | undefined {
  const columns = optionBraces(codeOf(text), 'columns')
  if (columns === undefined) return undefined
  const added = text.slice(0, columns.open) + withLines(text, columns, lines) + text.slice(columns.close)
  return withImports(added, wordsOf(lines))
}

/** From the opening brace to before the closing one. */
function withLines(text: string, { open, close }: Braces, lines: readonly string[]): string {
  const body = text.slice(open, close)
  const code = codeOf(text).slice(open, close)
  const last = code.trimEnd().length
  const comma = ['{', ','].includes(code[last - 1] ?? '') ? '' : ','
  const before = body.slice(0, last) + comma
  if (!body.includes('\n')) return onOneLine(text, { open, close }, before, lines)
  const indent = /[^\n]*$/.exec(body)?.[0] ?? ''
  const ownLine = /^[ \t]*$/.test(indent)
  const behind = ownLine ? body.slice(last, body.length - indent.length) : `${body.slice(last)}\n`
  const added = lines.map((line) => propertyLines(line, indent.length + 2)).join('\n')
  return `${before}${behind}${added}\n${ownLine ? indent : ''}`
}

function onOneLine(text: string, { open, close }: Braces, before: string, lines: readonly string[]): string {
  const start = text.lastIndexOf('\n', open) + 1
  const end = text.indexOf('\n', close)
  const behind = text.slice(close, end === -1 ? text.length : end)
  const gap = before.endsWith(',') ? ' ' : ''
  const added = lines.join(' ').replace(/,$/, '')
  const short = `${before}${gap}${before === '{' ? ' ' : ''}${added} `
  if (Bun.stringWidth(text.slice(start, open) + short + behind) <= lineWidth) return short
  const indent = /^[ \t]*/.exec(text.slice(start))?.[0].length ?? 0
  const own = propertiesOf(before)
  const all = [
    ...own.map((each) => `${' '.repeat(indent + 2)}${each},`),
    ...lines.map((each) => propertyLines(each, indent + 2)),
  ]
  return `{\n${all.join('\n')}\n${' '.repeat(indent)}`
}

function propertiesOf(body: string): string[] {
  const code = codeOf(body)
  const found: string[] = []
  let depth = 0
  let from = 1
  for (let at = 1; at < code.length; at++) {
    if ('({['.includes(code[at]!)) depth++
    if (')}]'.includes(code[at]!)) depth--
    if (code[at] !== ',' || depth > 0) continue
    found.push(body.slice(from, at).trim())
    from = at + 1
  }
  return found
}

/** What a script has to import for these: `nullable`, `text`. */
function wordsOf(lines: readonly string[]): string[] {
  const words = lines.flatMap(
    (line) =>
      codeOf(line)
        .replace(/^\s*\w+:/, '')
        .match(/[a-z]\w*/gi) ?? [],
  )
  return [...new Set(words)]
}

function withImports(text: string, words: readonly string[]): string | undefined {
  const code = codeOf(text)
  const found = Array.from(
    text.matchAll(/^import \{([^{}]*)\} from (["'](?:[^"'\n]*\/table\.ts|dracula-etl\/table)["'])/gm),
  ).filter(({ index }) => code.startsWith('import', index))
  const [statement] = found
  if (statement === undefined || found.length > 1) return undefined
  const [whole, list = '', from = ''] = statement
  const names = list.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]))
  const missing = words.filter((word) => !names.includes(word))
  if (missing.length === 0) return text
  if (/\/[/*]/.test(list)) return undefined
  const isSorted = names.every((each, at) => at === 0 || names[at - 1]! < each)
  const all = isSorted ? [...names, ...missing].toSorted() : [...names, ...missing]
  const line = `import { ${all.join(', ')} } from ${from}`
  const written =
    Bun.stringWidth(line) <= lineWidth
      ? line
      : `import {\n${all.map((each) => `  ${each},\n`).join('')}} from ${from}`
  return text.slice(0, statement.index) + written + text.slice(statement.index + whole.length)
}
