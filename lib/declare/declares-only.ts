/**
 * Which scripts do nothing but declare: from `import` to `await run(…)` there is no function, no operator and no name that
 * they do not import from `lib/table.ts`, `dracula-etl/table` in other projects, or give a value themselves. Importing one calls what makes types, lookups and
 * tables, and nothing else, so it can neither end, block nor change the process that loads it, nor the next table there.
 * This reads less of the language than Bun does; what it does not know is taken for more than a declaration.
 */

const space = /\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//u
const text = /'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"|`(?:[^`\\$]|\\.|\$(?!\{))*`/u
const number = /-?\d[\d_]*(?:\.\d+)?n?(?![\w.$])/u
const name = /[\p{ID_Start}_$][\p{ID_Continue}$]*/u
const mark = /[{}()[\],:;=.]/u
const token = new RegExp(
  `(?:${space.source})|(?<text>${text.source})|(?<number>${number.source})|(?<name>${name.source})|(?<mark>${mark.source})`,
  'uy',
)

type Kind = 'text' | 'number' | 'name' | 'mark'

interface Token {
  readonly kind: Kind
  readonly text: string
}

/** Thrown at what is no declaration. */
class More extends Error {}

/** @param source the text of a script */
export function declaresOnly(source: string): boolean {
  try {
    readScript(tokensOf(source))
    return true
  } catch (error) {
    if (error instanceof More) return false
    throw error
  }
}

function tokensOf(source: string): Token[] {
  const found: Token[] = []
  let at = /^#!.*/.exec(source)?.[0].length ?? 0
  while (at < source.length) {
    token.lastIndex = at
    const match = token.exec(source)
    if (match === null) throw new More()
    at = token.lastIndex
    const [kind, text] = Object.entries(match.groups ?? {}).find(([, each]) => each !== undefined) ?? []
    if (kind !== undefined && text !== undefined) found.push({ kind: kind as Kind, text })
  }
  return found
}

const literals = ['true', 'false', 'null', 'undefined']
const makersFrom = ['../lib/table.ts', 'dracula-etl/table']
const runFrom = ['../lib/run.ts', 'dracula-etl/run']

function readScript(tokens: readonly Token[]): void {
  let at = 0
  const makers = new Set<string>()
  const constants = new Set<string>()
  let runs = false
  let exported: string | undefined
  let ran = false

  const peek = () => tokens[at]?.text
  const next = (kind?: Kind): string => {
    const found = tokens[at++]
    if (found === undefined || (kind !== undefined && found.kind !== kind)) throw new More()
    return found.text
  }
  const take = (...expected: readonly string[]) => expected.every((each) => next() === each) || fail()
  const skip = (mark: string) => {
    if (peek() !== mark) return false
    at++
    return true
  }

  /** What stands between two marks, with commas between and maybe one behind. */
  function list(end: string, item: () => void): void {
    while (!skip(end)) {
      item()
      if (!skip(',') && peek() !== end) fail()
    }
  }

  function value(): void {
    const { kind, text } = tokens[at] ?? fail()
    at++
    if (kind === 'text' || kind === 'number') return
    if (text === '[') list(']', value)
    else if (text === '{') list('}', member)
    else if (kind !== 'name') fail()
    else if (makers.has(text)) {
      if (skip('(')) list(')', value)
    } else if (!constants.has(text) && !literals.includes(text)) fail()
  }

  function member(): void {
    const { kind, text } = tokens[at] ?? fail()
    if (kind === 'mark') fail()
    if (tokens[at + 1]?.text === ':') {
      at += 2
      value()
      return
    }
    // `{ id }` gives what has that name.
    if (!makers.has(text) && !constants.has(text)) fail()
    at++
  }

  function statement(): void {
    switch (next('name')) {
      case 'import': {
        const names: string[] = []
        take('{')
        list('}', () => names.push(next('name')))
        take('from')
        const path = next('text').slice(1, -1)
        if (makersFrom.includes(path)) for (const each of names) makers.add(each)
        else if (runFrom.includes(path) && names.join() === 'run') runs = true
        else fail()
        return
      }
      case 'const': {
        const given = next('name')
        take('=')
        value()
        constants.add(given)
        return
      }
      case 'export':
        take('default')
        exported = next('name')
        if (!constants.has(exported)) fail()
        return
      case 'if':
        take('(', 'import', '.', 'meta', '.', 'main', ')', 'await', 'run', '(', exported ?? fail(), ')')
        ran = runs
        return
      default:
        fail()
    }
  }

  while (at < tokens.length) {
    statement()
    while (skip(';'));
  }
  if (!ran) fail()
}

function fail(): never {
  throw new More()
}
