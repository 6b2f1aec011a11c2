/** What a load is made on top of: the table as the catalog and its own metadata have it together. */
import { gunzipSync } from 'node:zlib'
import type { Table } from '@aws-sdk/client-glue'
import { type Call, onlyWhen } from '../../aws/calls.ts'
import { awsFailure } from '../../aws/failure.ts'
import { findTable, readTableCalls } from '../../aws/glue.ts'
import { Failure } from '../../failure/failure.ts'
import { currentSchema, type TableVersion } from '../../iceberg/metadata.ts'
import { parseMetadata } from '../../iceberg/metadata-json.ts'
import type { ReadObject } from '../../iceberg/read-object.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { fromParameters } from '../parameters.ts'
import { pinIn } from '../pin.ts'
import type { Published } from '../published.ts'
import { irreplaceableKind } from '../unmanaged.ts'
import { icebergColumns } from './columns.ts'
import { isIceberg } from './is-iceberg.ts'
import { metadataFolder } from './layout.ts'
import { lineageOf } from './lineage.ts'
import { objectReader, readObjectsCalls } from './objects.ts'

export interface Base {
  readonly published: Published
  /** undefined: there is no Iceberg table of that name. */
  readonly version: TableVersion | undefined
}

/** A table, and what reads its objects where that is shared: what a path names never changes. */
export type BasePlace = TablePlace & { readonly read?: ReadObject }

/** @throws Failure (2) when refused, (1) when AWS does not answer, (4) for metadata that is gone or broken */
export async function readBase(place: BasePlace, signal: AbortSignal): Promise<Base> {
  const name = { database: place.config.glueDatabase, table: place.table }
  let live: Table | undefined
  try {
    live = await findTable(place.aws, { ...name, signal })
  } catch (error) {
    throw awsFailure(error, 'read the table', `${name.database}.${name.table}`)
  }
  return baseOf(place, live, signal)
}

export function readBaseCalls({ lake, table }: Pick<LoadNames, 'lake' | 'table'>): Call[] {
  return [
    ...readTableCalls({ database: lake.glueDatabase, table }),
    ...onlyWhen(
      'the table is there',
      readObjectsCalls(lake.bucket, metadataFolder(lake.prefix, table, '<published load>')),
    ),
  ]
}

/**
 * Reads it to the end although the load was told to stop: what came of a call that publishes has to be known.
 * @throws as {@link readBase}
 */
export function settledBase({ aws, config, table }: TablePlace, live: Table | undefined): Promise<Base> {
  return baseOf({ aws, config, table }, live, new AbortController().signal)
}

/** @param live what Glue has @throws as {@link readBase} */
export async function baseOf(
  { aws, config, table, read }: BasePlace,
  live: Table | undefined,
  signal: AbortSignal,
): Promise<Base> {
  if (live === undefined) return { published: { kind: 'absent' }, version: undefined }
  if (!isIceberg(live)) return { published: plainTable(live), version: undefined }
  const thing = `${config.glueDatabase}.${table}`
  const file = live.Parameters?.['metadata_location'] ?? ''
  const bytes = file === '' ? undefined : await (read ?? objectReader(aws, signal))(file)
  if (bytes === undefined) throw withoutMetadata(thing, file)
  const metadata = parseMetadata(thing, textOf(bytes))
  const version = { file, metadata }
  const lineage = lineageOf(metadata)
  if (lineage === undefined) return { published: { kind: 'unmanaged', unlike: undefined }, version }
  return {
    published: {
      kind: 'managed',
      account: live.CatalogId,
      versionId: live.VersionId ?? '',
      location: `${metadata.location}/`,
      columns: icebergColumns(currentSchema(metadata)).map(({ name, type }) => ({ name, type })),
      // The second: by hand.
      pin: pinIn(metadata.properties ?? {}) ?? pinIn(live.Parameters ?? {}),
      ...(lineage.changes.length > 0 && { changes: lineage.changes }),
      ...lineage.load,
    },
    version,
  }
}

/** Others may pack it: `.gz.metadata.json` (Iceberg's `write.metadata.compression-codec`). */
function textOf(bytes: Uint8Array): string {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  return new TextDecoder().decode(isPacked ? gunzipSync(bytes) : bytes)
}

/** A table of plain files may be taken over: by an Iceberg table of the same name, which has files of its own. */
function plainTable(live: Table): Published {
  const unlike = irreplaceableKind(live)
  const isOurs = fromParameters(live.Parameters ?? {}) !== undefined
  return {
    kind: 'unmanaged',
    unlike,
    ...(isOurs && { is: 'a table of plain Parquet files, and the script declares an Iceberg table' }),
  }
}

function withoutMetadata(thing: string, file: string): Failure {
  return new Failure({
    exit: 4,
    act: 'read the Iceberg metadata of',
    thing,
    reason: file === '' ? 'Glue names no metadata of it' : `${file}, which Glue names, is gone`,
    advice: 'Find out who else changes the table, or publish under another name.',
  })
}
