/** The code that functions of a script may call or close over: what stands beside its table, and all modules that it imports. */
import { dirname, join } from 'node:path'
import { codeOf } from './code-of.ts'
import type { Table } from './table.ts'

const room = join(import.meta.dir, '..')

/** What every script imports: what these make of a declaration, a table shows itself. */
const surface: ReadonlySet<string> = new Set([join(room, 'table.ts'), join(room, 'run.ts')])

/** Its name as a part of a recipe. */
export const codePart = 'code that its functions use'

const transpiler = new Bun.Transpiler({ loader: 'ts', minifyWhitespace: true })

/**
 * Comments, types, layout, packages and the declaration itself are not in it.
 * @param script absolute path
 * @returns a hash; undefined: the table has no functions, or there is no such file
 */
export async function codeBeside(table: Table, script: string): Promise<string | undefined> {
  if (!hasFunctions(table)) return undefined
  const file = Bun.file(script)
  if (!(await file.exists())) return undefined
  const text = withoutInterpreter(await file.text())
  const code = new Map([[script, plain(withoutTable(text))]])
  await addImports(script, text, code)
  // In an order of their own, without the folder that the project lies in.
  const texts = [...code.values()].sort()
  return new Bun.CryptoHasher('sha256').update(texts.join('\n')).digest('hex').slice(0, 16)
}

function hasFunctions({ filter, derive, lookups }: Table): boolean {
  if (filter !== undefined || Object.keys(derive).length > 0) return true
  return Object.values(lookups).some((each) => Object.values(each).some((part) => typeof part === 'function'))
}

/** @param code by path; those that are there already are not read again */
async function addImports(from: string, text: string, code: Map<string, string>): Promise<void> {
  for (const { path } of transpiler.scanImports(text)) {
    if (!path.startsWith('.') && !path.startsWith('/')) continue
    const found = Bun.resolveSync(path, dirname(from))
    if (code.has(found) || surface.has(found)) continue
    const imported = withoutInterpreter(await Bun.file(found).text())
    const isCode = /\.[cm]?[jt]s$/.test(found)
    code.set(found, isCode ? plain(imported) : imported)
    if (isCode) await addImports(found, imported, code)
  }
}

/** Scripts begin with one, and a script may import another. */
function withoutInterpreter(text: string): string {
  return text.replace(/^#!.*/, '')
}

/** Imports are named by the code that uses them, and their own code is told apart. */
function plain(text: string): string {
  return transpiler.transformSync(text).replace(/\bimport\b[\w\s{},*$]*(?:'[^']*'|"[^"]*");?/g, '')
}

/** The call whose options are the table's own; without it where it is not found. */
function withoutTable(text: string): string {
  const code = codeOf(text)
  const start = /(?<![.\w$])table\(/.exec(code)?.index
  if (start === undefined) return text
  let depth = 0
  for (let at = start + 'table'.length; at < code.length; at++) {
    if (code[at] === '(') depth++
    if (code[at] === ')' && --depth === 0) return `${text.slice(0, start)}null${text.slice(at + 1)}`
  }
  return text
}
