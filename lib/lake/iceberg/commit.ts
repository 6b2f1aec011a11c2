/** The last step of an Iceberg load: account and record first, then the one call that readers see. */
import type { Table } from '@aws-sdk/client-glue'
import { type Call, onlyWhen } from '../../aws/calls.ts'
import { listCalls, putNew, putNewCalls } from '../../aws/objects.ts'
import { Failure } from '../../failure/failure.ts'
import { expireSnapshots } from '../../iceberg/expire.ts'
import type { TableMetadata } from '../../iceberg/metadata.ts'
import { readAlso } from '../../iceberg/read-object.ts'
import { earlierLoads, earlierLoadsCalls } from '../earlier.ts'
import { type Edit, editTable, editTableCalls } from '../edit-table.ts'
import type { LoadFacts } from '../facts.ts'
import type { CommitOutcome, CommitTerms } from '../lake.ts'
import { recordKey } from '../layout.ts'
import type { LoadNames } from '../names.ts'
import { isNewer } from '../published.ts'
import { loadRecord, recordText } from '../record.ts'
import { refuseUnmanaged } from '../unmanaged.ts'
import { objectsOf, requireWritten } from '../written.ts'
import { accountBytes } from './account.ts'
import { type Base, readBase, readBaseCalls, settledBase } from './base.ts'
import { refuseChanged } from './changed.ts'
import { accountKey, dataFolder, metadataFolder } from './layout.ts'
import type { IcebergLoad } from './load.ts'
import { readObjectsCalls, writeObjectsCalls } from './objects.ts'
import { unknownOutcome, writeVersion } from './publish.ts'
import { isRetained } from './retained.ts'
import type { LoadSnapshot } from './snapshot.ts'
import type { AccountedSnapshot } from './staged-load.ts'

export interface Commit extends CommitTerms {
  readonly facts: LoadFacts
  /** Gives the load's snapshot on top of what is there now, audited. */
  readonly audited: (base: Base) => Promise<AccountedSnapshot>
  /** Learns of each key before it is written. */
  readonly onKey: (key: string) => void
  readonly warn: (message: string) => void
}

/** @throws Failure (4) when the files are no longer those that were written, or the audit fails, (5) when the outcome is unknown */
export async function commitLoad(load: IcebergLoad, commit: Commit): Promise<CommitOutcome> {
  const { facts, audited, onKey } = commit
  const { config, table, signal } = load
  const { bucket, prefix } = config
  const base = await readBase(load, signal)
  const snapshot = await audited(base)
  const folder = dataFolder(prefix, table, load.load)
  const { rows, rowsRead, bytes } = snapshot.load
  const replaces = base.published.kind === 'managed' ? base.published.load : null
  const record = loadRecord(
    load.declared,
    { ...facts, rows, rowsRead, bytes },
    {
      ...{ location: `s3://${bucket}/${folder}`, objects: objectsOf(facts.files, folder), crawled: false },
      replaces,
      earlier: await earlierLoads({ ...load, signal }, replaces),
      phases: commit.phases,
      expectations: commit.expectations,
      estimatedUsd: commit.estimatedUsd,
    },
  )
  const done = await Promise.allSettled([
    leave(accountKey(prefix, table, load.load), accountBytes(snapshot.account)),
    leave(recordKey(prefix, table, load.load), recordText(record)),
    // So late, as much time may have passed since they were written.
    requireWritten(load, folder, facts.files),
  ])
  // Only now, as whatever is still on its way could not be taken away.
  for (const each of done) if (each.status === 'rejected') throw each.reason
  return editTable(load.aws, { database: config.glueDatabase, table }, editOf(load, commit), signal)

  async function leave(key: string, body: string | Uint8Array): Promise<void> {
    onKey(key)
    const contentType = key.endsWith('.gz') ? 'application/gzip' : 'application/json'
    await putNew(load.aws, { bucket, key, body, contentType, kmsKey: config.kmsKey, signal })
  }
}

function editOf(load: IcebergLoad, commit: Commit): Edit<CommitOutcome> {
  const { audited, adopt, adoptChanges = false, permit, onKey, facts } = commit
  const { config, table, signal } = load
  const name = { database: config.glueDatabase, table }
  /** What the catalog said last. */
  let seen: { readonly live: Table | undefined; readonly base: Base } | undefined
  const look = async (live: Table | undefined): Promise<Base> => {
    if (seen === undefined || seen.live !== live) seen = { live, base: await settledBase(load, live) }
    return seen.base
  }
  return {
    act: 'publish',
    async settledBy(live) {
      const { published: now } = await look(live)
      if (now.kind !== 'managed') return undefined
      // The second: it was, and has been rolled back since.
      if (now.load === load.load || now.pin?.replaces === load.load) return { outcome: 'published' }
      if (now.pin !== undefined) return { outcome: 'pinned', to: now, pin: now.pin }
      return isNewer(now, { ...now, load: load.load, snapshotAt: commit.facts.snapshotAt })
        ? { outcome: 'lost', to: now }
        : undefined
    },
    async replacementOf(live) {
      const base = await look(live)
      const { published: now, version } = base
      if (now.kind === 'unmanaged') refuseUnmanaged(now, { ...name, adopt })
      if (now.kind === 'managed') refuseChanged(table, now, adoptChanges)
      const snapshot = await audited(base)
      if (now.kind === 'managed') permit(now, snapshot.load)
      const metadata = await withoutExpired(load, snapshot, commit)
      const { documentation } = facts
      return writeVersion(load, {
        ...{ by: load.load, metadata, previous: version, live, documentation, onKey, signal },
      })
    },
    written: () => ({ outcome: 'published' }),
    unknown: (reason, cause) => unknownOutcome(load, load.load, reason, cause),
  }
}

/** What cannot be read of old snapshots keeps no load from its readers: they expire another time. */
async function withoutExpired(
  { read, signal }: IcebergLoad,
  { metadata, objects }: LoadSnapshot,
  { keep, warn }: Commit,
): Promise<TableMetadata> {
  const now = new Date()
  try {
    const expired = await expireSnapshots(metadata, {
      keep: isRetained(metadata, { keep, now }),
      read: readAlso(objects, read),
      now: now.getTime(),
    })
    return expired.metadata
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure)) throw error
    warn(`old snapshots stay: ${error.summary}`)
    return metadata
  }
}

export function commitCalls(names: LoadNames): Call[] {
  const { lake, table, load } = names
  const { bucket, prefix, glueDatabase: database } = lake
  const [record, account] = [recordKey(prefix, table, load), accountKey(prefix, table, load)]
  return [
    ...readBaseCalls(names),
    ...earlierLoadsCalls(names),
    ...[account, record].flatMap((key) => putNewCalls(bucket, key)),
    ...listCalls(bucket, dataFolder(prefix, table, load)),
    ...onlyWhen('snapshots expire', readObjectsCalls(bucket, metadataFolder(prefix, table, '<old load>'))),
    ...writeObjectsCalls(lake, metadataFolder(prefix, table, load)),
    ...editTableCalls({ database, table }, true),
  ]
}
