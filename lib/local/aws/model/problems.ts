/** What AWS' own model of a service forbids in its requests and answers: members, types, what must be there, limits. */
import { ServiceError } from '../service-error.ts'
import { broken, type Limit, type Limits } from './limits.ts'
import { operationSchema, type Schema, type Structure } from './schema.ts'

/**
 * A service as its AWS SDK describes it: an entry `GetTable$` for every operation, with the schemas of its input and
 * output. Lengths, patterns, enums and errors are not in it: those are the `Limits` and the `errors`.
 */
export interface Model {
  readonly operations: Readonly<Record<string, unknown>>
  readonly limits: Limits
  /** Codes of the errors that an operation may end with; undefined: the stand-in does not have it. */
  readonly errors: (operation: string) => ReadonlySet<string> | undefined
}

export interface Problem {
  readonly path: string
  readonly value: unknown
  /** What AWS says of it: `Member must not be null`. */
  readonly constraint: string
  /** `size`: it is more than there may be. `unknown`: AWS has no such member. */
  readonly kind: 'type' | 'size' | 'constraint' | 'unknown'
}

/**
 * What in a request or an answer the service's model forbids.
 * @throws RangeError for an operation that the service does not have
 */
export function problemsOf(
  model: Model,
  operation: string,
  side: 'input' | 'output',
  value: unknown,
): Problem[] {
  return check(model.limits, operationSchema(model.operations, operation, side), {}, value, '')
}

/** Members of the operation's input, as the service has them. */
export function inputMembers(model: Model, operation: string): readonly string[] {
  const schema = operationSchema(model.operations, operation, 'input')
  return schema.kind === 'structure' ? [...schema.members.keys()] : []
}

/** @throws ServiceError as AWS words it, if there is a problem */
export function refuseInvalid(problems: readonly Problem[], code: string): void {
  const wrongType = problems.find(({ kind }) => kind === 'type')
  if (wrongType !== undefined) {
    throw new ServiceError('SerializationException', `At '${wrongType.path}': ${wrongType.constraint}`)
  }
  const unknown = problems.find(({ kind }) => kind === 'unknown')
  if (unknown !== undefined) {
    throw new ServiceError(code, `The local stand-in does not know '${unknown.path}': ${unknown.constraint}.`)
  }
  if (problems.length > 0) throw new ServiceError(code, validationMessage(problems))
}

/** How AWS words it. */
export function validationMessage(problems: readonly Problem[]): string {
  const words = problems.map(
    ({ path, value, constraint }) =>
      `Value ${value === undefined ? 'null' : `'${shown(value)}'`} at '${path}' failed to satisfy constraint: ${constraint}`,
  )
  const plural = problems.length === 1 ? 'error' : 'errors'
  return `${problems.length} validation ${plural} detected: ${words.join('; ')}`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const tooMuch = /less than or equal to/

function check(limits: Limits, schema: Schema, limit: Limit, value: unknown, path: string): Problem[] {
  if (value === undefined || value === null) return []
  const said = broken(limit, value, limits.lengthOf)
  const content = checkContent(limits, schema, limit, value, path)
  if (said === undefined) return content
  return [{ path, value, constraint: said, kind: tooMuch.test(said) ? 'size' : 'constraint' }, ...content]
}

function checkContent(limits: Limits, schema: Schema, limit: Limit, value: unknown, path: string): Problem[] {
  switch (schema.kind) {
    case 'anything':
      return []
    case 'list':
      if (!Array.isArray(value)) return wrongType(path, 'list')
      return value.flatMap((each, index) =>
        check(limits, schema.element.schema(), limit.each ?? {}, each, `${path}.${index + 1}.member`),
      )
    case 'map':
      if (!isRecord(value)) return wrongType(path, 'map')
      return Object.entries(value).flatMap(([key, each]) => [
        ...check(limits, { kind: 'string' }, limit.keys ?? {}, key, `${path}.key`),
        ...check(limits, schema.values(), limit.values ?? {}, each, `${path}.${key}.value`),
      ])
    case 'structure':
      return isRecord(value) ? checkStructure(limits, schema, value, path) : wrongType(path, 'structure')
    case 'time':
      return typeof value === 'number' ? [] : wrongType(path, 'number')
    default:
      return typeof value === schema.kind ? [] : wrongType(path, schema.kind)
  }
}

function checkStructure(
  limits: Limits,
  { name, members, required }: Structure,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Problem[] {
  const problems = required
    .filter((member) => (value[member] ?? undefined) === undefined)
    .map((member): Problem => {
      const constraint = 'Member must not be null'
      return { path: memberPath(path, member), value: undefined, constraint, kind: 'constraint' }
    })
  for (const [member, content] of Object.entries(value)) {
    if (content === undefined || content === null) continue
    const known = members.get(member)
    const at = memberPath(path, member)
    if (known === undefined) {
      problems.push({ path: at, value: content, constraint: `${name} has no such member`, kind: 'unknown' })
    } else {
      const limit = limits.members.get(`${name}.${member}`) ?? {}
      problems.push(...check(limits, known.schema(), limit, content, at))
    }
  }
  return problems
}

function memberPath(path: string, member: string): string {
  return `${path}${path === '' ? '' : '.'}${member.charAt(0).toLowerCase()}${member.slice(1)}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrongType(path: string, expected: string): Problem[] {
  return [{ path, value: undefined, constraint: `Expected ${expected}.`, kind: 'type' }]
}
