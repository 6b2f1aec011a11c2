/**
 * Values from Avro's binary encoding (Avro specification, "Binary Encoding"). A `long` is a bigint, exact in all its 64
 * bits; an `int` a number; an array of keys and values a Map; a decimal its unscaled value, a bigint.
 */
import { bytes, type Input, int, long, take, text } from './input.ts'
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
import { type Definitions, skipperOf } from './skip.ts'

export type Decode = (input: Input) => unknown

/** What a record's field is called in the values that are made of it. */
export type NameField = (field: AvroField) => string

/** @param unwanted names, as `nameField` gives them, of fields that records are to come without */
export function decoderOf(
  schema: AvroSchema,
  nameField: NameField,
  unwanted: ReadonlySet<string> = new Set(),
): Decode {
  const named: NamedTypes<Decode> = new Map()
  /** For what is passed over, and for what refers to it. */
  const definitions: Definitions = new Map()

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
    if (each.name !== undefined) definitions.set(name, { schema: each, around })
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
    const members: ((value: Record<string, unknown>, input: Input) => void)[] = []
    const decode = define(name, (input) => {
      const value: Record<string, unknown> = Object.create(null)
      for (const member of members) member(value, input)
      return value
    })
    // After it is known by its name, as its fields may refer to it.
    for (const field of fields) members.push(memberOf(field, namespaceOf(name)))
    return decode
  }

  function memberOf(field: AvroField, around: string) {
    const key = nameField(field)
    if (unwanted.has(key)) {
      const skip = skipperOf(field.type, around, definitions)
      return (_: Record<string, unknown>, input: Input) => skip(input)
    }
    const decodeField = compile(field.type, around)
    return (value: Record<string, unknown>, input: Input) => {
      value[key] = decodeField(input)
    }
  }

  function define(name: string, decode: Decode): Decode {
    named.set(name, decode)
    return decode
  }

  function reference(name: string, around: string): Decode {
    const full = fullName({ type: '', name }, around)
    const found = named.get(full) ?? named.get(name)
    const other = definitions.get(full) ?? definitions.get(name)
    if (found === undefined && other !== undefined) return compile(other.schema, other.around)
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
