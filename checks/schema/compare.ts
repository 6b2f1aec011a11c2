/** One script against the database: what does not fit, and the lines to paste. */
import { Failure } from '../../lib/failure.ts'
import { compareDeclaration } from '../../lib/postgres/compare.ts'
import type { Reader } from '../../lib/postgres/connect.ts'
import { declarationLine, renamed, typeOfSource } from '../../lib/postgres/declaration-of.ts'
import { describeColumns, type SourceColumn } from '../../lib/postgres/describe.ts'
import { nearestLegalName } from '../../lib/postgres/legal-name.ts'
import { sourceInWords } from '../../lib/table/selection.ts'
import type { Table } from '../../lib/table.ts'

/** One table in the JSON of the check. */
export interface ComparedSchema {
  readonly table: string
  readonly status: 'ok' | 'differs' | 'no table'
  readonly differences: readonly SchemaDifference[]
  /** What is wrong, a clause each; empty when `status` is ok. */
  readonly findings: readonly string[]
}

export interface SchemaDifference {
  /** In the script's name, or in Postgres' where the script has none. */
  readonly column: string
  readonly reason: string
  /** The line the script should have; null: it should have none, or Athena takes no such name. */
  readonly paste: string | null
  /** The name to list under `ignore` instead, if that is wanted; null where it would not help. */
  readonly or_ignore: string | null
}

/** Reads the catalog only. @throws Failure when that cannot be read */
export async function compareSchema(reader: Reader, table: Table): Promise<ComparedSchema> {
  const { name, source } = table
  let columns: readonly SourceColumn[]
  try {
    columns = (await describeColumns(reader, source)).columns
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.exit !== 3) throw failure
    const findings = [`${sourceInWords(source)}: ${failure.detail.reason}`]
    return { table: name, status: 'no table', differences: [], findings }
  }
  const { mismatches, extra } = compareDeclaration(table, { columns })
  const wrong = mismatches.map(({ column, reason, paste = null }) => ({
    column,
    reason,
    paste,
    or_ignore: null,
  }))
  const unread = columns.filter((column) => extra.includes(column.name)).map(undeclared)
  const differences = [...wrong, ...unread]
  return {
    table: name,
    status: differences.length === 0 ? 'ok' : 'differs',
    differences,
    findings: differences.map(({ column, reason }) => `${column} ${reason}`),
  }
}

function undeclared(column: SourceColumn): SchemaDifference {
  const name = nearestLegalName(column.name)
  const type = renamed(typeOfSource(column), name === column.name ? undefined : column.name)
  return {
    column: column.name,
    reason: 'is not in the script',
    paste: name === undefined ? null : declarationLine(name, type, column.notNull !== true),
    or_ignore: column.name,
  }
}
