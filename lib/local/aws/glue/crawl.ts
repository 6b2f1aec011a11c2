/** One crawl: from the files in S3 to tables and partitions in the catalog. */
import { createHash } from 'node:crypto'
import type { Answering } from '../engine.ts'
import type { Json } from '../json/input.ts'
import { parquetColumns } from '../parquet-schema.ts'
import { type Location, parseLocation, visibleObjects } from '../s3/location.ts'
import type { S3Object, S3Store } from '../s3/store.ts'
import { type GlueCatalog, type GlueColumn, isIceberg, locationOf } from './catalog.ts'

export interface CrawlTarget {
  readonly crawler: string
  readonly paths: readonly string[]
  readonly database: string
  readonly tablePrefix: string
  /** UpdateBehavior `LOG` leaves tables that exist as they are. */
  readonly updates: boolean
}

/** A folder whose files are one table's, below it the `name=value` folders of its partitions. */
interface Folder {
  readonly bucket: string
  readonly prefix: string
  readonly keys: readonly string[]
  readonly partitions: Map<string, readonly string[]>
  readonly objects: S3Object[]
}

/**
 * What a Glue crawler does with Parquet in S3: one table per folder, named after it, partition keys from
 * `name=value` folders, columns from the footers. A real one would also merge sibling folders of like schemas into
 * one table; this one gives each its own.
 * @param inferred columns to report instead of those in the files
 * @param signal stops it: from then on it writes nothing
 * @throws Error with the reason a crawl fails
 */
