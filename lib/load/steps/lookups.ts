/** The small tables of a load, read first and in its snapshot, and held in memory for the script's functions. */
import { releaseBytes } from '../../batch/vector.ts'
import { createCopyDecoder } from '../../copy/copy.ts'
import { copyQuery } from '../../copy/query.ts'
import type { Lookup } from '../../declare/lookup.ts'
import type { Table } from '../../declare/table.ts'
import { countsAgree } from '../../failure/counts-agree.ts'
import { Failure } from '../../failure/failure.ts'
import type { LookupSize } from '../../lake/facts.ts'
import { createFinder, type Finder } from '../../lookup/lookup-function.ts'
import type { Space } from '../../lookup/packed-rows.ts'
import { createLookupRows, type LookupRows } from '../../lookup/rows.ts'
import type { Reader } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { Source } from '../../postgres/source.ts'
import type { Observe } from '../events.ts'
import { describeLookup } from '../inputs.ts'
import type { LoadOptions } from '../options.ts'
import { refuseShrunkLookup } from './shrink.ts'

export interface LookupOptions {
  readonly table: Table
  readonly options: Pick<LoadOptions, 'allowEmpty' | 'maxShrink' | 'maxLookupBytes'>
  /** Rows that each had in the load readers see, by name. */
  readonly before: Readonly<Record<string, number>>
  readonly observe: Observe
  readonly signal: AbortSignal
}

export interface ReadLookups {
  readonly finders: Readonly<Record<string, Finder>>
  readonly sizes: Readonly<Record<string, LookupSize>>
}

/**
 * @param sources as described, by lookup
 * @throws Failure (3) for a key that two rows have, for rows that take more memory than the limit, and for a lookup
 * without rows where the published load had some; (4) for one that lost too many of them; else as Postgres fails
 */
export async function readLookups(
  reader: Reader,
  sources: Readonly<Record<string, Source>>,
  options: LookupOptions,
): Promise<ReadLookups> {
  const finders: Record<string, Finder> = {}
  const sizes: Record<string, LookupSize> = {}
  const space = { bytes: new Uint8Array(1024 * 1024) }
  let taken = 0
  for (const [name, lookup] of Object.entries(options.table.lookups)) {
    const source = sources[name]!
    const reading = { name, lookup, source, taken, space }
    const rows = await underSettingsOf(reader, lookup, source, () => readRows(reader, options, reading), {
      ordered: true,
    })
    refuseShrunkLookup(options, name, rows.rows, options.before[name])
    finders[name] = createFinder(name, lookup, rows)
    sizes[name] = { rows: rows.rows, bytes: rows.bytes }
    taken += rows.bytes
    options.observe({ kind: 'lookup', name, ...sizes[name] })
  }
  releaseBytes(space.bytes)
  return { finders, sizes }
}

interface Input {
  readonly name: string
  readonly lookup: Lookup
  readonly source: Source
  /** Bytes of the lookups before. */
  readonly taken: number
  readonly space: Space
}

async function readRows(
  reader: Reader,
  { table, options, signal }: LookupOptions,
  { name, lookup, source, taken, space }: Input,
): Promise<LookupRows> {
  const place = describeLookup(name, table)
  const builder = createLookupRows(lookup, space)
  const decoder = createCopyDecoder({
    table: place,
    columns: lookup.columns,
    internal: Object.keys(lookup.columns),
    onRows({ wire, offsets, stride, rows: count }) {
      let bytes = 0
      for (let row = 0; row < count; row++) bytes = builder.add(wire, offsets, row * stride)
      if (bytes > mostBytes) throw tooLarge(place, 'it', mostBytes, 'fewer columns')
      if (taken + bytes > options.maxLookupBytes) {
        const advice = 'fewer columns, or raise --max-lookup-size'
        throw tooLarge(place, 'with those before it, it', options.maxLookupBytes, advice)
      }
      return { taken: count, kept: 0 }
    },
  })
  try {
    const { stream, tag } = reader.copy(copyQuery(lookup, source, { sorted: lookup.many }))
    for await (const chunk of stream) {
      for (let decoded = decoder.push(chunk); decoded; decoded = decoder.resume()) {
        // Its rows have been added.
      }
      releaseBytes(chunk)
    }
    signal.throwIfAborted()
    decoder.finish()
    countsAgree(table.name, `rows in the server's COPY tag of ${place}`, await tag, 'read', decoder.rows)
  } catch (error) {
    throw postgresFailure(error, 'read', place)
  }
  const rows = builder.finish()
  if (typeof rows === 'string') throw ambiguous(place, lookup, rows)
  return rows
}

function ambiguous(place: string, { latestBy }: Lookup, key: string): Failure {
  return new Failure({
    exit: 3,
    act: 'read',
    thing: place,
    reason: `two rows have the key ${key}${latestBy === undefined ? '' : ` and the same ${latestBy}`}`,
    advice:
      latestBy === undefined
        ? 'Narrow it by where, keep the one that is greatest by a column with latestBy, or keep them all with many.'
        : 'Take another column for latestBy, one that tells them apart.',
  })
}

/** Places in a lookup's rows are signed words of 32 bits. */
const mostBytes = 2 ** 31 - 1

function tooLarge(place: string, what: string, limit: number, advice: string): Failure {
  return new Failure({
    exit: 3,
    act: 'hold',
    thing: place,
    reason: `${what} takes more than ${Math.round(limit / 1024 / 1024)} MiB of memory`,
    advice: `Narrow it by where or by ${advice}.`,
  })
}
