/** Numbers and texts in the bytes of a binary COPY, which has the highest byte first. */

export function int16(wire: Uint8Array, o: number): number {
  return ((wire[o]! << 24) | (wire[o + 1]! << 16)) >> 16
}

export function int32(wire: Uint8Array, o: number): number {
  return (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
}

const halves = new Int32Array(2)
const whole = new BigInt64Array(halves.buffer)

export function int64(wire: Uint8Array, o: number): bigint {
  halves[1] = int32(wire, o)
  halves[0] = int32(wire, o + 4)
  return whole[0]!
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}

export function utf8(wire: Uint8Array, start: number, end: number): string {
  return view(wire).toString('utf8', start, end)
}

export function hex(wire: Uint8Array, start: number, end: number): string {
  return view(wire).toString('hex', start, end)
}

let viewed: Uint8Array | undefined
let buffer: Buffer = Buffer.alloc(0)

/** One and the same array is asked of many times. */
function view(wire: Uint8Array): Buffer {
  if (wire instanceof Buffer) return wire
  if (viewed === wire) return buffer
  viewed = wire
  buffer = Buffer.from(wire.buffer, wire.byteOffset, wire.length)
  return buffer
}