export async function crawl(
  { store, catalog, engine }: { store: S3Store; catalog: GlueCatalog; engine: Answering },
  target: CrawlTarget,
  inferred: readonly GlueColumn[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  catalog.database(target.database)
  for (const path of target.paths) {
    refuseIceberg(catalog, store, path)
    for (const folder of foldersOf(store, path)) {
      const columns = inferred ?? (await columnsOf(store, engine, folder))
      signal.throwIfAborted()
      write(catalog, target, folder, columns)
    }
  }
}

/**
 * A crawler of AWS would make a table of the Parquet files that once were an Iceberg table's, or publish whatever metadata
 * looks newest: neither is to be learned here as what may be done.
 * @throws Error for a path that an Iceberg table lies in or above
 */
function refuseIceberg(catalog: GlueCatalog, store: S3Store, path: string): void {
  const crawled = parseLocation(path)
  if (crawled === undefined) return
  const isWithin = (a: Location, b: Location) => a.bucket === b.bucket && a.prefix.startsWith(b.prefix)
  const known = catalog
    .databases()
    .flatMap(({ Name }) => catalog.tables(String(Name)))
    .find((table) => {
      const location = isIceberg(table) ? parseLocation(locationOf(table)) : undefined
      return location !== undefined && (isWithin(location, crawled) || isWithin(crawled, location))
    })
  const metadata = visibleObjects(store, crawled).find(({ key }) => key.endsWith('.metadata.json'))
  if (known === undefined && metadata === undefined) return
  const found = known === undefined ? metadata?.key : `${known.database}.${known.name}`
  throw new Error(`The local crawler crawls no Iceberg table, and there is one in ${path}: ${found}.`)
}

function foldersOf(store: S3Store, path: string): Folder[] {
  const location = parseLocation(path)
  if (location === undefined) throw new RangeError(`Not an S3 path: ${path}`)
  const folders = new Map<string, Folder>()
  for (const object of visibleObjects(store, location)) {
    const steps = object.key.split('/').slice(0, -1)
    const root = location.prefix.split('/').length - 1
    const first = steps.findIndex((step, index) => index >= root && /^[^=]+=/.test(step))
    const depth = first < 0 ? steps.length : first
    const prefix = steps.slice(0, depth).map((step) => `${step}/`)
    const pairs = steps.slice(depth).map((step) => {
      const equals = step.indexOf('=')
      return [step.slice(0, equals), decodeURIComponent(step.slice(equals + 1))] as const
    })
    const id = prefix.join('')
    const folder = folders.get(id) ?? {
      bucket: location.bucket,
      prefix: id,
      keys: pairs.map(([name]) => name.toLowerCase()),
      partitions: new Map<string, readonly string[]>(),
      objects: [],
    }
    if (pairs.length > 0) {
      folder.partitions.set(
        `s3://${location.bucket}/${steps.join('/')}/`,
        pairs.map(([, value]) => value),
      )
    }
    folder.objects.push(object)
    folders.set(id, folder)
  }
  return [...folders.values()]
}

/** Columns in the order they were first met. */
async function columnsOf(
  store: S3Store,
  engine: Answering,
  { bucket, objects }: Folder,
): Promise<GlueColumn[]> {
  const columns = new Map<string, string>()
  for (const { key, blob } of objects) {
    const path = store.path(blob)
    const found = await parquetColumns(engine, [path]).catch((cause: unknown) => {
      throw new Error(`The local crawler reads Parquet alone, and s3://${bucket}/${key} is not.`, { cause })
    })
    for (const { name, type } of found.get(path) ?? []) {
      const known = columns.get(name)
      if (known !== undefined && known !== type) {
        throw new Error(
          `The local crawler does not merge types: ${name} is ${known} and ${type} in s3://${bucket}/${key}.`,
        )
      }
      columns.set(name, type)
    }
  }
  return [...columns].map(([name, type]) => ({ name, type }))
}

function write(
  catalog: GlueCatalog,
  { crawler, database, tablePrefix, updates }: CrawlTarget,
  folder: Folder,
  columns: readonly GlueColumn[],
): void {
  const location = `s3://${folder.bucket}/${folder.prefix}`
  const step = folder.prefix.split('/').at(-2) ?? folder.bucket
  const plain = `${tablePrefix}${step}`.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  const taken = catalog.find(database, plain)
  // A name that belongs to another place gets a hash, as in AWS.
  const name =
    taken === undefined || locationOf(taken) === location
      ? plain
      : `${plain}_${createHash('md5').update(location).digest('hex')}`
  const long = [name, ...columns.map((column) => column.name)].find((each) => Buffer.byteLength(each) > 255)
  if (long !== undefined)
    throw new Error(`Glue takes names of 255 bytes at most, and this is longer: ${long}`)
  const input = tableInput(crawler, name, location, folder, columns)
  const existing = catalog.find(database, name)
  if (existing === undefined) catalog.createTable(database, name, input)
  else if (updates) catalog.updateTable(database, name, input, undefined, false)
  for (const [at, values] of folder.partitions) {
    catalog.putPartition(database, name, { values, location: at, created: Date.now() })
  }
}

function tableInput(
  crawler: string,
  name: string,
  location: string,
  { keys, objects }: Folder,
  columns: readonly GlueColumn[],
): Json {
  const parameters = {
    CrawlerSchemaDeserializerVersion: '1.0',
    CrawlerSchemaSerializerVersion: '1.0',
    UPDATED_BY_CRAWLER: crawler,
    classification: 'parquet',
    compressionType: 'none',
    objectCount: String(objects.length),
    sizeKey: String(objects.reduce((sum, { bytes }) => sum + bytes, 0)),
    typeOfData: 'file',
  }
  return {
    Name: name,
    Owner: 'owner',
    Retention: 0,
    TableType: 'EXTERNAL_TABLE',
    Parameters: parameters,
    PartitionKeys: keys.map((Name) => ({ Name, Type: 'string' })),
    StorageDescriptor: {
      Columns: columns.map(({ name: Name, type: Type }) => ({ Name, Type })),
      Location: location,
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      Compressed: false,
      NumberOfBuckets: -1,
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
        Parameters: { 'serialization.format': '1' },
      },
      BucketColumns: [],
      SortColumns: [],
      Parameters: parameters,
      StoredAsSubDirectories: false,
    },
  }
}
