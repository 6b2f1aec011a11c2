/** Time travel: `FROM t FOR VERSION AS OF 123`, `FOR TIMESTAMP AS OF …`, which DuckDB's parser does not know. */
import { identifier } from '../../hive-type.ts'

/** Which snapshot is meant. */
export type AsOf =
  | { readonly kind: 'version'; readonly version: string }
  /** SQL that gives the moment. */
  | { readonly kind: 'timestamp'; readonly moment: string }

export interface Travel {
  /** The statement, with each table of the past called by a name of its own. */
  readonly sql: string
  /** By that name. */
  readonly past: ReadonlyMap<string, { readonly name: string; readonly asOf: AsOf }>
}

interface Token {
  readonly text: string
  readonly word: string
  readonly from: number
  readonly to: number
}

/** Words that begin what comes after a table, and are no other name of it. */
const clauses = new Set(
  'where group having order limit offset fetch join left right inner full cross natural on using union except intersect window tablesample qualify for'.split(
    ' ',
  ),
)
/** Words within an expression: what comes after them is of it too. */
const operators = new Set(['at', 'time', 'zone', 'interval', 'timestamp', 'date', 'and', 'or', 'not'])
const units = /^(?:second|minute|hour|day|week|month|year)s?$/

/** Takes every `FOR … AS OF …` out of a statement. */
export function withoutTravel(sql: string): Travel {
  const tokens = tokensOf(sql)
  const past = new Map<string, { name: string; asOf: AsOf }>()
  let rewritten = ''
  let done = 0
  for (let at = 1; at < tokens.length; at++) {
    const kind = kindOf(tokens, at)
    const table = tokens[at - 1]
    if (kind === undefined || table === undefined || !isName(table)) continue
    const [first, end] = [at + 4, endOfExpression(tokens, at + 4)]
    if (end === first) continue
    const expression = sql.slice(tokens[first]?.from ?? sql.length, tokens[end - 1]?.to ?? sql.length)
    const name = unquoted(table.text)
    const called = `${name.toLowerCase()}@${past.size}`
    const alias = hasAlias(tokens[end]) ? '' : ` as ${identifier(name)}`
    past.set(called, { name: name.toLowerCase(), asOf: asOf(kind, expression) })
    rewritten += `${sql.slice(done, table.from)}${identifier(called)}${alias}`
    done = tokens[end - 1]?.to ?? sql.length
    at = end - 1
  }
  return { sql: rewritten + sql.slice(done), past }
}

function kindOf(tokens: readonly Token[], at: number): AsOf['kind'] | undefined {
  const words = tokens.slice(at, at + 4).map(({ word }) => word)
  const [, kind = ''] = /^for (?:system_)?(version|timestamp|time) as of$/.exec(words.join(' ')) ?? []
  return kind === '' ? undefined : kind === 'version' ? 'version' : 'timestamp'
}

function asOf(kind: AsOf['kind'], expression: string): AsOf {
  if (kind === 'version') return { kind, version: expression.replace(/^'(.*)'$/s, '$1') }
  // A literal may name a time zone, which DuckDB reads in literals of that type alone.
  return { kind, moment: expression.replace(/\btimestamp(?=\s*')/gi, 'timestamptz') }
}

/** The token after the expression: operands, and what stands between them. */
function endOfExpression(tokens: readonly Token[], from: number): number {
  let depth = 0
  let afterOperand = false
  for (const [at, { text, word }] of tokens.entries()) {
    if (at < from) continue
    if (depth === 0 && /^[,);]$/.test(text)) return at
    if (text === '(') depth++
    if (text === ')') depth--
    if (depth > 0) continue
    const isWord = /^["\w]/.test(text)
    const isUnit: boolean = afterOperand && units.test(word)
    const isOperator = operators.has(word)
    if (afterOperand && isWord && !isUnit && !isOperator) return at
    afterOperand = isUnit || text === ')' || text.startsWith("'") || (isWord && !isOperator)
  }
  return tokens.length
}

function hasAlias(token: Token | undefined): boolean {
  return token !== undefined && isName(token) && !clauses.has(token.word)
}

function isName({ text }: Token): boolean {
  return /^["a-z_]/i.test(text)
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}

function tokensOf(sql: string): Token[] {
  const found = sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[\w$]+|\S/g)
  return [...found]
    .filter(([text]) => !/^(?:--|\/\*)/.test(text))
    .map(({ 0: text, index }) => ({
      text,
      word: text.toLowerCase(),
      from: index,
      to: index + text.length,
    }))
}
