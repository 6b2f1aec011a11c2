/**
 * The tables there are: one script each, found by looking into the project's `scripts/`. For checks and commands, the only
 * ones that may know scripts.
 */
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import { declarationIn } from './declaration-in.ts'
import { declaresOnly } from './declares-only.ts'
import { type Examination, examineScripts, openExamination } from './examine.ts'
import { project } from './project.ts'
import type { Table } from './table.ts'

/**
 * Names of all scripts, sorted: each file of the folder that ends with `.ts` is to be a table, and `brokenScripts` says
 * which are not. What scripts share lies in folders below it.
 * @param folder where the scripts are
 * @throws Failure (2) for one that cannot be read
 */
export async function tableNames(folder = project().scripts): Promise<string[]> {
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

/** The script of a table, absolute, whether it is there or not. */
export function scriptFile(name: string, folder = project().scripts): string {
  return join(folder, `${name}.ts`)
}

/**
 * The declarations of the named tables, in that order; of all when none is named.
 * @throws Failure (2) for a name that no script has, (3) for a script that declares no such table
 */
export async function findTables(names: readonly string[], folder = project().scripts): Promise<Table[]> {
  const known = await requireScripts(names, folder)
  const wanted = names.length === 0 ? known : [...new Set(names)]
  requireSound(await examineScripts(wanted, folder))
  return Promise.all(wanted.map((name) => declarationIn(scriptFile(name, folder), name)))
}

/** @returns the names of all scripts. @throws Failure (2) for a name that no script has */
export async function requireScripts(
  names: readonly string[],
  folder = project().scripts,
): Promise<readonly string[]> {
  const known = await tableNames(folder)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return known
  throw new Failure({
    exit: 2,
    act: 'find the table',
    thing: unknown,
    reason: 'no script has that name',
    advice: `Known are: ${known.join(', ') || 'none'}.`,
  })
}

/** What is wrong with those of the named scripts that are no tables, by name. */
export function brokenScripts(
  names: readonly string[],
  folder = project().scripts,
): Promise<ReadonlyMap<string, Failure>> {
  return examineScripts(names, folder)
}

/** The same one by one, for those who cannot wait for all. */
export function examination(folder = project().scripts): Examination {
  return openExamination(folder)
}

/** Whether the named script does nothing but declare its table, so that to import it is to run nothing of its own. */
export async function onlyDeclares(name: string, folder = project().scripts): Promise<boolean> {
  const source = await Bun.file(scriptFile(name, folder))
    .text()
    .catch(() => '')
  return declaresOnly(source)
}

/** @throws Failure (3) that tells of all that are broken, and of what to do about the first */
export function requireSound(broken: ReadonlyMap<string, Failure>): void {
  const [first, ...others] = broken.values()
  if (first === undefined) return
  if (others.length === 0) throw first
  throw new Failure({
    ...first.detail,
    reason: [first.detail.reason, ...others.map(({ summary }) => summary)].join('; '),
    cause: first.cause,
  })
}
