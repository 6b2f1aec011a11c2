/** What a published table says of its load, in the `Parameters` of the Glue table itself: they change with it. */
import { identityIn, type SourceIdentity } from '../declare/source-identity.ts'

export interface LoadParameters {
  readonly load: string
  /** Rows in the lake. */
  readonly rows: number
  /** Rows read from the source, before any filter. */
  readonly rowsRead: number
  /** Rows of its lookups, by name. */
  readonly lookups: Readonly<Record<string, number>>
  /** ISO 8601 in UTC with microseconds, so that text compares as time does. */
  readonly snapshotAt: string
  readonly schemaHash: string
  /** Hash of the declared schema that was last crawled and found equal. */
  readonly crawledHash: string | undefined
  readonly bytes: number
  /** Where it was read; undefined: a version that kept none has published it. */
  readonly source: SourceIdentity | undefined
}

/** As Glue keeps them, with what readers of Parquet expect beside; `dracula.crawled` is absent where nothing was. */
export function toParameters(load: LoadParameters, publishedAt: Date): Record<string, string> {
  return {
    classification: 'parquet',
    EXTERNAL: 'TRUE',
    'dracula.load': load.load,
    'dracula.rows': String(load.rows),
    'dracula.rows_read': String(load.rowsRead),
    ...(Object.keys(load.lookups).length === 0 ? {} : { 'dracula.lookups': lookupsText(load.lookups) }),
    'dracula.snapshot_at': load.snapshotAt,
    'dracula.schema': load.schemaHash,
    ...(load.crawledHash === undefined ? {} : { 'dracula.crawled': load.crawledHash }),
    'dracula.bytes': String(load.bytes),
    ...(load.source === undefined ? {} : { 'dracula.source': JSON.stringify(load.source) }),
    'dracula.published_at': publishedAt.toISOString(),
  }
}

/** undefined: the table is none of ours. */
export function fromParameters(parameters: Readonly<Record<string, string>>): LoadParameters | undefined {
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
  }
}

/** Of two loads the one with the newer snapshot is to be read; of two of one instant, the one that began later. */
export function isNewer(a: LoadParameters, b: LoadParameters): boolean {
  return a.snapshotAt === b.snapshotAt ? a.load > b.load : a.snapshotAt > b.snapshotAt
}

/** `currency=1200 user=80` */
function lookupsText(lookups: LoadParameters['lookups']): string {
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
