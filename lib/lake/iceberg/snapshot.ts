/** The snapshot that a load makes: its files, each in its partition, on top of a version of the table. */

import packageFile from '../../../package.json' with { type: 'json' }
import { Failure } from '../../failure/failure.ts'
import type { DataFile } from '../../iceberg/data-file.ts'
import {
  currentSchema,
  defaultSpec,
  type Snapshot,
  schemasOf,
  type TableMetadata,
  type TableVersion,
} from '../../iceberg/metadata.ts'
import { parquetDataFile } from '../../iceberg/parquet-file.ts'
import { type BoundField, bindFields, type Partition, partitionKey } from '../../iceberg/partition.ts'
import { partitionText, partitionValue } from '../../iceberg/partition-text.ts'
import type { NewObject } from '../../iceberg/read-object.ts'
import { replacePartitions } from '../../iceberg/replace-partitions.ts'
import type { Account } from '../account.ts'
import { saidBefore } from '../documentation.ts'
import type { KeyFacts, LoadFacts, PartitionFacts } from '../facts.ts'
import { loadParameters, parameterPrefix } from '../parameters.ts'
import type { PublishedLoad } from '../published.ts'
import { schemaHash } from '../schema-hash.ts'
import { totalsOf } from './account.ts'
import { documentedOn } from './documentation.ts'
import { dataFolder, metadataFolder } from './layout.ts'
import type { IcebergLoad } from './load.ts'
import { declaredSources, sourceParameters } from './sources.ts'

export interface LoadSnapshot {
  /** What it is made on; undefined: there was no table. */
  readonly version: TableVersion | undefined
  /** With the snapshot as the current one. */
  readonly metadata: TableMetadata
  /** To be written before the metadata. */
  readonly objects: readonly NewObject[]
  readonly fields: readonly BoundField[]
  /** Which it replaces. */
  readonly partitions: 'all' | readonly Partition[]
  /** Those of the load, each in its partition. */
  readonly files: readonly DataFile[]
  readonly keys: StagedKeys | undefined
  readonly load: PublishedLoad
}

export interface StagedKeys {
  /** Name of the column. */
  readonly column: string
  readonly byPartition: ReadonlyMap<string, KeyFacts>
}

/**
 * @param declaredMetadata as the script declares it on that version
 * @param account with this load
 * @throws Failure (4) for a file of more than one partition, or of one that the load has not read, or not as often; as `replacePartitions`
 */
export async function snapshotOn(
  version: TableVersion | undefined,
  declaredMetadata: TableMetadata,
  load: IcebergLoad,
  { facts, account }: { readonly facts: LoadFacts; readonly account: Account },
): Promise<LoadSnapshot> {
  const { config, table, declared, read } = load
  const { bucket, prefix } = config
  const metadata = documentedOn(version, declaredMetadata, facts.documentation)
  const schema = currentSchema(metadata)
  const spec = defaultSpec(metadata)
  const fields = bindFields(spec, schemasOf(metadata))
  const folder = `s3://${bucket}/${dataFolder(prefix, table, load.load)}`
  // A table without rows has no files, though one was written.
  const filled = facts.files.filter(({ rows }) => rows > 0)
  const files = filled.map(({ name, rows, bytes, metrics }) => {
    if (metrics === undefined) throw new Error(`Nothing is known of the columns of ${name}.`)
    return parquetDataFile({ path: folder + name, rows, bytes, metrics }, schema, spec)
  })
  if (facts.partitions !== undefined) requireAsRead(table, fields, files, facts.partitions.list)
  else if (fields.length > 0) throw new Error('It does not say which partitions it has read.')
  const partitions =
    facts.partitions?.which === 'these'
      ? facts.partitions.list.map((each) => partitionIn(fields, each))
      : 'all'
  const staged = await replacePartitions({
    ...{ table: `${config.glueDatabase}.${table}`, metadata, partitions, files, read },
    folder: `s3://${bucket}/${metadataFolder(prefix, table, load.load)}`.slice(0, -1),
    now: Date.now(),
  })
  const totalBytes = Number(staged.snapshot.summary['total-files-size'])
  const published: PublishedLoad = {
    ...totalsOf(account),
    load: load.load,
    lookups: Object.fromEntries(Object.entries(facts.lookups).map(([name, { rows }]) => [name, rows])),
    snapshotAt: facts.snapshotAt,
    schemaHash: schemaHash(declared),
    crawledHash: undefined,
    bytes: Number.isSafeInteger(totalBytes) ? totalBytes : facts.bytes,
    source: facts.source,
    hashKey: facts.hashKey,
    draculaVersion: packageFile.version,
  }
  const told = {
    ...loadParameters(published, new Date()),
    ...sourceParameters(schema, declaredSources(declared)),
  }
  return {
    ...{ version, objects: staged.objects, fields, partitions, files, load: published },
    keys: keysOf(declared.incremental?.key, fields, facts.partitions?.list ?? []),
    metadata: telling(staged.metadata, staged.snapshot, told),
  }
}

