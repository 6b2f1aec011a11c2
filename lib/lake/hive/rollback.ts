/** A rollback: an earlier load is staged, counted and published again as a load is, and the table pinned to it. */
import { type Call, inTrouble } from '../../aws/calls.ts'
import { encryptionCalls } from '../../aws/encryption.ts'
import { awsFailure } from '../../aws/failure.ts'
import { ensureDatabase, ensureDatabaseCalls } from '../../aws/glue.ts'
import { deleteObjects, deleteObjectsCalls, listObjects, putNew, putNewCalls } from '../../aws/objects.ts'
import { Failure } from '../../failure/failure.ts'
import { editTableCalls } from '../edit-table.ts'
import type { RollbackOptions } from '../lake.ts'
import { loadFolder, rollbackKey, stagedName } from '../layout.ts'
import { newLoadId } from '../load-id.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import type { Pin } from '../published.ts'
import { changedMeanwhile, countDiffers, notWhole } from '../rollback-failure.ts'
import type { RollbackRecord } from '../rollback-record.ts'
import {
  createStaged,
  createStagedCalls,
  dropStaged,
  dropStagedCalls,
  stagedTables,
  stagedTablesCalls,
} from '../staged-tables.ts'
import { describeDifference, requireWrittenCalls } from '../written.ts'
import { countCalls, countStaged } from './count.ts'
import { publishAgain } from './publish.ts'

/** A process that was told to stop has seconds, not minutes. */
const patienceMs = 15_000

/**
 * Readers see the load that was published, or the earlier one: counted by Athena, and whole as its record has it.
 * @returns the pin
 * @throws Failure (4) when the load is not as recorded, (1) when another was published meanwhile, (5) when the outcome is
 * unknown
 */
export async function rollBack(place: TablePlace, options: RollbackOptions): Promise<Pin> {
  const { aws, config, table } = place
  const { record, signal, warn } = options
  const { stagingDatabase: database } = config
  const id = newLoadId()
  const name = stagedName(table, id)
  const location = `s3://${config.bucket}/${loadFolder(config.prefix, table, record.load)}`
  if (record.location !== location) {
    throw notWhole(table, record.load, `its record is of ${record.location}, not of ${location}`)
  }
  await ensureDatabase(aws, database, signal)
  await clearLeftovers(place, options)
  const columns = record.columns.map(({ name, athena }) => ({ name, type: athena }))
  try {
    await createStaged(aws, { database, name, location, columns, signal })
    const { rows: counted } = await countStaged(place, name, signal)
    if (counted !== record.rows) throw countDiffers(table, record, counted)
    return await publishRecorded(place, { ...options, id, location, columns })
  } finally {
    await dropStaged(aws, { database, name, signal: AbortSignal.timeout(patienceMs) }).catch((error) =>
      warn(`its staging table stays for the next rollback to remove: ${error.message}`),
    )
  }
}

export function rollBackCalls({ lake, table }: Pick<LoadNames, 'lake' | 'table'>): Call[] {
  const { bucket, prefix, glueDatabase, stagingDatabase: database } = lake
  const names = { lake, table, load: '<load>' }
  const staged = { database, table: stagedName(table, '<rollback>') }
  const record = rollbackKey(prefix, table, '<rollback>')
  return [
    ...ensureDatabaseCalls(database),
    ...stagedTablesCalls(database),
    ...createStagedCalls(staged),
    ...countCalls(names),
    ...putNewCalls(bucket, record),
    ...encryptionCalls(lake.kmsKey),
    ...requireWrittenCalls(names),
    ...editTableCalls({ database: glueDatabase, table }, true),
    ...dropStagedCalls(staged),
    ...inTrouble(deleteObjectsCalls(bucket, record)),
  ]
}

async function publishRecorded(
  { aws, config, table }: TablePlace,
  options: RollbackOptions & {
    readonly id: string
    readonly location: string
    readonly columns: readonly { readonly name: string; readonly type: string }[]
  },
): Promise<Pin> {
  const { record, published, reason, signal, id, location, columns } = options
  const { bucket, prefix, kmsKey } = config
  const pin: Pin = { at: new Date().toISOString(), rollback: id, replaces: published.load, reason }
  const key = rollbackKey(prefix, table, id)
  const rollback: RollbackRecord = {
    version: 1,
    table,
    rollback: id,
    at: pin.at,
    load: record.load,
    replaces: published.load,
    reason: reason ?? null,
  }
  try {
    const body = JSON.stringify(rollback, undefined, 2)
    const contentType = 'application/json'
    await putNew(aws, { bucket, key, body, contentType, kmsKey, signal })
    // Last, as retention may just have removed it; from here on the record keeps it from that.
    const listed = await listObjects(aws, { bucket, prefix: loadFolder(prefix, table, record.load), signal })
    const damage = describeDifference(record.objects, listed)
    if (damage !== undefined) throw notWhole(table, record.load, damage)
    const outcome = await publishAgain(aws, {
      database: config.glueDatabase,
      table,
      location,
      columns,
      signal,
      over: published.load,
      pin,
      load: {
        load: record.load,
        rows: record.rows,
        rowsRead: record.rows_read,
        lookups: Object.fromEntries(Object.entries(record.lookups).map(([each, { rows }]) => [each, rows])),
        snapshotAt: record.snapshot_at,
        schemaHash: record.schema_hash,
        // The schema crawled last, whichever load is published.
        crawledHash: published.crawledHash,
        bytes: record.bytes,
        source: record.source_identity ?? undefined,
        hashKey: record.hash_key ?? undefined,
        draculaVersion: record.dracula_version ?? undefined,
      },
    })
    if (outcome.outcome !== 'published') throw changedMeanwhile(table, published.load, outcome.to)
    return pin
  } catch (error) {
    const unknown = error instanceof Failure && error.exit === 5
    // It tells of a rollback that was not to be.
    if (!unknown) {
      const patience = AbortSignal.timeout(patienceMs)
      await deleteObjects(aws, { bucket, keys: [key], signal: patience }).catch(() => {})
    }
    throw error
  }
}

/** Staging tables of rollbacks that were killed. Another that is under way loses its own, and with it its turn. */
async function clearLeftovers(place: TablePlace, { signal, warn }: RollbackOptions): Promise<void> {
  const { stagingDatabase: database } = place.config
  try {
    const staged = await stagedTables(place, signal)
    for (const { name, stagedBy, load } of staged) {
      if (stagedBy !== load) await dropStaged(place.aws, { database, name, signal })
    }
  } catch (error) {
    signal.throwIfAborted()
    warn(awsFailure(error, 'clear what is left in the staging database', database).message)
  }
}
