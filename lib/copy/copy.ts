/**
 * `COPY … TO STDOUT` as batches of rows, which come as they are asked for.
 *
 * I want to…                                          → file
 * know what is asked of Postgres                      → query.ts
 * know how rows are found in the bytes it sends       → find-rows.ts, header.ts
 * know what is said of a stream that is damaged       → broken-stream.ts, check-forms.ts
 * change when a batch ends                            → frame.ts
 * know how a column of a batch becomes a vector       → decode.ts, and ../types/
 * change the message for a value that has no place    → out-of-range.ts
 * change how a message names a row                    → row-identity.ts
 */
import type { Batch } from '../batch/batch.ts'
import { releaseBytes } from '../batch/vector.ts'
import { countsAgree } from '../failure/counts-agree.ts'
import type { Reader } from '../postgres/connect.ts'
import { createFramer, type FramerOptions } from './frame.ts'

export interface CopiedRows extends AsyncIterable<Batch> {
  /** Rows that have come and are done with. */
  readonly rows: number
  /** Bytes received. */
  readonly bytes: number
}

export interface CopyOptions extends FramerOptions {
  /** The table whose load it is of, for messages. */
  readonly table: string
  readonly signal: AbortSignal
}

/**
 * Postgres sends 8 kB at a time. To be woken for each costs more than what is in it, on both sides: where so little has
 * come, more is let gather in the socket. A load takes a tenth less CPU, and no more time.
 */
const worthReading = 128 * 1024
const gatherMs = 1

/**
 * Runs the query once its batches are asked for. They end when all rows have come, which the server's tag confirms.
 * @throws Failure (1) for a stream that breaks, (4) where the tag counts other rows, the signal's reason, or what the
 * driver throws
 */
export function copy(
  reader: Pick<Reader, 'copy'>,
  query: string,
  { table, signal, ...options }: CopyOptions,
): CopiedRows {
  const framer = createFramer(options)
  return {
    get rows() {
      return framer.rows
    },
    get bytes() {
      return framer.bytes
    },
    async *[Symbol.asyncIterator]() {
      const { stream, tag } = reader.copy(query)
      for await (const chunk of stream) {
        framer.push(chunk)
        const { length } = chunk
        releaseBytes(chunk)
        for (let batch = framer.next(); batch !== undefined; batch = framer.next()) yield batch
        // The thread has nothing to do until more has come, and S3 is spoken to by another.
        if (length < worthReading && framer.bytes > worthReading) Bun.sleepSync(gatherMs)
      }
      // A stream that is stopped ends as one that has ended.
      signal.throwIfAborted()
      for (let batch = framer.last(); batch !== undefined; batch = framer.last()) yield batch
      const { thing } = options
      const what = `rows in the server's COPY tag${thing === table ? '' : ` of ${thing}`}`
      countsAgree(table, what, await tag, 'rows read', framer.rows)
    },
  }
}