/** Its snapshot and the table itself say whose it is: what others leave of either is enough to know. */
function telling(
  metadata: TableMetadata,
  made: Snapshot,
  told: Readonly<Record<string, string>>,
): TableMetadata {
  return {
    ...metadata,
    properties: { ...withoutLoad(metadata.properties ?? {}), ...told },
    snapshots: (metadata.snapshots ?? []).map((snapshot) =>
      snapshot === made ? { ...snapshot, summary: { ...snapshot.summary, ...told } } : snapshot,
    ),
  }
}

/** Properties of the table that are not about a load. */
export function withoutLoad(properties: Readonly<Record<string, string>>): Record<string, string> {
  const others = Object.entries(properties).filter(([name]) => !name.startsWith(parameterPrefix))
  return { ...Object.fromEntries(others), ...saidBefore(properties) }
}

/** Where a filter of the script has dropped rows, nothing is known of the keys of the others. */
function keysOf(
  column: string | undefined,
  fields: readonly BoundField[],
  read: readonly PartitionFacts[],
): StagedKeys | undefined {
  if (column === undefined) return undefined
  const known = read.flatMap(({ values, rows, rowsRead, key }) =>
    key === undefined || rows !== rowsRead
      ? []
      : [[partitionKey(partitionIn(fields, { values })), key] as const],
  )
  return { column, byPartition: new Map(known) }
}

/** @throws TypeError for a value that the partition cannot have */
export function partitionIn(
  fields: readonly BoundField[],
  { values }: Pick<PartitionFacts, 'values'>,
): Partition {
  return fields.map((field, at) => {
    const value = partitionValue(field, values[at] ?? null)
    if (value === undefined) throw new TypeError(`${field.name} has no partition ${values[at]}.`)
    return value
  })
}

/** In words, for messages: `created_at_day 2026-03-01`. */
export function describePartition(fields: readonly BoundField[], partition: Partition): string {
  if (fields.length === 0) return 'the table'
  return fields
    .map((field, at) => `${field.name} ${partitionText(field, partition[at] ?? null) ?? 'null'}`)
    .join(', ')
}

/** The bounds of the files tell of which partition each is: together they are what was read, partition by partition. */
function requireAsRead(
  table: string,
  fields: readonly BoundField[],
  files: readonly DataFile[],
  read: readonly PartitionFacts[],
): void {
  const rows = new Map<string, number>()
  for (const file of files) {
    const key = partitionKey(file.partition)
    rows.set(key, (rows.get(key) ?? 0) + file.rows)
  }
  for (const facts of read) {
    const partition = partitionIn(fields, facts)
    const key = partitionKey(partition)
    const there = rows.get(key) ?? 0
    rows.delete(key)
    if (there === facts.rows) continue
    const where = describePartition(fields, partition)
    throw misrouted(table, `${there} rows are in files of ${where}, but ${facts.rows} were read of it`)
  }
  const other = files.find(({ partition }) => rows.has(partitionKey(partition)))
  if (other === undefined) return
  const where = describePartition(fields, other.partition)
  throw misrouted(table, `${other.path} is of ${where}, of which nothing was read`)
}

function misrouted(table: string, reason: string): Failure {
  return new Failure({
    exit: 4,
    act: 'publish',
    thing: table,
    reason,
    advice: 'This is a fault of Dracula: load the table whole and report it with this message.',
  })
}
