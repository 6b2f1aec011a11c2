/** Which operations and fields a service has, and of which types they are, as its AWS SDK describes them. */
import { ServiceError } from '../service-error.ts'
import { broken, type Limit, type Limits } from './limits.ts'

/**
 * A service as its AWS SDK describes it: an entry `GetTable$` for every operation, with the shapes of its input and
 * output. Lengths, patterns and enums are not in it: those are the `Limits`.
 */
export interface Model {
  readonly operations: Readonly<Record<string, unknown>>
  readonly limits: Limits
}

export interface Problem {
  readonly path: string
  readonly value: unknown
  /** What AWS says of it: `Member must not be null`. */
  readonly constraint: string
  /** `size`: it is more than there may be. */
  readonly kind: 'type' | 'size' | 'constraint'
}

/**
 * What in a request or an answer the service's model forbids.
 * @returns undefined for an operation that the service does not have
 */
export function problemsOf(
  model: Model,
  operation: string,
  side: 'input' | 'output',
  value: unknown,
): Problem[] | undefined {
  const schema = model.operations[`${operation}$`]
  if (!Array.isArray(schema) || schema[0] !== kinds.operation) return undefined
  return check(model.limits, schema[side === 'input' ? 4 : 5], {}, value, '')
}

/** Members of the operation's input, as the service has them. */
export function inputMembers(model: Model, operation: string): readonly string[] {
  const schema = model.operations[`${operation}$`]
  const shape = Array.isArray(schema) ? resolved(schema[4]) : undefined
  return Array.isArray(shape) && Array.isArray(shape[4]) ? shape[4].map(String) : []
}

/** @throws ServiceError as AWS words it, if there is a problem */
export function refuseInvalid(problems: readonly Problem[], code: string): void {
  const wrongType = problems.find(({ kind }) => kind === 'type')
  if (wrongType !== undefined) {
    throw new ServiceError('SerializationException', `At '${wrongType.path}': ${wrongType.constraint}`)
  }
  if (problems.length === 0) return
  const words = problems.map(
    ({ path, value, constraint }) =>
      `Value ${value === undefined ? 'null' : `'${shown(value)}'`} at '${path}' failed to satisfy constraint: ${constraint}`,
  )
  const plural = problems.length === 1 ? 'error' : 'errors'
  throw new ServiceError(code, `${problems.length} validation ${plural} detected: ${words.join('; ')}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The first element of a schema, or the whole of a simple one; Smithy's type system as the SDK writes it. */
const kinds = {
  string: 0,
  number: 1,
  boolean: 2,
  list: 1,
  map: 2,
  structure: 3,
  union: 4,
  operation: 9,
} as const
const document = 15
const blob = 21
const listOf = 64
const mapOf = 128

function resolved(schema: unknown): unknown {
  if (typeof schema === 'function') return resolved(schema())
  // A schema with traits of its member.
  if (Array.isArray(schema) && schema.length === 2) return resolved(schema[0])
  return schema
}

const tooMuch = /less than or equal to/

function check(limits: Limits, given: unknown, limit: Limit, value: unknown, path: string): Problem[] {
  if (value === undefined || value === null) return []
  const said = broken(limit, value, limits.lengthOf)
  const own: Problem[] =
    said === undefined
      ? []
      : [{ path, value, constraint: said, kind: tooMuch.test(said) ? 'size' : 'constraint' }]
  return [...own, ...checkContent(limits, resolved(given), limit, value, path)]
}

function checkContent(
  limits: Limits,
  schema: unknown,
  limit: Limit,
  value: unknown,
  path: string,
): Problem[] {
  if (typeof schema === 'number') return checkSimple(limits, schema, limit, value, path)
  if (!Array.isArray(schema)) return []
  switch (schema[0]) {
    case kinds.list:
      return checkList(limits, schema[4], limit, value, path)
    case kinds.map:
      return checkMap(limits, schema[5], limit, value, path)
    case kinds.structure:
    case kinds.union:
      return checkStructure(limits, schema, value, path)
    default:
      return checkSimple(limits, Number(schema[4]), limit, value, path)
  }
}

function checkSimple(limits: Limits, schema: number, limit: Limit, value: unknown, path: string): Problem[] {
  if (schema >= mapOf) return checkMap(limits, schema - mapOf, limit, value, path)
  if (schema >= listOf) return checkList(limits, schema - listOf, limit, value, path)
  if (schema === kinds.string) return typeof value === 'string' ? [] : wrongType(path, 'string')
  if (schema === kinds.boolean) return typeof value === 'boolean' ? [] : wrongType(path, 'boolean')
  // Times are numbers too; documents and blobs have no one type in JSON.
  return typeof value === 'number' || [document, blob].includes(schema) ? [] : wrongType(path, 'number')
}

function checkList(limits: Limits, element: unknown, limit: Limit, value: unknown, path: string): Problem[] {
  if (!Array.isArray(value)) return wrongType(path, 'list')
  return value.flatMap((each, index) =>
    check(limits, element, limit.each ?? {}, each, `${path}.${index + 1}.member`),
  )
}

function checkMap(limits: Limits, values: unknown, limit: Limit, value: unknown, path: string): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongType(path, 'map')
  return Object.entries(value).flatMap(([key, each]) => [
    ...check(limits, kinds.string, limit.keys ?? {}, key, `${path}.key`),
    ...check(limits, values, limit.values ?? {}, each, `${path}.${key}.value`),
  ])
}

function checkStructure(limits: Limits, schema: readonly unknown[], value: unknown, path: string): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongType(path, 'structure')
  const [, , name, , members, shapes, required = 0] = schema
  if (!Array.isArray(members) || !Array.isArray(shapes)) return []
  const given = new Map(Object.entries(value))
  return members.map(String).flatMap((member, index) => {
    const at = `${path}${path === '' ? '' : '.'}${member.charAt(0).toLowerCase()}${member.slice(1)}`
    const content = given.get(member) ?? undefined
    if (content === undefined) {
      const missing = {
        path: at,
        value: undefined,
        constraint: 'Member must not be null',
        kind: 'constraint' as const,
      }
      return index < Number(required) ? [missing] : []
    }
    const limit = limits.members[`${String(name)}.${member}`] ?? limits.members[member] ?? {}
    return check(limits, shapes[index], limit, content, at)
  })
}

function wrongType(path: string, expected: string): Problem[] {
  return [{ path, value: undefined, constraint: `Expected ${expected}.`, kind: 'type' }]
}
