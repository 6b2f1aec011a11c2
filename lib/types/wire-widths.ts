import type { Wire } from './type.ts'

/** Bytes of every value of a wire form; 0: they differ. */
export const wireWidths: Readonly<Record<Wire, number>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  oid: 4,
  float4: 4,
  float8: 8,
  bool: 1,
  numeric: 0,
  date: 4,
  timestamp: 8,
  uuid: 16,
  jsonb: 0,
  bytes: 0,
}
