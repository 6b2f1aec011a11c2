/**
 * Small tables that are read before a load's own, in its snapshot, and held in memory for the script's functions.
 *
 * I want to…                                              → file
 * change how a lookup is read, or the memory it may take  → read.ts
 * change how its rows lie in memory                       → rows.ts, packed-rows.ts
 * change how a row is found by its key                    → index.ts, word-index.ts, key.ts
 * change what a script calls, and what it may ask for     → lookup-function.ts, key-requirement.ts
 * change what a script sees of a row                      → found-row.ts
 */
import { copy } from '../copy/copy.ts'
import { copyQuery } from '../copy/query.ts'
import type { Lookup } from '../declare/lookup.ts'
import { Failure } from '../failure/failure.ts'
import type { Reader } from '../postgres/connect.ts'
import { postgresFailure } from '../postgres/failure.ts'
import type { Source } from '../postgres/source.ts'
import type { Space } from './packed-rows.ts'
import { createLookupRows, type LookupRows } from './rows.ts'

export interface LookupInput {
  /** The load's table, for messages. */
  readonly table: string
  /** Where the lookup is declared, in words. */
  readonly place: string
  readonly lookup: Lookup
  readonly source: Source
  /** Bytes of memory that all lookups may take together, and that those before this one take. */
  readonly maxBytes: number
  readonly bytesBefore: number
  /** To pack rows in. */
  readonly space: Space
  /** Whether other threads are to find its rows too. */
  readonly isShared: boolean
  readonly signal: AbortSignal
}

/**
 * @throws Failure (3) for a key that two rows have, and for rows that take more memory than the limit; else as Postgres
 * fails
 */
export async function readLookup(reader: Reader, input: LookupInput): Promise<LookupRows> {
  const { table, place, lookup, source, space, isShared, signal } = input
  const builder = createLookupRows(lookup, { space, isShared })
  const query = copyQuery(lookup, source, { sorted: lookup.many })
  try {
    for await (const batch of copy(reader, query, { table, thing: place, columns: lookup.columns, signal })) {
      requireRoom(input, builder.add(batch))
    }
  } catch (error) {
    throw postgresFailure(error, 'read', place)
  }
  const rows = builder.finish()
  if (typeof rows === 'string') throw ambiguous(place, lookup, rows)
  return rows
}

/** Places in a lookup's rows are signed words of 32 bits. */
const mostBytes = 2 ** 31 - 1

/** @param bytes that it takes so far */
function requireRoom({ place, maxBytes, bytesBefore }: LookupInput, bytes: number): void {
  if (bytes > mostBytes) throw tooLarge(place, 'it', mostBytes, 'fewer columns')
  if (bytesBefore + bytes <= maxBytes) return
  throw tooLarge(place, 'with those before it, it', maxBytes, 'fewer columns, or raise --max-lookup-size')
}

function tooLarge(place: string, what: string, limit: number, advice: string): Failure {
  return new Failure({
    exit: 3,
    act: 'hold',
    thing: place,
    reason: `${what} takes more than ${Math.round(limit / 1024 / 1024)} MiB of memory`,
    advice: `Narrow it by where or by ${advice}.`,
  })
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
