/** A column's decoder, made of that of its type: for nulls, lossy columns and lists. */

import type { HashKey } from './hash-key.ts'
import { listDecoder } from './list-decoder.ts'
import { replacerFor } from './replace.ts'
import type { Column, Decode } from './type.ts'

/** @param onLossy hears how many values a lossy column has let pass @param key of hashed columns */
export function decoderFor(
  column: Column,
  onLossy: (values: number) => void = () => {},
  key?: HashKey,
): Decode {
  const { element, values } = column
  const replace = replacerFor(element ?? column, onLossy)
  if (element !== undefined)
    return requiring(column, listDecoder(column, element.values.decoder(element), replace))
  const decode = requiring(column, values.decoder(column, key))
  if (replace === undefined) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    replace(wire, offsets, at, stride, rows)
    return decode(wire, offsets, at, stride, rows, vector)
  }
}

/** Nulls are found before anything is appended, so that the loops need not ask which kind of column it is. */
function requiring({ nullable }: Column, decode: Decode): Decode {
  if (nullable) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    for (let row = 0, k = at; row < rows; row++, k += stride) if (offsets[k]! < 0) return row
    return decode(wire, offsets, at, stride, rows, vector)
  }
}
