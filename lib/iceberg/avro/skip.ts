/** Values that nobody asks for, passed over: to make thousands of bounds and throw them away takes time and memory. */
import { type Input, int, passOver } from './input.ts'
import { type AvroComplex, AvroError, type AvroSchema, fullName, namespaceOf } from './schema.ts'

export type Skip = (input: Input) => void

/** Types by their full names, each with the namespace that it stands in: what refers to one stands behind it. */
export type Definitions = Map<string, { readonly schema: AvroComplex; readonly around: string }>

/** @param named learns of the types that are defined in it */
export function skipperOf(schema: AvroSchema, around: string, named: Definitions): Skip {
  if (typeof schema === 'string') return primitives[schema] ?? reference(schema, around, named)
  if (!('type' in schema)) {
    const branches = schema.map((branch) => skipperOf(branch, around, named))
    return (input) => {
      const branch = branches[int(input)]
      if (branch === undefined) throw new AvroError('it has a branch that its schema does not have')
      branch(input)
    }
  }
  const { type, fields = [], items = 'null', values = 'null', size = 0 } = schema
  if (schema.name !== undefined) named.set(fullName(schema, around), { schema, around })
  switch (type) {
    case 'record': {
      const space = namespaceOf(fullName(schema, around))
      const members = fields.map((field) => skipperOf(field.type, space, named))
      return (input) => {
        for (const skip of members) skip(input)
      }
    }
    case 'enum':
      return int
    case 'fixed':
      return (input) => passOver(input, size)
    case 'array':
      return blocks(skipperOf(items, around, named))
    case 'map': {
      const value = skipperOf(values, around, named)
      return blocks((input) => {
        skipBytes(input)
        value(input)
      })
    }
    default:
      return skipperOf(type, around, named)
  }
}

function reference(name: string, around: string, named: Definitions): Skip {
  let skip: Skip | undefined
  // It may be the very type that it stands in.
  return (input) => {
    if (skip === undefined) {
      const found = named.get(fullName({ type: '', name }, around)) ?? named.get(name)
      if (found === undefined) throw new AvroError(`its schema names the unknown type ${name}`)
      skip = skipperOf(found.schema, found.around, named)
    }
    skip(input)
  }
}

/** A block whose number is negative says how many bytes it has. */
function blocks(skip: Skip): Skip {
  return (input) => {
    for (let count = int(input); count !== 0; count = int(input)) {
      if (count < 0) passOver(input, int(input))
      else for (let left = count; left > 0; left--) skip(input)
    }
  }
}

function skipBytes(input: Input): void {
  passOver(input, int(input))
}

const primitives: Readonly<Record<string, Skip>> = {
  null: () => {},
  boolean: (input) => passOver(input, 1),
  int,
  long: int,
  float: (input) => passOver(input, 4),
  double: (input) => passOver(input, 8),
  bytes: skipBytes,
  string: skipBytes,
}
