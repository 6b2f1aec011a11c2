/**
 * `evolve: 'add'`: columns that a source has got are written into the script, and then loaded as any others. What is
 * written is imported first: the script changes if it declares what it did, with these columns, and compiles.
 */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { addColumns } from '../../declare/add-columns.ts'
import { declarationIn } from '../../declare/declaration-in.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { fileReason } from '../../failure/file-reason.ts'
import type { NewColumn } from './new-columns.ts'

export interface EvolveOptions {
  /** The script, absolute. */
  readonly script: string | undefined
  /** Throws what the compiler has against the script as it is by now. */
  readonly requireTypes: () => Promise<void>
}

/**
 * @param added one column at the least
 * @returns the table as the script declares it by now
 * @throws Failure (3) with the lines to paste, where the script cannot be changed for sure; it is as it was then. (1) where
 * somebody else has changed it meanwhile
 */
export async function evolveScript(
  table: Table,
  added: readonly NewColumn[],
  { script, requireTypes }: EvolveOptions,
): Promise<Table> {
  const refused = (reason: string, cause?: unknown) => cannotAdd(table, added, reason, cause)
  if (script === undefined) throw refused('the table is of no script')
  const before = await readFile(script, 'utf8').catch((cause: unknown) => {
    throw refused(`it cannot be read: ${fileReason(cause)}`, cause)
  })
  const lines = added.map(({ line }) => line)
  const after = addColumns(before, lines)
  if (after === undefined) throw refused('its columns are not listed in one columns: {…} of one table({…})')
  const trial = join(dirname(script), `.${basename(script, '.ts')}.${randomUUID()}.ts`)
  const isWhole = async () => (await readFile(script, 'utf8')) === before
  try {
    const { mode } = await stat(script)
    await writeFile(trial, after, { flag: 'wx', mode })
    const evolved = await declarationIn(trial, table.name).catch((cause: unknown) => {
      throw refused('it would no longer declare its table', cause)
    })
    if (!hasOnly(evolved, table, added)) throw refused('it would declare something else besides')
    if (!(await isWhole())) throw changedMeanwhile(table)
    await rename(trial, script)
    await requireTypes().catch(async (cause: unknown) => {
      await writeFile(script, before)
      throw refused('it would not compile', cause)
    })
    return evolved
  } catch (error) {
    if (error instanceof Failure) throw error
    throw refused(`it cannot be written: ${fileReason(error)}`, error)
  } finally {
    await rm(trial, { force: true }).catch(() => {})
  }
}

/** Whether it is the table as it was, with these columns behind the others. */
function hasOnly(evolved: Table, table: Table, added: readonly NewColumn[]): boolean {
  const names = [...Object.keys(table.columns), ...added.map(({ name }) => name)]
  const old = Object.fromEntries(Object.entries(evolved.columns).slice(0, -added.length))
  return (
    Bun.deepEquals(Object.keys(evolved.columns), names) &&
    Bun.deepEquals(plain(old), plain(table.columns)) &&
    added.every(({ name }) => evolved.columns[name]?.nullable === true && name in evolved.output) &&
    Bun.deepEquals(restOf(evolved), restOf(table))
  )
}

function plain(columns: Table['columns']) {
  return Object.entries(columns).map(([name, { script, nullable, source, lossy, element }]) => ({
    ...{ name, script, nullable, source, lossy, element: element?.script },
  }))
}

/** Functions of a module that is imported twice are not the same. */
function restOf({ columns: _, output: __, lookups, derive, filter, ...rest }: Table) {
  return {
    ...rest,
    lookups: Object.keys(lookups),
    derive: Object.entries(derive).map(([name, { type, value }]) => [name, type.script, String(value)]),
    filter: filter && String(filter),
  }
}

/** Another load may have written the same just now. */
function changedMeanwhile({ name }: Table): Failure {
  return new Failure({
    exit: 1,
    act: 'add new columns to',
    thing: `scripts/${name}.ts`,
    reason: 'somebody else has changed it meanwhile',
    advice: 'Run it again.',
  })
}

function cannotAdd({ name }: Table, added: readonly NewColumn[], reason: string, cause: unknown): Failure {
  return new Failure({
    exit: 3,
    act: 'add new columns to',
    thing: `scripts/${name}.ts`,
    reason,
    advice: `Write there under columns: ${added.map(({ line }) => line).join(' ')}`,
    cause,
  })
}
