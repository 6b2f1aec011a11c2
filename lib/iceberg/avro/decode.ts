/**
 * Values from Avro's binary encoding (Avro specification, "Binary Encoding"). A `long` is a bigint, exact in all its 64
 * bits; an `int` a number; an array of keys and values a Map; a decimal its unscaled value, a bigint.
 */
import {
  type AvroComplex,
  AvroError,
  type AvroField,
  type AvroSchema,
  fullName,
  isKeyValues,
  type NamedTypes,
  namespaceOf,
} from './schema.ts'

export interface Input {
  readonly bytes: Uint8Array
  at: number
}

export type Decode = (input: Input) => unknown

/** What a record's field is called in the values that are made of it. */
export type NameField = (field: AvroField) => string

export function decoderOf(schema: AvroSchema, nameField: NameField): Decode {
  const named: NamedTypes<Decode> = new Map()

  function compile(each: AvroSchema, around: string): Decode {
    if (typeof each === 'string') return primitives[each] ?? reference(each, around)
    if (isUnion(each)) {
      const branches = each.map((branch) => compile(branch, around))
      return (input) => branchAt(branches, int(input), 'branch')(input)
    }
    return complex(each, around)
  }

  function complex(each: AvroComplex, around: string): Decode {
    const name = fullName(each, around)
    switch (each.type) {
      case 'record':
        return record(each.fields ?? [], name)
      case 'enum': {
        const symbols = (each.symbols ?? []).map((symbol) => () => symbol)
        return define(name, (input) => branchAt(symbols, int(input), 'symbol')())
      }
      case 'fixed': {
        const size = each.size ?? 0
        const fixed = (input: Input) => take(input, size)
        return define(name, each.logicalType === 'decimal' ? (input) => unscaled(fixed(input)) : fixed)
      }
      case 'array': {
        const item = compile(each.items ?? 'null', around)
        return isKeyValues(each) ? keyValues(each, around) : (input) => blocks(input, item)
      }
      case 'map': {
        const value = compile(each.values ?? 'null', around)
        return (input) => new Map(blocks(input, (from) => [text(from), value(from)] as const))
      }
      case 'bytes':
        return each.logicalType === 'decimal' ? (input) => unscaled(bytes(input)) : bytes
      default:
        return compile(each.type, around)
    }
  }

  function keyValues({ items }: AvroComplex, around: string): Decode {
    const [key, value] = ((items as AvroComplex).fields ?? []).map(({ type }) => compile(type, around))
    return (input) => new Map(blocks(input, (from) => [key!(from), value!(from)] as const))
  }

  function record(fields: readonly AvroField[], name: string): Decode {
    const members: { readonly key: string; readonly decode: Decode }[] = []
    const decode = define(name, (input) => {
      const value: Record<string, unknown> = Object.create(null)
      for (const member of members) value[member.key] = member.decode(input)
      return value
    })
    // After it is known by its name, as its fields may refer to it.
    for (const field of fields) {
      members.push({ key: nameField(field), decode: compile(field.type, namespaceOf(name)) })
    }
    return decode
  }

  function define(name: string, decode: Decode): Decode {
    named.set(name, decode)
    return decode
  }

  function reference(name: string, around: string): Decode {
    const found = named.get(fullName({ type: '', name }, around)) ?? named.get(name)
    if (found === undefined) throw new AvroError(`its schema names the unknown type ${name}`)
    return found
  }

  return compile(schema, '')
}

function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema)
}

const primitives: Readonly<Record<string, Decode>> = {
  null: () => null,
  boolean: (input) => take(input, 1)[0] !== 0,
  int,
  long,
  float: (input) => view(take(input, 4)).getFloat32(0, true),
  double: (input) => view(take(input, 8)).getFloat64(0, true),
  bytes,
  string: text,
}

function branchAt<T>(all: readonly T[], at: number, what: string): T {
  const found = all[at]
  if (found === undefined) throw new AvroError(`it has a ${what} ${at} that its schema does not have`)
  return found
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
  const end = input.at + length
  if (length < 0 || end > input.bytes.length) throw new AvroError('it ends too early')
  const taken = input.bytes.slice(input.at, end)
  input.at = end
  return taken
}

export function bytes(input: Input): Uint8Array {
  return take(input, int(input))
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

export function text(input: Input): string {
  return utf8.decode(bytes(input))
}

/** Items come in blocks, each behind their number; a negative one has the block's size in bytes after it. */
function blocks<T>(input: Input, item: (input: Input) => T): T[] {
  const items: T[] = []
  for (let count = int(input); count !== 0; count = int(input)) {
    if (count < 0) int(input)
    for (let left = Math.abs(count); left > 0; left--) items.push(item(input))
  }
  return items
}

/** Two's complement, big-endian. */
function unscaled(all: Uint8Array): bigint {
  return BigInt.asIntN(
    8 * all.length,
    all.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  )
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
