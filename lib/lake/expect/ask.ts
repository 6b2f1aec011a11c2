/** Has Athena look at a staged load for what its script expects, before any reader sees it. */
import { queryCalls, runQuery } from '../../aws/athena.ts'
import type { Call } from '../../aws/calls.ts'
import type { RowExpectation } from '../../declare/expectation.ts'
import { toldColumns } from '../../declare/hidden-columns.ts'
import type { Table } from '../../declare/table.ts'
import { stagedName, tableFolder } from '../layout.ts'
import type { LoadNames, LoadPlace, TablePlace } from '../names.ts'
import { answersIn, type Examined } from './answer.ts'
import { type AskedTable, expectationQuery, isKey } from './query.ts'

const timeoutMs = 15 * 60_000

/** @param expectations one at the least @throws Failure as `runQuery` */
export async function askExpectations(
  { aws, config, load, signal }: LoadPlace,
  table: Table,
  expectations: readonly RowExpectation[],
): Promise<Examined> {
  const { rows, bytesScanned } = await runQuery(aws, {
    sql: queryFor(table, expectations, { load, database: config.glueDatabase }),
    ...{ database: config.stagingDatabase, workgroup: config.workgroup, output: config.athenaOutput },
    ...{ timeoutMs, signal },
  })
  return { answers: answersIn(rows[0], expectations), bytesScanned }
}

/** The same of what readers see. @throws Failure as `runQuery` */
export async function askPublished(
  { aws, config }: TablePlace,
  table: Table,
  expectations: readonly RowExpectation[],
  signal: AbortSignal,
): Promise<Examined> {
  const database = config.glueDatabase
  const { rows, bytesScanned } = await runQuery(aws, {
    sql: expectationQuery(askedOf(table, table.name, database), expectations),
    ...{ database, workgroup: config.workgroup, output: config.athenaOutput, timeoutMs, signal },
  })
  return { answers: answersIn(rows[0], expectations), bytesScanned }
}

/** @param database that readers use */
export function queryFor(
  table: Table,
  expectations: readonly RowExpectation[],
  { load, database }: { readonly load: string; readonly database: string },
): string {
  return expectationQuery(askedOf(table, stagedName(table.name, load), database), expectations)
}

function askedOf(table: Table, staged: string, database: string): AskedTable {
  const { name, output, format } = table
  const told = toldColumns(table)
  return { name, staged, database, output, hasZones: format === 'iceberg', told, key: keyOf(table, told) }
}

/** The column that tells one row from another, as far as the script says. */
function keyOf({ output, incremental, expectations }: Table, told: ReadonlySet<string>): string | undefined {
  const unique = expectations.flatMap((each) =>
    each.kind === 'unique' && each.columns.length === 1 ? each.columns : [],
  )
  return [incremental?.key, ...unique].find((name) => name !== undefined && isKey({ output, told }, name))
}

export function askExpectationsCalls(names: LoadNames): Call[] {
  const { lake, table, load, references = ['<table>'] } = names
  const { bucket, prefix, stagingDatabase, glueDatabase, workgroup, athenaOutput: output } = lake
  const query = (database: string, asked: string, key: string) =>
    queryCalls({ database, table: asked, workgroup, output, folder: { bucket, key } })
  const others = references.flatMap((each) =>
    query(glueDatabase, each, tableFolder(prefix, each)).filter(({ by }) => by === 'athena'),
  )
  return [...query(stagingDatabase, stagedName(table, load), tableFolder(prefix, table)), ...others]
}
