/** What a published table says of its load, in the `Parameters` of the Glue table itself: they change with it. */
import { identityIn } from '../declare/source-identity.ts'
import type { PublishedLoad } from './published.ts'

/**
 * What their names begin with: a hash of a crawl, a source, lookups or a pin of one load must not outlive it.
 */
export const parameterPrefix = 'dracula.'

/** What Glue keeps, with what readers of Parquet expect beside. */
export function toParameters(load: PublishedLoad, publishedAt: Date): Record<string, string> {
  return { classification: 'parquet', EXTERNAL: 'TRUE', ...loadParameters(load, publishedAt) }
}

/** What is said of the load itself; `dracula.crawled` is absent where nothing was. */
export function loadParameters(load: PublishedLoad, publishedAt: Date): Record<string, string> {
  return {
    'dracula.load': load.load,
    'dracula.rows': String(load.rows),
    'dracula.rows_read': String(load.rowsRead),
    ...(Object.keys(load.lookups).length === 0 ? {} : { 'dracula.lookups': lookupsText(load.lookups) }),
    'dracula.snapshot_at': load.snapshotAt,
    'dracula.schema': load.schemaHash,
    ...(load.crawledHash === undefined ? {} : { 'dracula.crawled': load.crawledHash }),
    'dracula.bytes': String(load.bytes),
    ...(load.source === undefined ? {} : { 'dracula.source': JSON.stringify(load.source) }),
    ...(load.hashKey === undefined ? {} : { 'dracula.hash_key': load.hashKey }),
    ...(load.draculaVersion === undefined ? {} : { 'dracula.version': load.draculaVersion }),
    'dracula.published_at': publishedAt.toISOString(),
  }
}

/** undefined: the table is unmanaged. */
export function fromParameters(parameters: Readonly<Record<string, string>>): PublishedLoad | undefined {
  const load = parameters['dracula.load']
  const snapshotAt = parameters['dracula.snapshot_at']
  const rows = count(parameters['dracula.rows'])
  if (load === undefined || snapshotAt === undefined || rows === undefined) return undefined
  return {
    load,
    rows,
    rowsRead: count(parameters['dracula.rows_read']) ?? rows,
    lookups: lookupsIn(parameters['dracula.lookups'] ?? ''),
    snapshotAt,
    schemaHash: parameters['dracula.schema'] ?? '',
    crawledHash: parameters['dracula.crawled'],
    bytes: count(parameters['dracula.bytes']) ?? 0,
    source: identityIn(jsonIn(parameters['dracula.source'])),
    hashKey: parameters['dracula.hash_key'],
    draculaVersion: parameters['dracula.version'],
  }
}

/** `currency=1200 user=80` */
function lookupsText(lookups: PublishedLoad['lookups']): string {
  return Object.entries(lookups)
    .map(([name, rows]) => `${name}=${rows}`)
    .join(' ')
}

function lookupsIn(text: string): Record<string, number> {
  return Object.fromEntries(
    Array.from(text.matchAll(/(\S+)=(\d+)/g), ([, name, rows]) => [name, Number(rows)]),
  )
}

function jsonIn(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
