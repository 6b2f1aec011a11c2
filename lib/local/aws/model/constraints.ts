/** Limits and errors from a service's own model, as `bun run models` condenses it, in a form that values are held against. */
import { javaPattern } from './java-pattern.ts'
import type { Limit, Limits } from './limits.ts'

/** One of the files beside this one: of the operations that the stand-in has, what the schemas of the AWS SDK lack. */
export interface Constraints {
  /** Which model, of which version, under which licence. */
  readonly source: string
  /** By its name, the codes of the errors that the operation declares. */
  readonly operations: Readonly<Record<string, readonly string[]>>
  /** Codes of errors that the service declares for all operations. */
  readonly errors: readonly string[]
  /** By structure and member, the shape of a member that has limits. */
  readonly structures: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly shapes: Readonly<Record<string, Shape>>
}

/** Characters or bytes of a text, a number's value, entries of a list; `each`, `keys` and `values` are names of shapes. */
export interface Shape {
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly oneOf?: readonly string[]
  readonly each?: string
  readonly keys?: string
  readonly values?: string
}

/** @param lengthOf what the length of a text counts */
export function limitsOf(constraints: Constraints, lengthOf: Limits['lengthOf']): Limits {
  const made = new Map<string, Limit>()
  const limitOf = (name: string): Limit => {
    const known = made.get(name)
    if (known !== undefined) return known
    const { pattern, each, keys, values, ...plain } = constraints.shapes[name] ?? {}
    const limit: Limit = {
      ...plain,
      ...(pattern === undefined ? {} : { pattern: javaPattern(pattern) }),
      ...(each === undefined ? {} : { each: limitOf(each) }),
      ...(keys === undefined ? {} : { keys: limitOf(keys) }),
      ...(values === undefined ? {} : { values: limitOf(values) }),
    }
    made.set(name, limit)
    return limit
  }
  const members = Object.entries(constraints.structures).flatMap(([structure, named]) =>
    Object.entries(named).map(([member, shape]) => [`${structure}.${member}`, limitOf(shape)] as const),
  )
  return { members: new Map(members), lengthOf }
}
