/** What a script says in doc comments above its table, and above columns that are read or derived: for readers of the lake. */
import { codeOf, type DocComment, docCommentsIn } from './code-of.ts'
import { grain } from './grain.ts'
import { type Braces, deeper, optionBraces, tableCall } from './option-braces.ts'

export interface DocComments {
  readonly table: string | undefined
  /** By the name in the lake. */
  readonly columns: ReadonlyMap<string, string>
}

/**
 * Nothing where it is not clear what a comment is about, as in a script that calls `table()` twice.
 * @param text of the script
 */
export function docComments(text: string): DocComments {
  const code = codeOf(text)
  const comments = docCommentsIn(text)
  const blocks = ['columns', 'derive'].flatMap((option) => optionBraces(code, option) ?? [])
  const columns = comments.flatMap((comment) => {
    const block = blocks.find(({ open, close }) => open < comment.start && comment.end <= close)
    const name = block && propertyBehind(text, code, comment, block)
    return name === undefined || comment.text === '' ? [] : [[name, comment.text] as const]
  })
  return { table: aboveTable(code, comments), columns: new Map(columns) }
}

/** What stands between a table's comment and its call. */
const statement =
  /^\s*(?:export\s+(?:default\s+)?)?(?:(?:const|let|var)\s+[\w$]+[^=;(){}]*=\s*)?(?:await\s+run\s*\(\s*)?$/

function aboveTable(code: string, comments: readonly DocComment[]): string | undefined {
  const call = tableCall(code)
  if (call === undefined) return undefined
  const last = comments.findLast(({ end }) => end <= call.start)
  if (last === undefined || !statement.test(code.slice(last.end, call.start))) return undefined
  const text = last.text.replace(grain, '').trim()
  return text === '' ? undefined : text
}

/** @returns its name; undefined: the comment stands behind another one, or inside of it */
function propertyBehind(
  text: string,
  code: string,
  { start, end }: DocComment,
  { open }: Braces,
): string | undefined {
  let depth = 0
  for (const mark of code.slice(open, start)) depth += deeper(mark)
  if (depth !== 1) return undefined
  const [lineBefore = ''] = /[^\n]*$/.exec(code.slice(open + 1, start)) ?? []
  const endsLine = /^[ \t]*(?:\/\/.*)?\n/.test(text.slice(end))
  if (endsLine && lineBefore.trim() !== '') return undefined
  const behind = text.slice(end).replace(/^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/, '')
  const [, bare, single, double] = /^(?:([\w$]+)|'([\w$]+)'|"([\w$]+)")\s*(?=[:,}])/.exec(behind) ?? []
  return bare ?? single ?? double
}
