/** Iceberg tables in S3: what the catalog points at, and the files of a snapshot; read once, and known then. */
import { Failure } from '../../../../failure/failure.ts'
import { liveFiles } from '../../../../iceberg/live-files.ts'
import type { Entry } from '../../../../iceberg/manifest.ts'
import type { Snapshot, TableMetadata } from '../../../../iceberg/metadata.ts'
import { parseMetadata } from '../../../../iceberg/metadata-json.ts'
import type { ReadObject } from '../../../../iceberg/read-object.ts'
import { type GlueCatalog, type GlueTable, isIceberg } from '../../glue/catalog.ts'
import { structure } from '../../json/input.ts'
import type { S3Object, S3Store } from '../../s3/store.ts'
import { QueryFailure } from '../failure.ts'

/** A table at one moment: nothing that happens later changes what it gives. */
export interface IcebergTable {
  /** `lake.events`. */
  readonly name: string
  readonly metadata: TableMetadata
  /** The files of a snapshot; throws QueryFailure where they cannot be told. */
  files(snapshot: Snapshot | undefined): Promise<readonly Entry[]>
  /** Objects that were read for the metadata, and for the snapshot's files. */
  readsOf(snapshot: Snapshot | undefined): Promise<readonly string[]>
  /** Gives an object by its `s3://` address. */
  find(path: string): S3Object | undefined
  read: ReadObject
}

export interface IcebergTables {
  /** What the catalog points at. */
  fileOf(table: GlueTable): string
  /** @throws QueryFailure for metadata that is not there, or is none */
  open(table: GlueTable): Promise<IcebergTable>
}

/** A table, or what is wanted of it: `events$partitions` is `partitions` of `events`, if that is an Iceberg table. */
export function findTable(
  catalog: GlueCatalog,
  database: string,
  name: string,
): { readonly table: GlueTable; readonly part: string | undefined } | undefined {
  const whole = catalog.find(database, name)
  if (whole !== undefined) return { table: whole, part: undefined }
  const [, plain = '', part] = /^(.+)\$(\w+)$/.exec(name) ?? []
  const table = part === undefined ? undefined : catalog.find(database, plain)
  return table !== undefined && isIceberg(table) ? { table, part } : undefined
}

/** The object a path means. */
export function placeOf(path: string): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(path) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

interface KnownFiles {
  readonly entries: readonly Entry[]
  /** Objects they were read from, by path: a blob never changes, but another may take its place. */
  readonly blobs: ReadonlyMap<string, string>
}

/** Enough for a table that is loaded again and again beside others. */
const mostKnown = 64

export function icebergTables(store: S3Store): IcebergTables {
  const find = (path: string): S3Object | undefined => {
    const place = placeOf(path)
    return place && store.hasBucket(place.bucket) ? store.find(place.bucket, place.key) : undefined
  }
  const bytesOf = async ({ blob }: S3Object): Promise<Uint8Array | undefined> => {
    const file = Bun.file(store.path(blob))
    // It may have been replaced meanwhile.
    return (await file.exists()) ? file.bytes() : undefined
  }
  const read: ReadObject = async (path) => {
    const object = find(path)
    return object && bytesOf(object)
  }
  const knownMetadata = new Map<string, TableMetadata>()
  const knownFiles = new Map<string, KnownFiles>()

  const metadataOf = async (name: string, file: string): Promise<TableMetadata> => {
    const object = find(file)
    const known = object && knownMetadata.get(object.blob)
    if (known !== undefined) return known
    const bytes = object && (await bytesOf(object))
    if (object === undefined || bytes === undefined) {
      throw new QueryFailure(
        `ICEBERG_MISSING_METADATA: Metadata not found in metadata location for table ${name}: ${file}`,
      )
    }
    const text = new TextDecoder().decode(
      file.endsWith('.gz.metadata.json') ? Bun.gunzipSync(new Uint8Array(bytes)) : bytes,
    )
    const metadata = await telling(async () => parseMetadata(name, text))
    keep(knownMetadata, object.blob, metadata)
    return metadata
  }

  const filesOf = async (name: string, metadata: TableMetadata, snapshot: Snapshot): Promise<KnownFiles> => {
    const list = snapshot['manifest-list']
    const key = find(list)?.blob
    const known = key === undefined ? undefined : knownFiles.get(key)
    if (known !== undefined && [...known.blobs].every(([path, blob]) => find(path)?.blob === blob))
      return known
    const blobs = new Map<string, string>()
    const noting: ReadObject = async (path) => {
      const object = find(path)
      if (object !== undefined) blobs.set(path, object.blob)
      return object && bytesOf(object)
    }
    const entries = await telling(() => liveFiles(name, metadata, snapshot, noting))
    const files = { entries, blobs }
    if (key !== undefined) keep(knownFiles, key, files)
    return files
  }

  const fileOf = ({ input }: GlueTable) => String(structure(input, 'Parameters')['metadata_location'] ?? '')

  return {
    fileOf,
    async open(table) {
      const name = `${table.database}.${table.name}`
      const file = fileOf(table)
      const metadata = await metadataOf(name, file)
      return {
        name,
        metadata,
        find,
        read,
        files: async (snapshot) =>
          snapshot === undefined ? [] : (await filesOf(name, metadata, snapshot)).entries,
        readsOf: async (snapshot) => [
          file,
          ...(snapshot === undefined ? [] : (await filesOf(name, metadata, snapshot)).blobs.keys()),
        ],
      }
    },
  }
}

function keep<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key)
  known.set(key, value)
  const [oldest] = known.keys()
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
}

/** The reader's refusals in Athena's words. */
async function telling<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { summary, detail } = error
    if (detail.exit === 2 || /delete files?, which|is of the format/.test(detail.reason)) {
      throw new QueryFailure(`NOT_SUPPORTED: not supported by this stand-in: ${summary}`)
    }
    const code = detail.reason === 'it is gone' ? 'ICEBERG_FILESYSTEM_ERROR' : 'ICEBERG_INVALID_METADATA'
    throw new QueryFailure(`${code}: ${summary}`)
  }
}
