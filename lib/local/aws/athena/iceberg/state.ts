/** Which snapshot of a table a query means, and the columns it has there. */
import {
  currentSchema,
  currentSnapshot,
  type Snapshot,
  schemaOf,
  snapshotById,
} from '../../../../iceberg/metadata.ts'
import type { Schema } from '../../../../iceberg/schema.ts'
import { snapshotAsOf } from '../../../../iceberg/snapshot.ts'
import type { Answering } from '../../engine.ts'
import { QueryFailure } from '../failure.ts'
import type { IcebergTable } from './tables.ts'
import type { AsOf } from './time-travel.ts'

/** What a query sees of a table: its columns, and the snapshot its rows are of; undefined: it never had rows. */
export interface TableState {
  readonly table: IcebergTable
  readonly schema: Schema
  readonly snapshot: Snapshot | undefined
}

/**
 * The table as of a version or a moment, with the columns it had then; else as it is.
 * @throws QueryFailure INVALID_ARGUMENTS where there is no such snapshot
 */
export async function stateOf(
  engine: Answering,
  table: IcebergTable,
  asOf: AsOf | undefined,
): Promise<TableState> {
  const { metadata } = table
  if (asOf === undefined) {
    return { table, schema: currentSchema(metadata), snapshot: currentSnapshot(metadata) }
  }
  const snapshot =
    asOf.kind === 'version' ? versionOf(table, asOf.version) : await snapshotAt(engine, table, asOf.moment)
  return { table, schema: schemaOf(metadata, snapshot), snapshot }
}

/** @param version digits of an id, or the name of a branch or a tag */
function versionOf({ metadata }: IcebergTable, version: string): Snapshot {
  const reference = metadata.refs?.[version]?.['snapshot-id']
  const id = reference ?? (/^\d{1,19}$/.test(version) ? BigInt(version) : undefined)
  const found = id === undefined ? undefined : snapshotById(metadata, id)
  if (found !== undefined) return found
  throw new QueryFailure(
    /^\d+$/.test(version)
      ? `INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: ${version}`
      : `INVALID_ARGUMENTS: Cannot find snapshot with reference name: ${version}`,
  )
}

async function snapshotAt(
  engine: Answering,
  { name, metadata }: IcebergTable,
  moment: string,
): Promise<Snapshot> {
  const [row] = await engine.rows(`select epoch_ms(cast(${moment} as timestamptz)) as ms`)
  const ms = row?.['ms']
  if (typeof ms !== 'bigint') throw new QueryFailure('INVALID_ARGUMENTS: Pointer value cannot be NULL')
  const found = snapshotAsOf(metadata, Number(ms))
  if (found !== undefined) return found
  const [database = '', table = ''] = name.split('.')
  throw new QueryFailure(
    `INVALID_ARGUMENTS: No version history table "${database}"."${table}" at or before ${new Date(Number(ms)).toISOString()}`,
  )
}
