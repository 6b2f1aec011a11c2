/** Bytes that are read one value after the other (Avro specification, "Binary Encoding": primitive types). */
import { AvroError } from './schema.ts'

export interface Input {
  readonly bytes: Uint8Array
  at: number
}

/** Zigzag in groups of 7 bits, the lowest first. */
export function long(input: Input): bigint {
  return BigInt(zigzag(input))
}

export function int(input: Input): number {
  return Number(zigzag(input))
}

function zigzag(input: Input): number | bigint {
  let low = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = nextByte(input)
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
  }
  let value = BigInt(low)
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = nextByte(input)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
  throw new AvroError('it has a number of more than 64 bits')
}

function nextByte(input: Input): number {
  const byte = input.bytes[input.at++]
  if (byte === undefined) throw new AvroError('it ends too early')
  return byte
}

/** A copy, so that nobody holds the whole file. */
export function take(input: Input, length: number): Uint8Array {
  const from = input.at
  passOver(input, length)
  return input.bytes.slice(from, input.at)
}

export function passOver(input: Input, length: number): void {
  const end = input.at + length
  if (length < 0 || end > input.bytes.length) throw new AvroError('it ends too early')
  input.at = end
}

export function bytes(input: Input): Uint8Array {
  return take(input, int(input))
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

export function text(input: Input): string {
  return utf8.decode(bytes(input))
}
