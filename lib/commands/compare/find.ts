/** The two tables that are compared, and their columns. */
import { awsFailure } from '../../aws/failure.ts'
import { findDatabase, findTable } from '../../aws/glue.ts'
import { tellMistake } from '../../aws/query-mistake.ts'
import { describeNearest } from '../../declare/nearest.ts'
import { Failure, type FailureDetail } from '../../failure/failure.ts'
import { liveTables } from '../../lake/hive/published.ts'
import { isIceberg } from '../../lake/iceberg/is-iceberg.ts'
import { readPublished } from '../../lake/open.ts'
import { type Asking, columnsOf } from './ask.ts'
import type { TableColumn } from './match.ts'
import { emptyQuery, type SideTable } from './sql.ts'

export interface OurTable {
  /** Whether its timestamps have microseconds. */
  readonly micros: boolean
  /** What readers see. */
  readonly load: string
  readonly snapshotAt: string
}

/** @throws Failure (2) where readers see no load of it */
export async function findOurs({ aws, config, signal }: Asking, table: string): Promise<OurTable> {
  const database = config.glueDatabase
  const published = await readPublished(aws, config, table, signal)
  if (published.kind === 'managed') {
    const live = await found({ aws, signal }, { database, table })
    const { load, snapshotAt } = published
    return { micros: live !== undefined && isIceberg(live), load, snapshotAt }
  }
  const isAbsent = published.kind === 'absent'
  throw new Failure({
    exit: 2,
    act: 'compare',
    thing: table,
    reason: isAbsent
      ? `nothing of it is published in ${database}`
      : `what ${database} has of that name is no load of Dracula`,
    advice: isAbsent ? `Load it: bun scripts/${table}.ts` : 'Load it, with --adopt where that is meant.',
  })
}

/** @throws Failure (2) for one that is not there, with the nearest name that is */
export async function findTheirs(
  { aws, signal }: Asking,
  { database, table }: Pick<SideTable, 'database' | 'table'>,
): Promise<Pick<OurTable, 'micros'>> {
  const live = await found({ aws, signal }, { database, table })
  if (live !== undefined) return { micros: isIceberg(live) }
  const isThere = (await findDatabase(aws, database, signal)) !== undefined
  const names = isThere ? [...(await liveTables(aws, database, signal)).keys()] : []
  throw new Failure({
    exit: 2,
    act: 'compare with',
    thing: `${database}.${table}`,
    reason: isThere
      ? `the database has no such table${describeNearest(table, names)}`
      : 'there is no such database in the Glue catalog of this region and account',
    advice: 'Correct --with, which is a Glue database and a table of it.',
  })
}

async function found(
  { aws, signal }: Pick<Asking, 'aws' | 'signal'>,
  { database, table }: Pick<SideTable, 'database' | 'table'>,
) {
  try {
    return await findTable(aws, { database, table, signal })
  } catch (error) {
    throw awsFailure(error, 'read the table', `${database}.${table}`)
  }
}

/** @throws Failure (1) where readers see another load by now than the one that was found */
export async function requireSameLoad(asking: Asking, table: string, { load }: OurTable): Promise<void> {
  const now = await findOurs(asking, table)
  if (now.load === load) return
  throw new Failure({
    exit: 1,
    act: 'compare',
    thing: table,
    reason: `load ${now.load} was published meanwhile, in place of ${load}`,
    advice: 'Run it again while nobody loads it.',
  })
}

/** @throws Failure (2) for a table that Athena cannot read, and for a condition that it does not take */
export async function readColumns(
  asking: Asking,
  table: SideTable,
  { micros }: Pick<TableColumn, 'micros'>,
): Promise<TableColumn[]> {
  const { database, table: name, where } = table
  const all = emptyQuery({ database, table: name, where: undefined })
  const columns = await columnsOf(asking, all, { micros }).catch((error: unknown) => {
    throw mistakeAs(error, (reason) => ({
      act: 'compare',
      thing: `${database}.${name}`,
      reason: `Athena does not read it: ${reason}`,
      advice: 'Have it be a table that a query reads, or compare another.',
    }))
  })
  if (where === undefined) return columns
  await columnsOf(asking, emptyQuery(table), { micros }).catch((error: unknown) => {
    throw mistakeAs(error, (reason) => ({
      act: 'compare where',
      thing: where,
      reason: `Athena does not take it for ${database}.${name}: ${reason}`,
      advice: `Correct it, or give theirs another by --where-theirs; its columns are ${columns.map((each) => each.name).join(', ')}.`,
    }))
  })
  return columns
}

/** A query that stays wrong, in other words; all other errors as they are. */
function mistakeAs(
  error: unknown,
  words: (reason: string) => Omit<FailureDetail, 'exit' | 'cause'>,
): unknown {
  const mistake = tellMistake(error)
  if (!(mistake instanceof Failure) || mistake === error) return error
  return new Failure({ ...words(mistake.detail.reason), exit: 2, cause: error })
}
