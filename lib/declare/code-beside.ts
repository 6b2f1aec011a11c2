/** The code that functions of a script may call or close over: what stands beside its table, and all modules that it imports. */
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { codeOf } from './code-of.ts'
import { ownFolder } from './project.ts'
import type { Table } from './table.ts'

const room = join(ownFolder, 'lib')

/** What every script imports: what these make of a declaration, a table shows itself. */
const surface: ReadonlySet<string> = new Set([join(room, 'table.ts'), join(room, 'run.ts')])

/** Its name as a part of a recipe. */
export const codePart = 'code that its functions use'

const transpiler = new Bun.Transpiler({ loader: 'ts', minifyWhitespace: true })

/**
 * Comments, types, layout and the declaration itself are not in it; the packages that it imports are, as they lie there.
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
  const ofPackage = isOfPackage(from)
  for (const path of importedBy(text, ofPackage)) {
    const found = resolved(path, from, ofPackage)
    if (found === undefined || code.has(found) || surface.has(found)) continue
    // Dracula names the exact versions of the packages that it needs.
    if (isOwn(from) && !isOwn(found)) continue
    const file = Bun.file(found)
    const isCode = /\.[cm]?[jt]sx?$/.test(found)
    const imported = isCode
      ? withoutInterpreter(await file.text())
      : Bun.hash(await file.bytes()).toString(36)
    code.set(found, isCode && !isOfPackage(found) ? plain(imported) : imported)
    if (isCode) await addImports(found, imported, code)
  }
}

/** A package may be in a dialect that is not read here, or ask for what is not installed; a script would not run so. */
function importedBy(text: string, ofPackage: boolean): string[] {
  try {
    return transpiler.scanImports(text).map(({ path }) => path)
  } catch (error) {
    if (ofPackage) return []
    throw error
  }
}

/** @returns undefined: it comes with Bun, or is not there */
function resolved(path: string, from: string, ofPackage: boolean): string | undefined {
  if (isBuiltin(path) || path === 'bun' || path.startsWith('bun:')) return undefined
  try {
    return Bun.resolveSync(path, dirname(from))
  } catch (error) {
    if (ofPackage) return undefined
    throw error
  }
}

function isOwn(path: string): boolean {
  return path.startsWith(`${room}/`)
}

/** A workspace's own packages are linked, and lie where their code is written. */
function isOfPackage(path: string): boolean {
  return !isOwn(path) && path.split(/[/\\]/).includes('node_modules')
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
