/**
 * Where the objects of an Iceberg table are. Below `<prefix>/<table>/iceberg/` is what its metadata knows, and nothing else:
 * `data/<load>/…` and `metadata/<load>/…`. Beside it are `_loads/<load>.json`, `_accounts/<load>.json.gz`, `_rollbacks/…`, and
 * `_staged/<load>/…` while a load is audited: who clears a table's location of what the table does not know, as engines
 * do, finds nothing of it.
 */
import type { LakeConfig } from '../../config/config.ts'
import { tableFolder } from '../layout.ts'
import { loadTime } from '../load-id.ts'

type Place = Pick<LakeConfig, 'bucket' | 'prefix'>

/** The table's location in its metadata; no slash at its end. */
export function icebergLocation({ bucket, prefix }: Place, table: string): string {
  return `s3://${bucket}/${tableFolder(prefix, table)}iceberg`
}

/** Key prefix of one load's Parquet files; ends with a slash. */
export function dataFolder(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}iceberg/data/${load}/`
}

/** Key prefix of what a load, or a rollback, writes of metadata; ends with a slash. */
export function metadataFolder(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}iceberg/metadata/${load}/`
}

/** Key prefix of the metadata that only the staging table knows; ends with a slash. */
export function stagedFolder(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}_staged/${load}/`
}

/** Key of what a load leaves to the next one of each partition. */
export function accountKey(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}_accounts/${load}.json.gz`
}

export interface Owner {
  readonly load: string
  readonly kind: 'data' | 'metadata' | 'staged' | 'account' | 'record'
}

/** Whose object this key is; undefined: neither a load's nor a rollback's, so Dracula has not written it. */
export function icebergOwnerOf(key: string, folder: string): Owner | undefined {
  if (!key.startsWith(folder)) return undefined
  const rest = key.slice(folder.length)
  const [, record, account] = /^_(?:loads\/([^/]+)\.json|accounts\/([^/]+)\.json\.gz)$/.exec(rest) ?? []
  const single = record ?? account
  if (single !== undefined) {
    return isLoad(single) ? { load: single, kind: record === undefined ? 'account' : 'record' } : undefined
  }
  const [, place, load = ''] = /^(iceberg\/data|iceberg\/metadata|_staged)\/([^/]+)\/./.exec(rest) ?? []
  if (place === undefined || !isLoad(load)) return undefined
  return { load, kind: places[place]! }
}

/** Where objects are named after loads, below the table's folder: in the order of their times, as the names of loads are. */
export const placesOfLoads = ['iceberg/data/', 'iceberg/metadata/', '_staged/', '_accounts/', '_loads/']

const places: Readonly<Record<string, Owner['kind']>> = {
  'iceberg/data': 'data',
  'iceberg/metadata': 'metadata',
  _staged: 'staged',
}

function isLoad(name: string): boolean {
  return loadTime(name) !== undefined
}
