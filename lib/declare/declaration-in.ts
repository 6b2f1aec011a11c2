/** The table that a script declares: imported, never run. */
import { importing } from './importing.ts'
import { describeNoTable, isTable } from './is-table.ts'
import type { Table } from './table.ts'
import { brokenScript, unusableScript } from './unusable.ts'

/** @throws Failure (3) for a script that cannot be imported, or declares no table of its own name */
export async function declarationIn(path: string, name: string): Promise<Table> {
  if (!(await mayDeclare(path))) throw unusableScript(name, 'it has no default export')
  const script: { default?: unknown } = await importing(() => import(path)).catch((cause: unknown) => {
    throw brokenScript(name, cause)
  })
  const table = script.default
  if (table === undefined) throw unusableScript(name, 'it has no default export')
  if (!isTable(table)) throw unusableScript(name, `its default export ${describeNoTable(table)}`)
  if (table.name !== name) throw unusableScript(name, `it declares "${table.name}"`)
  return table
}

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/**
 * Whether it has a default export by its text, as a program that lies among scripts is not to be run to find out that it
 * declares no table. What cannot be read or parsed, the import says.
 */
async function mayDeclare(path: string): Promise<boolean> {
  try {
    const text = await Bun.file(path).text()
    return transpiler.scan(text.replace(/^#!.*/, '')).exports.includes('default')
  } catch {
    return true
  }
}
