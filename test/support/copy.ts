/** Rows as a server sends them by COPY, without a server. */
import type { Batch } from '../../lib/batch/batch.ts'
import { type CopiedRows, copy } from '../../lib/copy/copy.ts'
import type { FramerOptions } from '../../lib/copy/frame.ts'

/** A reader whose every COPY has these chunks, in memory that is the asker's, and then this tag. */
export function readerOf(chunks: Iterable<Uint8Array>, tag: number): Parameters<typeof copy>[0] {
  const iterator = chunks[Symbol.iterator]()
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = iterator.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
  return { copy: () => ({ stream, tag: Promise.resolve(tag) }) }
}

export function copyOf(
  chunks: Iterable<Uint8Array>,
  tag: number,
  options: FramerOptions & { readonly signal?: AbortSignal },
): CopiedRows & AsyncIterable<Batch> {
  const { signal = new AbortController().signal } = options
  return copy(readerOf(chunks, tag), 'copy …', { ...options, table: options.thing, signal })
}
