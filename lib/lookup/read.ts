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
import { copyOf } from '../copy/query.ts'
import { hidesValues } from '../declare/hidden-columns.ts'
import type { Lookup } from '../declare/lookup.ts'
import { Failure } from '../failure/failure.ts'
import type { Reader } from '../postgres/connect.ts'
import { postgresFailure } from '../postgres/failure.ts'
import type { Space } from './packed-rows.ts'
import { createLookupRows, type LookupRows } from './rows.ts'

export interface LookupInput {
  /** The load's table, for messages. */
  readonly table: string
  /** Where the lookup is declared, in words. */
  readonly place: string
  readonly lookup: Lookup
  /** What has its rows: `select … from …`; in the order of their values where many are kept. */
  readonly select: string
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
export async function readLookup(reader: Pick<Reader, 'copy'>, input: LookupInput): Promise<LookupRows> {
  const { table, place, lookup, select, space, isShared, signal } = input
  const builder = createLookupRows(lookup, { space, isShared })
  try {
    for await (const batch of copy(reader, copyOf(select), {
      table,
      thing: place,
      columns: lookup.columns,
      signal,
    })) {
      requireRoom(input, builder.add(batch))
    }
  } catch (error) {
    throw postgresFailure(error, 'read', place, {
      hidesValues: hidesValues({ columns: lookup.columns, lookups: {}, derive: {} }),
    })
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

function ambiguous(place: string, { kept }: Lookup, key: string): Failure {
  return new Failure({
    exit: 3,
    act: 'read',
    thing: place,
    reason: `two rows have the key ${key}${kept === undefined ? '' : ` and the same ${kept.by.join(', ')}`}`,
    advice:
      kept === undefined
        ? 'Narrow it by where, keep the one that is greatest by a column with latestBy, or keep them all with many.'
        : `Take another column for ${kept.option}, one that tells them apart.`,
  })
}
