/**
 * All that is known of a table, as the JSON that a catalog points at (Iceberg specification, "Table Metadata Fields",
 * Appendix C). Members that are not named here are kept as they are.
 */
import { Failure } from '../failure/failure.ts'
import type { PartitionSpec } from './partition.ts'
import type { Schema } from './schema.ts'

export interface TableMetadata {
  readonly 'format-version': 2
  readonly 'table-uuid': string
  /** `s3://bucket/prefix`, without a slash at its end. */
  readonly location: string
  readonly 'last-sequence-number': number
  readonly 'last-updated-ms': number
  /** The greatest id that was ever given to a column, or to a partition field; 999 where none was. */
  readonly 'last-column-id': number
  readonly 'last-partition-id': number
  readonly schemas: readonly Schema[]
  readonly 'current-schema-id': number
  readonly 'partition-specs': readonly PartitionSpec[]
  readonly 'default-spec-id': number
  readonly 'sort-orders': readonly object[]
  readonly 'default-sort-order-id': number
  readonly properties?: Readonly<Record<string, string>>
  /** Absent, null or −1: the table has no snapshot. */
  readonly 'current-snapshot-id'?: bigint | null
  readonly refs?: Readonly<Record<string, SnapshotReference>>
  readonly snapshots?: readonly Snapshot[]
  /** Which snapshot was current from when on. */
  readonly 'snapshot-log'?: readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': bigint }[]
  readonly 'metadata-log'?: readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[]
  readonly statistics?: readonly SnapshotStatistics[]
  readonly 'partition-statistics'?: readonly SnapshotStatistics[]
}

/** One state of a table (Iceberg specification, "Snapshots"). */
export interface Snapshot {
  /** 63 bits. */
  readonly 'snapshot-id': bigint
  readonly 'parent-snapshot-id'?: bigint
  readonly 'sequence-number'?: number
  readonly 'timestamp-ms': number
  readonly 'manifest-list': string
  /** `operation`, counts in digits, and what else who wrote it has to say. */
  readonly summary: Readonly<Record<string, string>>
  readonly 'schema-id'?: number
}

export interface SnapshotReference {
  readonly 'snapshot-id': bigint
  readonly type: 'branch' | 'tag'
}

export interface SnapshotStatistics {
  readonly 'snapshot-id': bigint
  readonly 'statistics-path': string
}

/** A table's metadata, and the file it was read from. */
export interface TableVersion {
  readonly file: string
  readonly metadata: TableMetadata
}

export function currentSchema(metadata: TableMetadata): Schema {
  return schemaById(metadata, metadata['current-schema-id'])
}

/** The schema that a snapshot was written by; the current one where it does not say. */
export function schemaOf(metadata: TableMetadata, { 'schema-id': id }: Snapshot): Schema {
  return id === undefined ? currentSchema(metadata) : schemaById(metadata, id)
}

function schemaById(metadata: TableMetadata, id: number): Schema {
  const found = metadata.schemas.find((schema) => schema['schema-id'] === id)
  return found ?? missing(metadata, `schema ${id}`)
}

/** The current one first, then the others, the newest first. */
export function schemasOf(metadata: TableMetadata): [Schema, ...Schema[]] {
  const current = currentSchema(metadata)
  return [current, ...metadata.schemas.filter((schema) => schema !== current).toReversed()]
}

export function defaultSpec(metadata: TableMetadata): PartitionSpec {
  return specById(metadata, metadata['default-spec-id'])
}

/** @throws Failure (4) where there is none, as in metadata of others that does not hang together */
export function specById(metadata: TableMetadata, id: number): PartitionSpec {
  const found = metadata['partition-specs'].find((spec) => spec['spec-id'] === id)
  return found ?? missing(metadata, `partition spec ${id}`)
}

function missing({ location }: TableMetadata, what: string): never {
  throw new Failure({
    exit: 4,
    act: 'read the Iceberg table in',
    thing: location,
    reason: `its metadata has no ${what}, which it needs`,
    advice: 'Find out who else writes to the table, or publish under another name.',
  })
}

/** What readers see; undefined: the table never had rows. */
export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  const id = metadata['current-snapshot-id']
  return id === undefined || id === null ? undefined : snapshotById(metadata, id)
}

export function snapshotById({ snapshots = [] }: TableMetadata, id: bigint): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot['snapshot-id'] === id)
}

/** When the next change happened: later than the one before, whatever the clock says. */
export function nextUpdate({ 'last-updated-ms': last }: TableMetadata, now: number): number {
  return Math.max(now, last + 1)
}

/** The same table with another current snapshot, as of that time. */
export function makeCurrent(metadata: TableMetadata, id: bigint, at: number): TableMetadata {
  const { refs = {}, 'snapshot-log': log = [] } = metadata
  return {
    ...metadata,
    'last-updated-ms': at,
    'current-snapshot-id': id,
    refs: { ...refs, main: { ...refs['main'], 'snapshot-id': id, type: 'branch' } },
    'snapshot-log': [...log, { 'timestamp-ms': at, 'snapshot-id': id }],
  }
}
