/**
 * The tables there are: one script each, found by looking into `scripts/`. For checks and commands, the only
 * ones that may know scripts.
 */
import { join } from 'node:path'
import { Failure, fileReason } from '../failure/failure.ts'
import type { Table } from './table.ts'
import { brokenScript, unusableScript } from './unusable.ts'

const scripts = join(import.meta.dir, '../../scripts')

/**
 * Names of all tables, sorted.
 * @param folder where the scripts are
 * @throws Failure (2) for one that cannot be read
 */
export async function tableNames(folder = scripts): Promise<string[]> {
  const files = await Array.fromAsync(new Bun.Glob('*.ts').scan(folder)).catch((cause: unknown) => {
    throw unreadable(folder, cause)
  })
  return files.map((file) => file.slice(0, -'.ts'.length)).toSorted()
}

function unreadable(folder: string, cause: unknown): Failure {
  return new Failure({
    exit: 2,
    act: 'look for scripts in',
    thing: folder,
    reason: fileReason(cause),
    advice: 'Name a folder that exists and can be read.',
    cause,
  })
}

/**
 * The declarations of the named tables, in that order; of all when none is named.
 * @throws Failure (2) for a name that no script has, (3) for a script that declares no such table
 */
export async function findTables(names: readonly string[], folder = scripts): Promise<Table[]> {
  const known = await tableNames(folder)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new Failure({
      exit: 2,
      act: 'find the table',
      thing: unknown,
      reason: 'no script has that name',
      advice: `Known are: ${known.join(', ') || 'none'}.`,
    })
  }
  const wanted = names.length === 0 ? known : [...new Set(names)]
  return Promise.all(wanted.map((name) => declarationIn(join(folder, `${name}.ts`), name)))
}

async function declarationIn(path: string, name: string): Promise<Table> {
  const script: { default?: unknown } = await import(path).catch((cause: unknown) => {
    throw brokenScript(name, cause)
  })
  const table = script.default
  if (!isTable(table)) throw unusableScript(name, 'its default export is no table')
  if (table.name !== name) throw unusableScript(name, `it declares "${table.name}"`)
  return table
}

function isTable(value: unknown): value is Table {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'columns' in value && 'source' in value
  )
}
