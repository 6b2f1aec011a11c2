/** The schemas of the AWS SDK for JavaScript, which it ships as nested arrays, in words. */

export type Schema =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'time' }
  /** Bytes and documents, which have no one form. */
  | { readonly kind: 'anything' }
  | { readonly kind: 'list'; readonly element: Member }
  | { readonly kind: 'map'; readonly values: () => Schema }
  | {
      readonly kind: 'structure'
      readonly name: string
      readonly members: ReadonlyMap<string, Member>
      /** Names of the members that must be there. */
      readonly required: readonly string[]
      /** How the root of its document is called. */
      readonly xmlName: string | undefined
    }

export type Structure = Extract<Schema, { readonly kind: 'structure' }>

/** A member of a structure, or the element of a list. */
export interface Member extends Place {
  readonly schema: () => Schema
}

/** Where REST in XML keeps a member; neither of these: in the document, as an element of its name. */
interface Place {
  readonly label?: boolean
  readonly header?: string
  /** How the headers begin that are a map. */
  readonly headerPrefix?: string
  readonly query?: string
  /** It is the body. */
  readonly payload?: boolean
  /** How its element is called, where that is not its own name. */
  readonly xmlName?: string
  /** A list whose elements are not in an element of its own. */
  readonly flattened?: boolean
}

/** The schema of an operation's input or output. @throws RangeError for one that the SDK does not have */
export function operationSchema(
  operations: Readonly<Record<string, unknown>>,
  operation: string,
  side: 'input' | 'output',
): Schema {
  const given = operations[`${operation}$`]
  if (!Array.isArray(given) || given[0] !== kinds.operation) {
    throw new RangeError(`AWS' model has no operation ${operation}`)
  }
  return schemaOf(given[side === 'input' ? 4 : 5])
}

/** Every structure that the operations' inputs and outputs reach, by its name. */
export function structuresOf(
  sdk: Readonly<Record<string, unknown>>,
  operations: readonly string[],
): ReadonlyMap<string, Structure> {
  const found = new Map<string, Structure>()
  const visit = (schema: Schema): void => {
    if (schema.kind === 'list') visit(schema.element.schema())
    if (schema.kind === 'map') visit(schema.values())
    if (schema.kind !== 'structure' || found.has(schema.name)) return
    found.set(schema.name, schema)
    for (const member of schema.members.values()) visit(member.schema())
  }
  for (const name of operations)
    for (const side of ['input', 'output'] as const) visit(operationSchema(sdk, name, side))
  return found
}

/** The first element of a schema, and what a simple one is: Smithy's types as the SDK numbers them. */
const kinds = { simple: 0, list: 1, map: 2, structure: 3, union: 4, operation: 9 } as const
const simple = new Map<number, Schema>([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  ...[4, 5, 6, 7].map((form) => [form, { kind: 'time' }] as const),
])
const anything: Schema = { kind: 'anything' }
const listOf = 64
const mapOf = 128

const known = new Map<unknown, Schema>()

function schemaOf(given: unknown): Schema {
  const found = known.get(given)
  if (found !== undefined) return found
  const made = readSchema(given)
  known.set(given, made)
  return made
}

function readSchema(given: unknown): Schema {
  if (typeof given === 'function') return schemaOf(given())
  if (typeof given === 'number') return readNumber(given)
  if (!Array.isArray(given)) return anything
  // A schema with traits of its member.
  if (given.length === 2) return schemaOf(given[0])
  switch (given[0]) {
    case kinds.list:
      return { kind: 'list', element: memberOf(given[4]) }
    case kinds.map:
      return { kind: 'map', values: () => schemaOf(given[5]) }
    case kinds.structure:
    case kinds.union:
      return readStructure(given)
    default:
      return schemaOf(given[4])
  }
}

function readNumber(given: number): Schema {
  if (given >= mapOf) return { kind: 'map', values: () => schemaOf(given - mapOf) }
  if (given >= listOf) return { kind: 'list', element: memberOf(given - listOf) }
  return simple.get(given) ?? anything
}

function readStructure(given: readonly unknown[]): Structure {
  const [, , name, traits, names, members, required = 0] = given
  const listed: readonly unknown[] = Array.isArray(names) ? names : []
  const shapes: readonly unknown[] = Array.isArray(members) ? members : []
  return {
    kind: 'structure',
    name: String(name),
    members: new Map(listed.map((member, index) => [String(member), memberOf(shapes[index])])),
    required: listed.slice(0, Number(required)).map(String),
    xmlName: placeOf(traits).xmlName,
  }
}

function memberOf(given: unknown): Member {
  const traits = Array.isArray(given) && given.length === 2 ? given[1] : 0
  let schema: Schema | undefined
  return {
    ...placeOf(traits),
    schema: () => {
      schema ??= schemaOf(given)
      return schema
    },
  }
}

/** Traits without a value are bits of a number, where no other is there. */
const label = 1
const payload = 16

function placeOf(traits: unknown): Place {
  if (typeof traits === 'number') return { label: (traits & label) > 0, payload: (traits & payload) > 0 }
  if (typeof traits !== 'object' || traits === null) return {}
  const { httpLabel, httpHeader, httpPrefixHeaders, httpQuery, httpPayload, xmlName, xmlFlattened } =
    traits as Readonly<Record<string, string | number | undefined>>
  const texts = { header: httpHeader, headerPrefix: httpPrefixHeaders, query: httpQuery, xmlName }
  return {
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ),
    label: httpLabel === 1,
    payload: httpPayload === 1,
    flattened: xmlFlattened === 1,
  }
}
