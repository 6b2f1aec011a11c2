/** What a stream says, read slowly and a second time: what the decoder of the product is held against. */
import { broken, outside, type Reading } from './kind.ts'
import { header, type StreamColumn } from './stream.ts'

export interface Expected {
  /** What the fields say, up to the row that cannot be told from what follows. */
  readonly rows: readonly (readonly Reading[])[]
  /**
   * In which rows the stream is broken, from 1 on: 0 is its header, and one more than there are is behind the last. In the
   * last of them rows cannot be told apart any more; in those before it are bytes that are no value.
   */
  readonly broken: readonly number[]
}

/** Most bytes that a server has in one message (MaxAllocSize of memutils.h). */
const mostBytes = 0x3fff_ffff
/** A header's extension may be skipped, and none is known: one beyond this is taken for damage. */
const mostExtension = 65_536

export function expectedOf(columns: readonly StreamColumn[], bytes: Uint8Array): Expected {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows: Reading[][] = []
  const found: number[] = []
  const breaks = (row: number): Expected => ({ rows, broken: [...found, row] })
  if (bytes.length < 19) return breaks(0)
  if (header.subarray(0, 15).some((byte, at) => bytes[at] !== byte)) return breaks(0)
  const extension = view.getInt32(15)
  if (extension < 0 || extension > mostExtension || 19 + extension > bytes.length) return breaks(0)
  let at = 19 + extension
  for (;;) {
    const number = rows.length + 1
    if (at + 2 > bytes.length) return breaks(number)
    const fields = view.getInt16(at)
    at += 2
    if (fields === -1) return at === bytes.length ? { rows, broken: found } : breaks(number)
    if (fields !== columns.length) return breaks(number)
    const row: Reading[] = []
    for (const { kind, isNullable } of columns) {
      if (at + 4 > bytes.length) return breaks(number)
      const length = view.getInt32(at)
      at += 4
      if (length < -1 || length > mostBytes || at + length > bytes.length) return breaks(number)
      if (length === -1) {
        row.push(isNullable ? null : outside)
      } else {
        row.push(kind.read(bytes.subarray(at, at + length)))
        at += length
      }
    }
    if (row.includes(broken)) found.push(number)
    rows.push(row)
  }
}
