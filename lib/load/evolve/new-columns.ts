/** Columns that a source has got since a script was written, as the script would have them. */
import type { DatabaseConfig } from '../../config/config.ts'
import { sensitivityOf } from '../../declare/personal-data.ts'
import type { Table } from '../../declare/table.ts'
import { compareDeclaration } from '../../postgres/compare.ts'
import { openReader } from '../../postgres/connect.ts'
import { declarationLine, renamed, typeOfSource } from '../../postgres/declaration-of.ts'
import { describeColumns } from '../../postgres/describe.ts'
import { legalNames } from '../../postgres/legal-name.ts'
import { readableColumns } from '../../postgres/readable-columns.ts'
import { beginStatements } from '../../postgres/session-settings.ts'

export interface NewColumn {
  /** In the lake. */
  readonly name: string
  /** `city: nullable(text),` */
  readonly line: string
}

const lookingUp = { isolation: 'read committed', deadlineMs: 60_000 } as const

/**
 * Those that may be null, that this role may read, and whose names do not speak of personal data: of others, rows that are in the lake would lack values, or the load
 * its right.
 * @throws Failure as Postgres fails, (3) where there is no such source
 */
export async function newColumns(
  table: Table,
  database: DatabaseConfig,
  signal: AbortSignal,
): Promise<NewColumn[]> {
  const { source } = table
  if (source.schema === undefined) return []
  const reader = await openReader(database, { applicationName: `dracula/${table.name}/evolve`, signal })
  try {
    await reader.query(beginStatements(lookingUp))
    const { columns } = await describeColumns(reader, source)
    const { extra } = compareDeclaration(table, { columns })
    if (extra.length === 0) return []
    const readable = await readableColumns(reader, source)
    const names = legalNames(
      columns.map(({ name }) => name),
      namesOf(table),
    )
    return columns.flatMap((column) => {
      if (!extra.includes(column.name) || !readable.has(column.name) || column.notNull === true) return []
      // Whether anybody is to see it, its author says.
      if (sensitivityOf(column.name, column) !== undefined) return []
      const name = names.get(column.name) ?? column.name
      const type = renamed(typeOfSource(column), name === column.name ? undefined : column.name)
      return [{ name, line: declarationLine(name, type, true) }]
    })
  } finally {
    await reader.close()
  }
}

/** Names in the lake, by those in Postgres; a derived column's is nobody's there. */
export function namesOf({ columns, derive }: Pick<Table, 'columns' | 'derive'>): ReadonlyMap<string, string> {
  return new Map([
    ...Object.keys(derive).map((name) => [`derived ${name}`, name] as const),
    ...Object.entries(columns).map(([name, { source }]) => [source ?? name, name] as const),
  ])
}
