/** The manifests of a snapshot, each with what it holds (Iceberg specification, "Manifest Lists"). */
import { readContainer, writeContainer } from './avro/container.ts'
import { manifestFileSchema, nameById } from './manifest-schema.ts'
import { type ReadObject, readParsed } from './read-object.ts'
import {
  type AvroRecord,
  bigintOf,
  numberOf,
  optionalBytes,
  optionalList,
  optionalNumber,
  textOf,
} from './record.ts'

export interface ManifestFile {
  readonly path: string
  readonly bytes: number
  readonly specId: number
  readonly content: 'data' | 'deletes'
  /** That of the snapshot which wrote it: what its entries inherit that state none. */
  readonly sequence: number
  readonly minSequence: number
  readonly snapshot: bigint
  readonly added: Counts
  readonly existing: Counts
  readonly deleted: Counts
  /** One a field of the spec; undefined in manifests of others that do not say. */
  readonly partitions: readonly PartitionSummary[] | undefined
}

export interface Counts {
  readonly files: number
  readonly rows: number
}

/** Values of a partition field in a manifest, with bounds in bytes. */
export interface PartitionSummary {
  readonly containsNull: boolean
  readonly lower: Uint8Array | undefined
  readonly upper: Uint8Array | undefined
}

export function writeManifestList(
  manifests: readonly ManifestFile[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const records = manifests.map((manifest) => ({
    manifest_path: manifest.path,
    manifest_length: manifest.bytes,
    partition_spec_id: manifest.specId,
    content: manifest.content === 'data' ? 0 : 1,
    sequence_number: manifest.sequence,
    min_sequence_number: manifest.minSequence,
    added_snapshot_id: manifest.snapshot,
    added_data_files_count: manifest.added.files,
    existing_data_files_count: manifest.existing.files,
    deleted_data_files_count: manifest.deleted.files,
    added_rows_count: manifest.added.rows,
    existing_rows_count: manifest.existing.rows,
    deleted_rows_count: manifest.deleted.rows,
    partitions: manifest.partitions?.map(({ containsNull, lower, upper }) => ({
      contains_null: containsNull,
      contains_nan: false,
      lower_bound: lower,
      upper_bound: upper,
    })),
  }))
  return writeContainer(manifestFileSchema, { 'format-version': '2', ...metadata }, records)
}

/** @throws Failure (4) for a list that is gone, or is none */
export function readManifestList(read: ReadObject, path: string): Promise<ManifestFile[]> {
  return readParsed(read, path, (bytes) => readContainer(bytes, nameById).records.map(manifestFile))
}

/** A table that was of version 1 once has manifests without a sequence number, which is 0 then. */
function manifestFile(record: AvroRecord): ManifestFile {
  const counts = (kind: 'added' | 'existing' | 'deleted'): Counts => ({
    files: numberOf(record, `${kind}_data_files_count`),
    rows: numberOf(record, `${kind}_rows_count`),
  })
  return {
    path: textOf(record, 'manifest_path'),
    bytes: numberOf(record, 'manifest_length'),
    specId: numberOf(record, 'partition_spec_id'),
    content: optionalNumber(record, 'content') === 1 ? 'deletes' : 'data',
    sequence: optionalNumber(record, 'sequence_number') ?? 0,
    minSequence: optionalNumber(record, 'min_sequence_number') ?? 0,
    snapshot: bigintOf(record, 'added_snapshot_id'),
    added: counts('added'),
    existing: counts('existing'),
    deleted: counts('deleted'),
    partitions: optionalList(record, 'partitions')?.map((each) => partitionSummary(each as AvroRecord)),
  }
}

function partitionSummary(record: AvroRecord): PartitionSummary {
  return {
    containsNull: record['contains_null'] === true,
    lower: optionalBytes(record, 'lower_bound'),
    upper: optionalBytes(record, 'upper_bound'),
  }
}

/** Files that are in the table by this manifest. */
export function liveCount({ added, existing }: ManifestFile): number {
  return added.files + existing.files
}
