/**
 * The load record: all that is known of one published load, written beside it and never changed
 * (`<prefix>/<table>/_loads/<load>.json`).
 */

import packageFile from '../../package.json' with { type: 'json' }
import { formatSource } from '../declare/selection.ts'
import type { SourceIdentity } from '../declare/source-identity.ts'
import type { Table } from '../declare/table.ts'
import type { Fingerprints } from '../postgres/fingerprint-form.ts'
import type { ExpectationResult, LoadFacts, LookupSize, SlicingFacts } from './facts.ts'
import { schemaHash } from './schema-hash.ts'

export interface LoadRecord {
  /** The form of this record. */
  readonly version: 1
  /** The version of Dracula that has loaded it. */
  readonly dracula_version: string
  readonly table: string
  readonly load: string
  readonly snapshot_at: string
  /** Which transactions the snapshot sees: Postgres' `pg_visible_in_snapshot(xid, pg_snapshot)` tells of any. */
  readonly pg_snapshot: string
  /** The declaration's source and condition. */
  readonly source: string
  readonly where: string | null
  /** Where it was read, as far as the role may know. */
  readonly source_identity: SourceIdentity
  readonly rows: number
  readonly rows_read: number
  readonly bytes: number
  readonly softened: Readonly<Record<string, number>>
  /** Nulls that functions of the script have given, by derived column. */
  readonly nulls: Readonly<Record<string, number>>
  readonly lookups: Readonly<Record<string, LookupSize>>
  /** Fingerprint of the key that columns were hashed with; null: none was. */
  readonly hash_key: string | null
  /** Over how many connections it was read, and how it was cut. */
  readonly slicing: SlicingFacts
  readonly location: string
  readonly objects: readonly {
    readonly key: string
    readonly bytes: number
    readonly etag: string
    readonly crc32: string | null
  }[]
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly nullable: boolean
    readonly athena: string
    /** How its values are hidden, as `hashed` or `masked, { keepLast: 4 }`; null: they are not. */
    readonly hidden: string | null
  }[]
  /** Every column's, in the lake's names; null: not asked for. */
  readonly fingerprint: Fingerprints | null
  /** What the source calls that may give other values each time, as `random()`. */
  readonly volatile: readonly string[]
  readonly schema_hash: string
  readonly crawled: boolean
  /** The load that was published when this was written: the time of this record is when readers left it. */
  readonly replaces: string | null
  /** Seconds from the first lock to COMMIT: how long vacuum and migrations had to wait. */
  readonly xmin_held_s: number
  /** Seconds a phase. */
  readonly phases: Readonly<Record<string, number>>
  /** What was expected of the rows and looked for; null: nothing was. */
  readonly expectations: ExpectationResult | null
  /** What Athena and the crawler took, by list price; null: nobody has told. */
  readonly estimated_usd: number | null
  /** The loads that readers saw one after another before this one, oldest first, as far as they are kept. */
  readonly earlier: readonly EarlierLoad[]
}

export interface EarlierLoad
  extends Pick<LoadRecord, 'load' | 'snapshot_at' | 'rows' | 'bytes' | 'estimated_usd'> {
  /** Up to its publish. */
  readonly seconds: number
}

/** What the lake adds to what is known of the load. */
export type Recording = Pick<
  LoadRecord,
  'location' | 'objects' | 'crawled' | 'replaces' | 'phases' | 'earlier'
> & {
  readonly expectations?: ExpectationResult | undefined
  readonly estimatedUsd?: number | undefined
}

export function loadRecord(
  table: Table,
  facts: LoadFacts,
  { location, objects, crawled, replaces, phases, expectations, estimatedUsd, earlier }: Recording,
): LoadRecord {
  return {
    version: 1,
    dracula_version: packageFile.version,
    table: table.name,
    load: facts.load,
    snapshot_at: facts.snapshotAt,
    pg_snapshot: facts.transactions,
    source: formatSource(table.source),
    where: table.where ?? null,
    source_identity: facts.source,
    rows: facts.rows,
    rows_read: facts.rowsRead,
    bytes: facts.bytes,
    softened: facts.lossy,
    nulls: facts.nulls,
    lookups: facts.lookups,
    hash_key: facts.hashKey ?? null,
    slicing: facts.slicing,
    location,
    objects,
    columns: Object.entries(table.output).map(([name, { type, nullable, athena, protection }]) => ({
      ...{ name, type, nullable, athena },
      hidden: protection === undefined ? null : `${protection.by}${protection.after}`,
    })),
    fingerprint: facts.fingerprint ?? null,
    volatile: facts.volatile,
    schema_hash: schemaHash(table),
    crawled,
    replaces,
    xmin_held_s: facts.heldSeconds,
    phases,
    expectations: expectations ?? null,
    estimated_usd: estimatedUsd ?? null,
    earlier,
  }
}

/** For people too: a member a line, and an object a line, as there may be thousands. */
export function recordText({ objects, earlier, ...record }: LoadRecord): string {
  const others = JSON.stringify(record, undefined, 2).slice(0, -'\n}'.length)
  return `${others},\n  "earlier": ${linesOf(earlier)},\n  "objects": ${linesOf(objects)}\n}`
}

function linesOf(list: readonly object[]): string {
  const lines = list.map((each) => `\n    ${JSON.stringify(each)}`)
  return `[${lines.join(',')}${lines.length > 0 ? '\n  ' : ''}]`
}
