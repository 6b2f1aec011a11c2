/** A COPY as batches that come as they are asked for, and end only where the server says that all rows have come. */
import { describe, expect, test } from 'bun:test'
import type { Batch } from '../../lib/batch/batch.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { integer, text } from '../../lib/table.ts'
import { copyOf } from '../support/copy.ts'
import { chunksOf } from '../support/parquet.ts'
import { copyStream, type Value } from '../support/wire.ts'

const columns = { id: integer, body: text }
const rows = Array.from({ length: 100 }, (_, id): Value[] => [id, 'b'.repeat(id % 40)])
const stream = copyStream(columns, rows)
const framing = { thing: 'things', columns, batchBytes: 256 }

/** Ids of its rows, as they lie in the batch. */
function idsOf({ wire, offsets, stride, rowCount }: Batch, count = rowCount): number[] {
  const view = new DataView(wire.buffer, wire.byteOffset)
  return Array.from({ length: count }, (_, row) => view.getInt32(offsets[row * stride]!))
}

async function copied(chunks: Iterable<Uint8Array>, tag: number, signal?: AbortSignal) {
  const all = copyOf(chunks, tag, { ...framing, ...(signal && { signal }) })
  const ids: number[] = []
  for await (const batch of all) ids.push(...idsOf(batch))
  return { ids, rows: all.rows, bytes: all.bytes }
}

describe('batches', () => {
  test('have all rows in their order, and know how many came before them', async () => {
    const all = copyOf(chunksOf(stream, 100), rows.length, framing)
    const ids: number[] = []
    for await (const batch of all) {
      expect(batch.rowsBefore).toBe(ids.length)
      ids.push(...idsOf(batch))
    }
    expect(ids).toEqual(rows.map(([id]) => Number(id)))
    expect([all.rows, all.bytes]).toEqual([rows.length, stream.length])
  })

  test.each([1, 2, 3])('that are released after %d rows leave the others to the next', async (count) => {
    const all = copyOf(chunksOf(stream, 100), rows.length, framing)
    const ids: number[] = []
    for await (const batch of all) {
      expect(batch.rowsBefore).toBe(ids.length)
      const seen = Math.min(count, batch.rowCount)
      ids.push(...idsOf(batch, seen))
      batch.release(seen)
      // Once is enough: what comes later is of another batch.
      batch.release(batch.rowCount)
    }
    expect(ids).toEqual(rows.map(([id]) => Number(id)))
    expect(all.rows).toBe(rows.length)
  })

  test('take no more chunks than were asked for', async () => {
    let taken = 0
    function* chunks() {
      for (const chunk of chunksOf(stream, 64)) {
        taken++
        yield chunk
      }
    }
    for await (const batch of copyOf(chunks(), rows.length, framing)) {
      expect(batch.rowCount).toBeGreaterThan(0)
      break
    }
    expect(taken).toBeLessThanOrEqual(6)
  })
})

describe('a COPY', () => {
  test('ends where the tag of the server counts the rows that came', async () => {
    expect(await copied(chunksOf(stream, 100), 100)).toEqual({
      ids: rows.map(([id]) => Number(id)),
      rows: 100,
      bytes: stream.length,
    })
  })

  test.each([99, 101, 0])('fails where it counts %d instead', async (tag) => {
    const failure = await copied(chunksOf(stream, 100), tag).catch((error) => error)
    expect(failure).toBeInstanceOf(Failure)
    expect(failure.exit).toBe(4)
    expect(failure.message).toContain(`${tag} rows in the server's COPY tag, but 100 rows read`)
  })

  test('fails by the reason of the signal where that has ended the stream', async () => {
    const stop = new AbortController()
    function* chunks() {
      yield* chunksOf(stream.subarray(0, 1000), 100)
      stop.abort(new Error('the load was stopped'))
    }
    await expect(copied(chunks(), 100, stop.signal)).rejects.toThrow('the load was stopped')
  })

  test('fails where the stream ends without its trailer', async () => {
    await expect(copied(chunksOf(stream.subarray(0, stream.length - 2), 100), 100)).rejects.toThrow(
      'ended before its trailer',
    )
  })
})
