/** A rollback of an Iceberg table: an earlier snapshot is staged, audited and made the current one again, and the table pinned to it. */
import type { Table } from '@aws-sdk/client-glue'
import { type Call, inTrouble } from '../../aws/calls.ts'
import { encryptionCalls } from '../../aws/encryption.ts'
import { ensureDatabase, ensureDatabaseCalls } from '../../aws/glue.ts'
import {
  deleteObjects,
  deleteObjectsCalls,
  listCalls,
  listObjects,
  putNew,
  putNewCalls,
} from '../../aws/objects.ts'
import { Failure } from '../../failure/failure.ts'
import { liveFiles } from '../../iceberg/live-files.ts'
import { type Snapshot, schemasOf, specById, type TableMetadata } from '../../iceberg/metadata.ts'
import { bindFields } from '../../iceberg/partition.ts'
import { rollBack as backTo } from '../../iceberg/roll-back.ts'
import { type Edit, editTable, editTableCalls } from '../edit-table.ts'
import type { RollbackOptions } from '../lake.ts'
import { rollbackKey, stagedName, tableFolder } from '../layout.ts'
import { newLoadId } from '../load-id.ts'
import type { LoadNames, LoadPlace, TablePlace } from '../names.ts'
import { parameterPrefix } from '../parameters.ts'
import { pinParameters } from '../pin.ts'
import type { Pin, Published } from '../published.ts'
import { changedMeanwhile, countDiffers, notWhole } from '../rollback-failure.ts'
import type { RollbackRecord } from '../rollback-record.ts'
import { dropStaged, dropStagedCalls } from '../staged-tables.ts'
import { auditCalls, auditStaged } from './audit.ts'
import { isAudited } from './audit-query.ts'
import { readBase, readBaseCalls, settledBase } from './base.ts'
import { withDocumentationOf } from './documentation.ts'
import { metadataFolder, stagedFolder } from './layout.ts'
import { snapshotOfLoad } from './lineage.ts'
import { objectReader, readObjectsCalls, writeObjectsCalls } from './objects.ts'
import { unknownOutcome, writeVersion } from './publish.ts'
import { withoutLoad } from './snapshot.ts'
import { stageSnapshot, stageSnapshotCalls } from './stage.ts'
import { describeLost, type ReadableSnapshot } from './whole.ts'

/** A process that was told to stop has seconds, not minutes. */
const patienceMs = 15_000

/**
 * Readers see the load that was published, or the earlier one: read by Athena, and whole as its record has it.
 * @returns the pin
 * @throws Failure (4) when the load is not as recorded, (1) when another was published meanwhile, (5) when the outcome is
 * unknown
 */
export async function rollBack(place: TablePlace, options: RollbackOptions): Promise<Pin> {
  const { aws, config, table } = place
  const { record, published, reason, signal, warn } = options
  const { bucket, prefix, kmsKey, stagingDatabase } = config
  const id = newLoadId()
  const placed: LoadPlace = { ...place, load: id, signal }
  const pin: Pin = { at: new Date().toISOString(), rollback: id, replaces: published.load, reason }
  const keys: string[] = []
  const onKey = (key: string) => void keys.push(key)
  await ensureDatabase(aws, stagingDatabase, signal)
  try {
    await auditEarlier(placed, options, { pin, onKey })
    const key = rollbackKey(prefix, table, id)
    onKey(key)
    const body = JSON.stringify(recordOf(table, record.load, pin), undefined, 2)
    await putNew(aws, { bucket, key, body, contentType: 'application/json', kmsKey, signal })
    // Last, as objects may just have been removed.
    await requireWhole(placed, options)
    const name = { database: config.glueDatabase, table }
    const { changed } = await editTable(aws, name, editOf(placed, options, { pin, onKey }), signal)
    if (changed !== undefined) throw changedMeanwhile(table, published.load, changed)
    return pin
  } catch (error) {
    const unknown = error instanceof Failure && error.exit === 5
    const patience = AbortSignal.timeout(patienceMs)
    // They tell of a rollback that was not to be.
    if (!unknown) await deleteObjects(aws, { bucket, keys, signal: patience }).catch(() => {})
    throw error
  } finally {
    const patience = AbortSignal.timeout(patienceMs)
    const staged = keys.filter((key) => key.startsWith(stagedFolder(prefix, table, id)))
    await Promise.all([
      dropStaged(aws, { database: stagingDatabase, name: stagedName(table, id), signal: patience }),
      deleteObjects(aws, { bucket, keys: staged, signal: patience }),
    ]).catch((error: unknown) =>
      warn(
        `what it has staged stays for a later load to remove: ${error instanceof Error ? error.message : String(error)}`,
      ),
    )
  }
}

interface Pinning {
  readonly pin: Pin
  /** Learns of each key before it is written. */
  readonly onKey: (key: string) => void
}

function recordOf(table: string, load: string, { at, rollback, replaces, reason }: Pin): RollbackRecord {
  return { version: 1, table, rollback, at, load, replaces, reason: reason ?? null }
}

