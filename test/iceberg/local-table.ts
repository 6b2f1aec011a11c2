/**
 * An Iceberg table in a folder or a bucket: its Parquet files are written by the real encoder, its manifests and metadata by the real
 * room, and nothing else knows of it. What a catalog would do is to remember `version.file`.
 */
import { createMetadata, redeclare, type TableDeclaration } from '../../lib/iceberg/create.ts'
import type { DataFile } from '../../lib/iceberg/data-file.ts'
import { type Docs, docsOf, withDocs } from '../../lib/iceberg/document.ts'
import { expireSnapshots } from '../../lib/iceberg/expire.ts'
import {
  currentSchema,
  defaultSpec,
  type Snapshot,
  type TableMetadata,
  type TableVersion,
} from '../../lib/iceberg/metadata.ts'
import { metadataFile } from '../../lib/iceberg/metadata-file.ts'
import { parseMetadata } from '../../lib/iceberg/metadata-json.ts'
import { parquetDataFile } from '../../lib/iceberg/parquet-file.ts'
import type { NewObject, ReadObject } from '../../lib/iceberg/read-object.ts'
import {
  type Replacement,
  replacePartitions,
  type StagedSnapshot,
} from '../../lib/iceberg/replace-partitions.ts'
import { fieldIdsOf } from '../../lib/iceberg/schema.ts'
import { encode, writeFile } from '../support/parquet.ts'
import type { Value } from '../support/wire.ts'
import { inFolder, type Place } from './place.ts'

export interface LocalTable {
  /** What a catalog would point at. */
  readonly version: TableVersion
  readonly metadata: TableMetadata
  readonly read: ReadObject
  /** Paths that were read since the last change. */
  readonly reads: readonly string[]
  /** Replaces partitions by files, one a list of rows. */
  replace(
    partitions: Replacement['partitions'],
    files: readonly (readonly (readonly Value[])[])[],
    options?: ReplaceOptions,
  ): Promise<StagedSnapshot & { readonly written: readonly NewObject[] }>
  /** Makes it what readers see. */
  publish(metadata: TableMetadata): Promise<void>
  /** @returns what may be removed, and removes it */
  expire(keep: (snapshot: Snapshot) => boolean): Promise<readonly string[]>
}

export interface ReplaceOptions {
  /** How the table is declared from now on. */
  readonly declared?: TableDeclaration
  /** What it and its columns are for, from now on. */
  readonly docs?: Docs
  readonly summary?: Readonly<Record<string, string>>
  /** What the manifest shall say of a file, true or not. */
  readonly alter?: (file: DataFile) => DataFile
}

/** @param at where it lies; a folder's path, or a place */
export async function localTable(
  at: string | Place,
  first: TableDeclaration,
  properties: Readonly<Record<string, string>> = {},
): Promise<LocalTable> {
  const place = typeof at === 'string' ? await inFolder(at) : at
  const { location, write } = place
  let declared = first
  let count = 0
  let reads: string[] = []
  let version: TableVersion | undefined
  let metadata = createMetadata(first, { location, properties, now: Date.now() })
  await publish(metadata)

  async function read(path: string): Promise<Uint8Array | undefined> {
    reads.push(path)
    return place.read(path)
  }

  async function publish(next: TableMetadata): Promise<void> {
    const file = metadataFile(next, version)
    await write(file)
    // Read back, as the next load would.
    metadata = parseMetadata(declared.table, new TextDecoder().decode(await place.read(file.file)))
    version = { file: file.file, metadata }
    reads = []
  }

  async function dataFile(of: TableMetadata, rows: readonly (readonly Value[])[]) {
    const { columns } = declared
    const schema = currentSchema(of)
    const groups = await Array.fromAsync(encode(columns, rows, { rowGroupRows: 1000, batchBytes: 8192 }))
    const { file, metrics } = await writeFile(columns, groups, { fieldIds: fieldIdsOf(schema) })
    const path = `${location}/data/${String(count++).padStart(5, '0')}.parquet`
    await write({ path, bytes: file })
    return parquetDataFile(
      { path, rows: rows.length, bytes: file.length, metrics: metrics! },
      schema,
      defaultSpec(of),
    )
  }

  return {
    get version() {
      return version!
    },
    get metadata() {
      return metadata
    },
    get reads() {
      return reads
    },
    read,
    publish,
    async replace(partitions, files, options = {}) {
      declared = options.declared ?? declared
      const redeclared = redeclare(metadata, declared, Date.now()).metadata
      const base = withDocs(redeclared, options.docs ?? docsOf(redeclared), metadata.schemas)
      const made = []
      for (const rows of files) made.push((options.alter ?? ((file) => file))(await dataFile(base, rows)))
      const { table } = declared
      const { summary = {} } = options
      reads = []
      const staged = await replacePartitions({
        ...{ table, metadata: base, partitions, files: made, summary, read, now: Date.now() },
      })
      for (const object of staged.objects) await write(object)
      const readByCommit = reads
      await publish(staged.metadata)
      reads = readByCommit
      return { ...staged, written: staged.objects }
    },
    async expire(keep) {
      const expired = await expireSnapshots(metadata, { keep, read, now: Date.now() })
      await publish(expired.metadata)
      for (const path of expired.unreachable) await place.remove(path)
      return expired.unreachable
    },
  }
}
