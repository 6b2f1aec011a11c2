/** Fields whose bytes are no value of their type: found when a batch is whole, before anybody looks at them. */
import type { Batch } from '../batch/batch.ts'
import type { Columns } from '../declare/selection.ts'
import { malformedOf } from '../types/field.ts'
import { int32 } from '../types/wire.ts'
import { brokenStream } from './broken-stream.ts'

/** @param bytesBefore those of the stream before the batch's bytes @throws Failure (1) naming column, row and byte */
export type CheckForms = (batch: Batch, bytesBefore: number) => void

/** @param thing what is read, for messages */
export function formChecker(thing: string, columns: Columns): CheckForms {
  const checks = Object.entries(columns).flatMap(([name, column], at) => {
    const malformed = malformedOf(column)
    return malformed === undefined ? [] : [{ at, name, type: column.type, malformed }]
  })
  return ({ wire, offsets, stride, rowCount, rowsBefore }, bytesBefore) => {
    for (const { at, name, type, malformed } of checks) {
      const row = malformed(wire, offsets, at, stride, rowCount)
      if (row < 0) continue
      const offset = offsets[row * stride + at]!
      throw brokenStream(thing, `has ${int32(wire, offset - 4)} bytes for ${name} that are no ${type}`, {
        row: rowsBefore + row + 1,
        byte: bytesBefore + offset,
      })
    }
  }
}