/** @throws Failure (4) where Athena reads something else than the load has recorded */
async function auditEarlier(
  place: LoadPlace,
  { record, published }: RollbackOptions,
  { pin, onKey }: Pinning,
): Promise<void> {
  const { table, load: id, signal } = place
  const read = objectReader(place.aws, signal)
  const { metadata, snapshot } = await earlier(place, record.load, published.load)
  const pinned = pinnedTo(table, metadata, snapshot, pin)
  await stageSnapshot(place, { metadata: pinned, objects: [], again: false, onKey })
  const entries = await filesOf(table, { metadata, snapshot, read }, record.load)
  const specs = new Set(entries.map(({ specId }) => specId))
  const [specId] = specs
  const bound =
    specId === undefined || specs.size > 1 ? [] : bindFields(specById(metadata, specId), schemasOf(pinned))
  // Partitioned in several ways, or in one of others, it is looked at as one.
  const fields = bound.every(isAudited) ? bound : []
  const files = entries.map(({ file }) => (fields.length === 0 ? { ...file, partition: [] } : file))
  const staged = {
    metadata: pinned,
    fields,
    partitions: 'all',
    files,
    ownFiles: false,
    keys: undefined,
    kept: undefined,
  } as const
  const { rows, differences } = await auditStaged(place, stagedName(table, id), staged, signal)
  if (rows !== record.rows) throw countDiffers(table, record, rows)
  if (differences[0] !== undefined) throw notWhole(table, record.load, differences[0])
}

async function filesOf(table: string, { metadata, snapshot, read }: ReadableSnapshot, load: string) {
  try {
    return await liveFiles(table, metadata, snapshot, read)
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 4) throw error
    throw notWhole(table, load, `${error.detail.thing}: ${error.detail.reason}`)
  }
}

/** @throws Failure (4) when the load's snapshot has expired, (1) when the published load is another by now */
async function earlier(place: LoadPlace, load: string, over: string) {
  const { published, version } = await readBase(place, place.signal)
  const isOver = published.kind === 'managed' && published.load === over
  if (!isOver || version === undefined) throw changedMeanwhile(place.table, over, published)
  const snapshot = snapshotOfLoad(version.metadata, load)
  if (snapshot === undefined) throw notWhole(place.table, load, 'its snapshot has expired')
  return { metadata: version.metadata, snapshot }
}

function pinnedTo(
  table: string,
  metadata: TableMetadata,
  { summary, ...snapshot }: Snapshot,
  pin: Pin,
): TableMetadata {
  const back = withDocumentationOf(metadata, backTo(table, metadata, snapshot['snapshot-id'], Date.now()))
  const told = Object.entries(summary).filter(([name]) => name.startsWith(parameterPrefix))
  const properties = {
    ...withoutLoad(metadata.properties ?? {}),
    ...Object.fromEntries(told),
    ...pinParameters(pin),
  }
  return { ...back, properties }
}

async function requireWhole(place: LoadPlace, { record, published }: RollbackOptions): Promise<void> {
  const { aws, config, table, signal } = place
  const { bucket } = config
  const folder = tableFolder(config.prefix, table)
  const { metadata, snapshot } = await earlier(place, record.load, published.load)
  const listed = await listObjects(aws, { bucket, prefix: folder, signal })
  const read = objectReader(aws, signal)
  const { objects } = record
  const damage = await describeLost(table, { metadata, snapshot, read }, { bucket, folder, listed, objects })
  if (damage !== undefined) throw notWhole(table, record.load, damage)
}

interface Rolled {
  /** What is published instead of what was to be replaced; undefined: it is done. */
  readonly changed: Published | undefined
}

function editOf(
  place: LoadPlace,
  { record, published }: RollbackOptions,
  { pin, onKey }: Pinning,
): Edit<Rolled> {
  const { table, load: by, signal } = place
  const look = (live: Table | undefined) => settledBase(place, live)
  return {
    act: 'publish',
    async settledBy(live) {
      const { published: now } = await look(live)
      if (now.kind === 'managed' && now.pin?.rollback === pin.rollback) return { changed: undefined }
      return now.kind === 'managed' && now.load === published.load ? undefined : { changed: now }
    },
    async replacementOf(live) {
      const { version: previous } = await look(live)
      const snapshot = previous && snapshotOfLoad(previous.metadata, record.load)
      if (snapshot === undefined) throw notWhole(table, record.load, 'its snapshot has expired')
      const metadata = pinnedTo(table, previous!.metadata, snapshot, pin)
      return writeVersion(place, { by, metadata, previous, live, onKey, signal })
    },
    written: () => ({ changed: undefined }),
    unknown: (reason, cause) => unknownOutcome(place, record.load, reason, cause),
  }
}

export function rollBackCalls({ lake, table, catalog, files }: LoadNames): Call[] {
  const { bucket, prefix, glueDatabase, stagingDatabase: database } = lake
  const load = '<rollback>'
  const names = { lake, table, load, catalog, files }
  const record = rollbackKey(prefix, table, load)
  return [
    ...ensureDatabaseCalls(database),
    ...readBaseCalls(names),
    ...readObjectsCalls(bucket, metadataFolder(prefix, table, '<load>')),
    ...stageSnapshotCalls(names),
    ...auditCalls(names),
    ...putNewCalls(bucket, record),
    ...encryptionCalls(lake.kmsKey),
    ...listCalls(bucket, tableFolder(prefix, table)),
    ...writeObjectsCalls(lake, metadataFolder(prefix, table, load)),
    ...editTableCalls({ database: glueDatabase, table }, true),
    ...dropStagedCalls({ database, table: stagedName(table, load) }),
    ...deleteObjectsCalls(bucket, stagedFolder(prefix, table, load)),
    ...inTrouble(deleteObjectsCalls(bucket, record)),
  ]
}
