/**
 * One loop a wire form: appends a column's fields of many rows to its vector.
 * Offsets point into the COPY buffer, row after row, −1 for null; a field's length is in the 4 bytes before it.
 * Wire forms: PostgreSQL source, the `*_send` functions; 64-bit values are kept as two 32-bit halves.
 */

import { decodeBytes, decodeJsonb, decodeUuid } from './byte-strings.ts'
import type { Decode } from './decode.ts'
import {
  decodeBoolean,
  decodeDate,
  decodeInt16,
  decodeInt64,
  decodeOid,
  decodeTimestamp,
  decodeWord,
} from './fixed-width.ts'
import { listDecoder } from './list.ts'
import { softenerFor } from './lossy.ts'
import { decimalDecoder } from './numeric.ts'
import type { Column, Wire } from './type.ts'

/** @param onSoftened hears how many values a lossy column has let pass */
export function decoderFor(column: Column, onSoftened: (values: number) => void = () => {}): Decode {
  const { element } = column
  const soften = softenerFor(element ?? column, onSoftened)
  if (element !== undefined) return requiring(column, listDecoder(column, valueDecoder(element), soften))
  const decode = requiring(column, valueDecoder(column))
  if (soften === undefined) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    soften(wire, offsets, at, stride, rows)
    return decode(wire, offsets, at, stride, rows, vector)
  }
}

function valueDecoder(column: Column): Decode {
  return column.wire === 'numeric' ? decimalDecoder(column) : decoders[column.wire]
}

const decoders: Readonly<Record<Exclude<Wire, 'numeric'>, Decode>> = {
  int2: decodeInt16,
  int4: decodeWord,
  int8: decodeInt64,
  oid: decodeOid,
  float4: decodeWord,
  float8: decodeInt64,
  bool: decodeBoolean,
  date: decodeDate,
  timestamp: decodeTimestamp,
  uuid: decodeUuid,
  jsonb: decodeJsonb,
  bytes: decodeBytes,
}

/** Nulls are found before anything is appended, so that the loops need not ask which kind of column it is. */
function requiring({ nullable }: Column, decode: Decode): Decode {
  if (nullable) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    for (let row = 0, k = at; row < rows; row++, k += stride) if (offsets[k]! < 0) return row
    return decode(wire, offsets, at, stride, rows, vector)
  }
}
