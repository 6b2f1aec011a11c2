/** Decodes a COPY stream through the real framer and decoder into vectors, without a file. */
import { everyRow } from '../../lib/batch/batch.ts'
import { createVector, type Vector } from '../../lib/batch/vector.ts'
import { createDecoder, type Decoder } from '../../lib/copy/decode.ts'
import { createFramer } from '../../lib/copy/frame.ts'
import type { Column } from '../../lib/types/type.ts'

export interface Decoded extends Pick<Decoder, 'lossy'> {
  readonly rows: number
  readonly bytes: number
  readonly vectors: readonly Vector[]
}

/** @param chunks as they arrive; they are left as they are */
export function decode(
  columns: Readonly<Record<string, Column>>,
  chunks: Iterable<Uint8Array>,
  { thing = 'test', batchBytes }: { readonly thing?: string; readonly batchBytes?: number } = {},
): Decoded {
  const framer = createFramer({ thing, columns, ...(batchBytes !== undefined && { batchBytes }) })
  const decoder = createDecoder({ name: thing, columns })
  const vectors = Object.values(columns).map(createVector)
  for (const chunk of chunks) {
    framer.push(chunk)
    for (let batch = framer.next(); batch !== undefined; batch = framer.next())
      decoder.decode(batch, everyRow(batch), vectors)
  }
  for (let batch = framer.last(); batch !== undefined; batch = framer.last())
    decoder.decode(batch, everyRow(batch), vectors)
  return { rows: framer.rows, bytes: framer.bytes, vectors, lossy: decoder.lossy }
}
