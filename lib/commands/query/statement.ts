/** What `query` asks: one statement, of those that change nothing. */
import { commandLine } from '../../failure/command-line.ts'
import { Failure } from '../../failure/failure.ts'

export interface Statement {
  /** The text that was given, without the semicolon at its end. */
  readonly sql: string
  /** Whether Athena bills what it reads: not what only asks the catalog (Amazon Athena pricing, "Per query"). */
  readonly billed: boolean
}

/** Literals, names in quotes and comments, in which no word counts; else a word, or one character. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_]\w*|[\s\S]/g

const queries = ['SELECT', 'WITH', 'VALUES', 'TABLE']
const ofCatalog = ['SHOW', 'DESCRIBE', 'DESC']

/** @throws Failure (2) for what is empty, more than one statement, or may change something */
export function readingStatement(text: string): Statement {
  const found = [...text.matchAll(tokens)].filter(([token]) => !/^(?:\s|--|\/\*)/.test(token))
  const end = found.find(([token]) => token === ';')
  const words = found.map(([token]) => token.toUpperCase())
  if (words.every((word) => word === ';')) {
    const advice = `Give it as one argument: ${commandLine("query 'select count(*) from orders'")}`
    throw refused(text, 'it is empty', advice)
  }
  const last = words.findLastIndex((word) => word !== ';')
  if (words.slice(0, last).includes(';'))
    throw refused(text, 'it is more than one statement', 'Ask one after the other.')
  const [first = '', second] = words.filter((word) => word !== '(')
  // What EXPLAIN ANALYZE explains is run.
  const explained = first === 'EXPLAIN' ? explainedWord(words) : first
  if (![...queries, ...ofCatalog].includes(explained)) {
    const reason = `${explained === '' ? 'it' : explained} is not one of ${[...queries, ...ofCatalog, 'EXPLAIN'].join(', ')}`
    const advice = "This only reads. Use Athena's console or the AWS CLI for what changes something."
    throw refused(text, reason, advice)
  }
  const analyzed = first === 'EXPLAIN' && second === 'ANALYZE'
  return {
    sql: (end === undefined ? text : text.slice(0, end.index)).trim(),
    billed: queries.includes(first) || analyzed,
  }
}

/** The first word of what `EXPLAIN [ANALYZE] [VERBOSE] [(options)]` explains. */
function explainedWord(words: readonly string[]): string {
  const text = words
    .join(' ')
    .replace(/^[( ]*EXPLAIN( ANALYZE)?( VERBOSE)?( \((?: \w+)+(?: ,(?: \w+)+)* \))?/, '')
  return /^[( ]*(\w+)/.exec(text)?.[1] ?? ''
}

function refused(text: string, reason: string, advice: string): Failure {
  const thing = text.length > 100 ? `${text.slice(0, 100)}…` : text
  return new Failure({ exit: 2, act: 'ask', thing, reason, advice })
}
