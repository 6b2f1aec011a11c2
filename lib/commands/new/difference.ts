/** What changed in the database since a script was written. */
import { Failure } from '../../failure.ts'
import { compareDeclaration } from '../../postgres/compare.ts'
import { sourceInWords } from '../../table/selection.ts'
import type { Table } from '../../table.ts'
import { findTables, tableNames } from '../../tables.ts'
import { type InspectOptions, inspect } from './inspect.ts'

/**
 * Finds the script by its own name, or by that of the table it reads.
 * @throws Failure (2) if there is none
 */
export async function findScript(given: string, folder: string): Promise<Table> {
  const names = await tableNames(folder)
  const tables = await findTables(names.includes(given) ? [given] : [], folder)
  const reads = ({ source }: Table) =>
    source.query === undefined && (given === source.name || given === sourceInWords(source))
  const found = tables.find((table) => table.name === given || reads(table))
  if (found !== undefined) return found
  const [refused] = await findTables([given], folder)
  return refused!
}

/** Lines for people, the ones to paste among them; none: nothing changed. */
export async function differences(table: Table, options: InspectOptions): Promise<string[]> {
  if (table.source.query !== undefined) throw readsQuery(table)
  const { source, columns } = await inspect(
    table.source,
    options,
    (source) => compareDeclaration(table, source).extra,
  )
  const { mismatches } = compareDeclaration(table, source)
  return [
    ...mismatches.flatMap(({ column, reason, paste }) => [
      `  // ${column} ${reason}${paste === undefined ? ': remove it' : ''}`,
      ...(paste === undefined ? [] : [`  ${paste}`]),
    ]),
    ...columns.flatMap(({ column, line }) => [
      `  // ${column} is new: declare it, or name it under ignore`,
      `  ${line}`,
    ]),
  ]
}

function readsQuery({ name }: Table): Failure {
  return new Failure({
    exit: 2,
    act: 'compare',
    thing: `scripts/${name}.ts`,
    reason: 'it reads a query, not a table',
    advice: `Compare what it declares with: bun checks/schema.ts ${name}`,
  })
}
