/** The staged table of an Iceberg load: a table of its own over a copy of the metadata, which only Athena is to read. */
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { type Call, inTrouble } from '../../aws/calls.ts'
import { awsFailure } from '../../aws/failure.ts'
import { findTable, named, readTableCalls } from '../../aws/glue.ts'
import { sending } from '../../aws/sending.ts'
import { icebergTableInput } from '../../aws/table-input.ts'
import { currentSchema, type TableMetadata } from '../../iceberg/metadata.ts'
import { copyOfTable, metadataFile } from '../../iceberg/metadata-file.ts'
import type { NewObject } from '../../iceberg/read-object.ts'
import { stagedName } from '../layout.ts'
import type { LoadNames, LoadPlace } from '../names.ts'
import { dropStaged, dropStagedCalls } from '../staged-tables.ts'
import { icebergColumns } from './columns.ts'
import { metadataFolder, stagedFolder } from './layout.ts'
import { placeOf, writeObjects, writeObjectsCalls } from './objects.ts'

export interface Staging {
  /** With the snapshot to look at as the current one. */
  readonly metadata: TableMetadata
  /** What the metadata names and nobody has written yet. */
  readonly objects: readonly NewObject[]
  /** Whether it was staged before, and is to be staged anew. */
  readonly again: boolean
  /** Learns of each key before it is written. */
  readonly onKey: (key: string) => void
}

/** @throws Failure (1) when something has one of its names already; as `awsFailure` */
export async function stageSnapshot(
  place: LoadPlace,
  { metadata, objects, again, onKey }: Staging,
): Promise<void> {
  const { aws, config, table, load, signal } = place
  const database = config.stagingDatabase
  const name = stagedName(table, load)
  const folder = `s3://${config.bucket}/${stagedFolder(config.prefix, table, load)}`
  const copy = metadataFile(copyOfTable(metadata, folder.slice(0, -1)), undefined)
  for (const { path } of [...objects, copy]) onKey(placeOf(path).key)
  // In any order: nobody knows of them before the table is there.
  await writeObjects(place, [...objects, copy], signal)
  if (again) await dropStaged(aws, { database, name, signal })
  const TableInput = icebergTableInput(
    {
      ...{ name, location: copy.metadata.location, metadata: copy.file, parameters: {} },
      columns: icebergColumns(currentSchema(metadata)),
    },
    undefined,
  )
  try {
    await aws.glue.send(new CreateTableCommand({ DatabaseName: database, TableInput }), sending(signal))
  } catch (error) {
    // The first of two tries may have made it, with its answer lost.
    const isThere = named(error, 'AlreadyExistsException') && (await isStaged())
    if (!isThere) throw awsFailure(error, 'create the staged table', `${database}.${name}`)
  }

  async function isStaged(): Promise<boolean> {
    const there = await findTable(aws, { database, table: name, signal })
    return there?.Parameters?.['metadata_location'] === copy.file
  }
}

export function stageSnapshotCalls({
  lake,
  table,
  load,
}: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  const { prefix, stagingDatabase: database } = lake
  const staged = { database, table: stagedName(table, load) }
  return [
    ...writeObjectsCalls(lake, metadataFolder(prefix, table, load)),
    ...writeObjectsCalls(lake, stagedFolder(prefix, table, load)),
    { call: 'glue:CreateTable', on: { kind: 'table', ...staged } },
    ...inTrouble(readTableCalls(staged)),
    ...inTrouble(dropStagedCalls(staged)),
  ]
}
