/**
 * Values to Avro's binary encoding (Avro specification, "Binary Encoding"): the types that manifests are made of. A union
 * is of null and one other type.
 */
import { type AvroComplex, AvroError, type AvroSchema, isKeyValues } from './schema.ts'

export interface Output {
  bytes: Uint8Array
  at: number
}

type Encode = (output: Output, value: unknown) => void

export function createOutput(): Output {
  return { bytes: new Uint8Array(64 * 1024), at: 0 }
}

export function encoderOf(schema: AvroSchema): Encode {
  if (typeof schema === 'string') return primitive(schema)
  if (!Array.isArray(schema)) return complex(schema as AvroComplex)
  const [first, second] = schema as readonly AvroSchema[]
  if (first !== 'null' || second === undefined) throw new AvroError('a union is of null and another type')
  const encode = encoderOf(second)
  return (output, value) => {
    const isNull = value === null || value === undefined
    long(output, isNull ? 0 : 1)
    if (!isNull) encode(output, value)
  }
}

function complex(schema: AvroComplex): Encode {
  const { type, fields = [], items = 'null', size = 0, logicalType } = schema
  switch (type) {
    case 'record': {
      const members = fields.map((field) => ({ name: field.name, encode: encoderOf(field.type) }))
      return (output, value) => {
        for (const { name, encode } of members) encode(output, (value as Record<string, unknown>)[name])
      }
    }
    case 'array': {
      if (isKeyValues(schema)) return keyValues(items as AvroComplex)
      const encode = encoderOf(items)
      return (output, value) => {
        const all = value as readonly unknown[]
        if (all.length > 0) long(output, all.length)
        for (const item of all) encode(output, item)
        long(output, 0)
      }
    }
    case 'fixed':
      return logicalType === 'decimal'
        ? (output, value) => put(output, bigEndian(value as bigint, size))
        : (output, value) => put(output, value as Uint8Array)
    default:
      return encoderOf(type)
  }
}

function keyValues({ fields = [] }: AvroComplex): Encode {
  const [key, value] = fields.map(({ type }) => encoderOf(type))
  return (output, given) => {
    const map = given as ReadonlyMap<unknown, unknown>
    if (map.size > 0) long(output, map.size)
    for (const [each, of] of map) {
      key!(output, each)
      value!(output, of)
    }
    long(output, 0)
  }
}

function primitive(type: string): Encode {
  switch (type) {
    case 'boolean':
      return (output, value) => put(output, Uint8Array.of(value === true ? 1 : 0))
    case 'int':
    case 'long':
      return (output, value) => long(output, value as number | bigint)
    case 'float':
      return (output, value) => put(output, new Uint8Array(Float32Array.of(value as number).buffer))
    case 'double':
      return (output, value) => put(output, new Uint8Array(Float64Array.of(value as number).buffer))
    case 'bytes':
      return (output, value) => bytes(output, value as Uint8Array)
    case 'string':
      return (output, value) => bytes(output, utf8.encode(value as string))
    default:
      throw new AvroError(`there is no type ${type}`)
  }
}

const utf8 = new TextEncoder()

export function long(output: Output, value: number | bigint): void {
  if (typeof value === 'number' && value >= -0x4000_0000 && value < 0x4000_0000) {
    let left = (value << 1) ^ (value >> 31)
    for (; left > 0x7f; left >>>= 7) putByte(output, (left & 0x7f) | 0x80)
    putByte(output, left)
    return
  }
  const exact = BigInt(value)
  let left = BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n))
  for (; left > 0x7fn; left >>= 7n) putByte(output, Number(left & 0x7fn) | 0x80)
  putByte(output, Number(left))
}

export function bytes(output: Output, value: Uint8Array): void {
  long(output, value.length)
  put(output, value)
}

export function put(output: Output, value: Uint8Array): void {
  reserve(output, value.length)
  output.bytes.set(value, output.at)
  output.at += value.length
}

function putByte(output: Output, byte: number): void {
  reserve(output, 1)
  output.bytes[output.at++] = byte
}

function reserve(output: Output, more: number): void {
  if (output.at + more <= output.bytes.length) return
  const larger = new Uint8Array(2 * (output.at + more))
  larger.set(output.bytes.subarray(0, output.at))
  output.bytes = larger
}

/** Two's complement, the sign before it up to so many bytes. */
function bigEndian(value: bigint, size: number): Uint8Array {
  const all = new Uint8Array(size)
  for (let at = size - 1, left = value; at >= 0; at--, left >>= 8n) all[at] = Number(left & 0xffn)
  return all
}
