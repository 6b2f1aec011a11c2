/** What changed in the database since a script was written. */
import { Failure } from '../../failure.ts'
import { compareDeclaration } from '../../postgres/compare.ts'
import { slackOf } from '../../postgres/slack.ts'
import { oneLine } from '../../run/failure-report.ts'
import { writeRelationName } from '../../table/relation-name.ts'
import type { Table } from '../../table.ts'
import { findTables, tableNames } from '../../tables.ts'
import { type InspectOptions, inspect } from './inspect.ts'

/**
 * Finds the script by its own name, or by that of the table it reads; of a schema, by the latter alone.
 * @throws Failure (2) if there is none
 */
export async function findScript(given: string, schema: string | undefined, folder: string): Promise<Table> {
  const names = await tableNames(folder)
  const isScript = schema === undefined && names.includes(given)
  const tables = await findTables(isScript ? [given] : [], folder)
  const reads = ({ source }: Table) => {
    if (source.query !== undefined) return false
    if (schema !== undefined) return source.schema === schema && source.name === given
    return [source.name, `${source.schema}.${source.name}`, writeRelationName(source)].includes(given)
  }
  const found = tables.find((table) => (isScript && table.name === given) || reads(table))
  if (found !== undefined) return found
  const [refused] = await findTables([given], folder)
  return refused!
}

/** Lines for people, the ones to paste among them; none: nothing changed. */
interface Differences {
  /** What the script has to follow, for a load to say everything there is. */
  readonly due: readonly string[]
  /** What it may follow. */
  readonly optional: readonly string[]
}

export async function differences(table: Table, options: InspectOptions): Promise<Differences> {
  if (table.source.query !== undefined) throw readsQuery(table)
  const { source, columns } = await inspect(
    table.source,
    options,
    (source) => compareDeclaration(table, source).extra,
  )
  const { mismatches } = compareDeclaration(table, source)
  const due = [
    ...mismatches.flatMap(({ column, reason, paste }) => [
      `  // ${oneLine(column)} ${reason}${paste === undefined ? ': remove it' : ''}`,
      ...(paste === undefined ? [] : [`  ${paste}`]),
    ]),
    ...columns.flatMap(({ column, line }) => [
      `  // ${oneLine(column)} is new: declare it, or name it under ignore`,
      `  ${line}`,
    ]),
  ]
  const optional = slackOf(table, source).flatMap(({ column, reason, paste }) => [
    `  // ${oneLine(column)} ${reason}: it may stay as it is, or become`,
    `  ${paste}`,
  ])
  return { due, optional }
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
