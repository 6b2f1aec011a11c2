/** Step 2 of a load: its lookups, in its snapshot, none of them much smaller than in the load that readers see. */
import { releaseBytes } from '../../batch/vector.ts'
import { selectQuery } from '../../copy/query.ts'
import { wholeLookups } from '../../declare/lookup.ts'
import type { Table } from '../../declare/table.ts'
import type { LookupSize } from '../../lake/facts.ts'
import { createLookupFunction, type LookupFunction } from '../../lookup/lookup-function.ts'
import { readLookup } from '../../lookup/read.ts'
import type { SharedRows } from '../../lookup/rows.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import { describeLookup } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import type { Leader } from './leader.ts'
import { refuseShrunkLookup } from './shrink.ts'

export interface LookupOptions {
  readonly table: Table
  readonly options: Pick<LoadOptions, 'allowEmpty' | 'maxShrink' | 'maxLookupBytes'>
  /** Rows that each had in the load readers see, by name. */
  readonly before: Readonly<Record<string, number>>
  /** Whether other threads are to find rows too. */
  readonly isShared: boolean
  readonly journal: Pick<Journal, 'observe' | 'time'>
  readonly signal: AbortSignal
}

export interface ReadLookups {
  /** Lookup functions by the name of the lookup. */
  readonly functions: Readonly<Record<string, LookupFunction>>
  /** The rows of each, for other threads to find; none that are not shared. */
  readonly shared: Readonly<Record<string, SharedRows>>
  readonly sizes: Readonly<Record<string, LookupSize>>
}

/**
 * All lookups there are, as a phase of its own where there are some.
 * @throws Failure (3) for a key that two rows have, for rows that take more memory than the limit, and for a lookup
 * without rows where the published load had some; (4) for one that lost too many of them; else as Postgres fails
 */
export async function readLookups(
  leader: Pick<Leader, 'reader' | 'lookupSources'>,
  options: LookupOptions,
): Promise<ReadLookups> {
  if (wholeLookups(options.table).length === 0) return { functions: {}, shared: {}, sizes: {} }
  return options.journal.time('lookups', () => readAll(leader, options))
}

async function readAll(
  { reader, lookupSources }: Pick<Leader, 'reader' | 'lookupSources'>,
  { table, options, before, isShared, journal, signal }: LookupOptions,
): Promise<ReadLookups> {
  const functions: Record<string, LookupFunction> = {}
  const shared: Record<string, SharedRows> = {}
  const sizes: Record<string, LookupSize> = {}
  const space = { bytes: new Uint8Array(1024 * 1024) }
  let bytes = 0
  for (const [name, lookup] of wholeLookups(table)) {
    const source = lookupSources[name]!
    const select = selectQuery(lookup, source, { sorted: lookup.many })
    const reading = {
      ...{ table: table.name, place: describeLookup(name, table), lookup, select, space, isShared, signal },
      maxBytes: options.maxLookupBytes,
      bytesBefore: bytes,
    }
    const rows = await underSettingsOf(reader, lookup, source, () => readLookup(reader, reading), {
      ordered: true,
    })
    refuseShrunkLookup({ table, options }, name, rows.rows, before[name])
    functions[name] = createLookupFunction(name, lookup, rows)
    if (rows.shared !== undefined) shared[name] = rows.shared
    sizes[name] = { rows: rows.rows, bytes: rows.bytes }
    bytes += rows.bytes
    journal.observe({ kind: 'lookup', name, ...sizes[name] })
  }
  releaseBytes(space.bytes)
  return { functions, shared, sizes }
}
