/** What others do to an Iceberg table of ours, as an engine does it: it knows Glue, the metadata, and nothing of loads. */
import { UpdateTableCommand } from '@aws-sdk/client-glue'
import { findTable } from '../../../lib/aws/glue.ts'
import type { DataFile } from '../../../lib/iceberg/data-file.ts'
import { expireSnapshots } from '../../../lib/iceberg/expire.ts'
import { liveFiles } from '../../../lib/iceberg/live-files.ts'
import { currentSnapshot, type TableMetadata } from '../../../lib/iceberg/metadata.ts'
import { metadataFile } from '../../../lib/iceberg/metadata-file.ts'
import { replacePartitions } from '../../../lib/iceberg/replace-partitions.ts'
import { readBase } from '../../../lib/lake/iceberg/base.ts'
import { objectReader, writeObjects } from '../../../lib/lake/iceberg/objects.ts'
import type { TablePlace } from '../../../lib/lake/names.ts'
import { never } from '../../support/aws.ts'

export function othersAt(place: TablePlace) {
  const { aws, config, table } = place
  const read = objectReader(aws, never)
  let copies = 0

  /** Glue is told of the next version, and parameters that are not Iceberg's are dropped. */
  async function publish(change: (metadata: TableMetadata) => Promise<TableMetadata>): Promise<void> {
    const { version } = await readBase(place, never)
    const next = metadataFile(await change(version!.metadata), version)
    await writeObjects(place, [next], never)
    const live = await findTable(aws, { database: config.glueDatabase, table })
    const TableInput = {
      ...{ Name: table, TableType: 'EXTERNAL_TABLE', StorageDescriptor: live!.StorageDescriptor! },
      Parameters: {
        table_type: 'ICEBERG',
        metadata_location: next.file,
        previous_metadata_location: version!.file,
      },
    }
    const { VersionId } = live!
    await aws.glue.send(new UpdateTableCommand({ DatabaseName: config.glueDatabase, TableInput, VersionId }))
  }

  async function copyOf(file: DataFile, location: string): Promise<DataFile> {
    const path = `${location}/data/theirs-${copies++}.parquet`
    await writeObjects(place, [{ path, bytes: (await read(file.path))! }], never)
    return { ...file, path }
  }

  /** A snapshot of theirs, of a file of each partition more, or instead. */
  const rewrite = (operation: 'replace' | 'append') =>
    publish(async (metadata) => {
      const files = (await liveFiles(table, metadata, currentSnapshot(metadata)!, read)).map(
        ({ file }) => file,
      )
      const copies: DataFile[] = []
      for (const file of files) copies.push(await copyOf(file, metadata.location))
      const staged = await replacePartitions({
        ...{ table, metadata, partitions: 'all', summary: { operation }, read, now: Date.now() },
        files: operation === 'append' ? [...files, ...copies] : copies,
      })
      await writeObjects(place, staged.objects, never)
      return staged.metadata
    })

  return {
    /** OPTIMIZE: the same rows in other files. */
    compact: () => rewrite('replace'),
    /** INSERT of what is there, once more. */
    double: () => rewrite('append'),
    /** VACUUM: nothing but what readers see now. */
    vacuum: () =>
      publish(async (metadata) => {
        const { metadata: next } = await expireSnapshots(metadata, {
          keep: () => false,
          read,
          now: Date.now(),
        })
        return next
      }),
    /** Makes all that has happened so many days older. */
    age: (days: number) => publish(async (metadata) => older(metadata, days * 86_400_000)),
    /** ALTER TABLE. */
    setProperty: (name: string, value: string) =>
      publish(async (metadata) => ({ ...metadata, properties: { ...metadata.properties, [name]: value } })),
  }
}

function older(metadata: TableMetadata, ms: number): TableMetadata {
  const earlier = <T extends { readonly 'timestamp-ms': number }>(each: T): T => ({
    ...each,
    'timestamp-ms': each['timestamp-ms'] - ms,
  })
  return {
    ...metadata,
    'last-updated-ms': metadata['last-updated-ms'] - ms,
    snapshots: (metadata.snapshots ?? []).map(earlier),
    'snapshot-log': (metadata['snapshot-log'] ?? []).map(earlier),
    'metadata-log': (metadata['metadata-log'] ?? []).map(earlier),
  }
}
