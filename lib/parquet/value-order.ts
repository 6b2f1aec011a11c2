/** The order of values in PLAIN form without a length, which is the footer's TypeDefinedOrder (parquet.thrift, `ColumnOrder`). */
import type { Physical } from '../batch/vector.ts'

/** Below zero: `a` comes before `b`; zero: they are equal, as −0 and +0 are. */
export type CompareValues = (a: Uint8Array, b: Uint8Array) => number

export function valueOrder(physical: Physical): CompareValues {
  switch (physical) {
    case 'INT32':
      return (a, b) => view(a).getInt32(0, true) - view(b).getInt32(0, true)
    case 'INT64':
      return (a, b) => compareNumbers(view(a).getBigInt64(0, true), view(b).getBigInt64(0, true))
    case 'FLOAT':
      return (a, b) => compareNumbers(view(a).getFloat32(0, true), view(b).getFloat32(0, true))
    case 'DOUBLE':
      return (a, b) => compareNumbers(view(a).getFloat64(0, true), view(b).getFloat64(0, true))
    case 'FIXED_LEN_BYTE_ARRAY':
      // Two's complement, big-endian.
      return (a, b) => view(a).getInt8(0) - view(b).getInt8(0) || Buffer.compare(a, b)
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
      return (a, b) => Buffer.compare(a, b)
  }
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Infinities too, whose difference is no number. */
function compareNumbers<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
