/** What changed in the database since a script was written. */

import { oneLine } from '../../cli/reported-failure.ts'
import { findTables, tableNames } from '../../declare/find-tables.ts'
import { writeRelationName } from '../../declare/relation-name.ts'
import type { Table } from '../../declare/table.ts'
import { checkLine } from '../../failure/command-line.ts'
import { Failure } from '../../failure/failure.ts'
import { namesOf } from '../../load/evolve/new-columns.ts'
import { compareDeclaration } from '../../postgres/compare.ts'
import { declarationLine, renamed } from '../../postgres/declaration-of.ts'
import { overwideColumns } from '../../postgres/overwide.ts'
import { type Unbounded, unboundedNumerics } from '../../postgres/unbounded.ts'
import { placePersonal } from './draft.ts'
import { type Inspected, type InspectOptions, inspect } from './inspect.ts'

/**
 * Finds the script by its own name, or by that of the table it reads; of a schema, by the latter alone.
 * @throws Failure (2) if there is none
 */
export async function findScript(given: string, schema: string | undefined, folder: string): Promise<Table> {
  const names = await tableNames(folder)
  const isScript = schema === undefined && names.includes(given)
  const tables = await findTables(isScript ? [given] : [], folder)
  const reads = ({ source }: Table) => {
    if (source.schema === undefined) return false
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
  if (table.source.schema === undefined) throw readsQuery(table)
  const { source, columns, measured } = await inspect(table.source, options, (source) => ({
    columns: [
      ...compareDeclaration(table, source).extra,
      ...unboundedNumerics(table, source).map((numeric) => numeric.source),
    ],
    named: namesOf(table),
  }))
  const { mismatches, extra } = compareDeclaration(table, source)
  const added = columns.filter(({ column }) => extra.includes(column))
  const tight = tightNumerics({ table, source, columns, measured })
  const due = [
    ...mismatches.flatMap(({ column, reason, paste }) => [
      `  // ${oneLine(column)} ${reason}${paste === undefined ? ': remove it' : ''}`,
      ...(paste === undefined ? [] : [`  ${paste}`]),
    ]),
    ...tight.due,
    ...added.flatMap((draft) => {
      const { line } = placePersonal(draft, 'hashed')
      const what = { personal: ' and speaks of personal data', secret: ' and speaks of a secret' }
      const [is, either] =
        draft.sensitivity === undefined
          ? ['', 'declare it, or name it under ignore']
          : [what[draft.sensitivity], 'name it under ignore, or hide it']
      return [`  // ${oneLine(draft.column)} is new${is}: ${either}`, `  ${line}`]
    }),
  ]
  const overwide = overwideColumns(table, source).flatMap(({ column, reason, paste }) => [
    `  // ${oneLine(column)} ${reason}: it may stay as it is, or become`,
    `  ${paste}`,
  ])
  return { due, optional: [...overwide, ...tight.optional] }
}

/** Numerics without precision in Postgres for whose values the script has no room, today or soon. */
function tightNumerics({
  table,
  source,
  columns,
  measured,
}: Pick<Inspected, 'source' | 'columns' | 'measured'> & { readonly table: Table }): Differences {
  const lines = { due: [] as string[], optional: [] as string[] }
  const unchanged = overwideColumns(table, source).map(({ column }) => column)
  for (const numeric of unboundedNumerics(table, source)) {
    const digits = measured?.get(numeric.source)?.digits
    const draft = columns.find(({ column }) => column === numeric.source)
    const declared = table.columns[numeric.column]
    if (digits === undefined || draft === undefined || declared === undefined) continue
    const { integer, scale } = digits
    const type = renamed(draft.type, declared.source)
    const line = `  ${declarationLine(numeric.column, type, declared.nullable)}`
    const has = `has up to ${integer} digits before the point and ${scale} after`
    if (integer > numeric.integer || scale > numeric.scale) {
      lines.due.push(`  // ${numeric.column} ${has}, for which ${numeric.type} has no room`, line)
    } else if (!unchanged.includes(numeric.column) && isRoomier(draft.type, numeric)) {
      lines.optional.push(
        `  // ${numeric.column} ${has}, and Postgres sets no bound: it may stay ${numeric.type}, or have more room`,
        line,
      )
    }
  }
  return lines
}

/** Whether this expression has room for all that the declaration has, and for more. */
function isRoomier(type: string, { integer, scale }: Unbounded): boolean {
  const [, precision, after] = /numeric\((\d+), (\d+)\)/.exec(type) ?? []
  if (precision === undefined || after === undefined) return false
  const before = Number(precision) - Number(after)
  return before >= integer && Number(after) >= scale && before + Number(after) > integer + scale
}

function readsQuery({ name, source }: Table): Failure {
  return new Failure({
    exit: 2,
    act: 'compare',
    thing: `scripts/${name}.ts`,
    reason: `it reads ${source.tenants === undefined ? 'a query' : 'the tables of tenants'}, not a table`,
    advice: `Compare what it declares with: ${checkLine(`schema ${name}`)}`,
  })
}
