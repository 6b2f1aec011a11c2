/**
 * Objects of which only names that they have can be asked: what a script's functions see is made after one of these.
 * What an object has itself is found before its prototype is looked at, and costs nothing.
 */
import { describeNearest } from '../declare/nearest.ts'
import { mistake } from './mistake.ts'

export interface KnownNames {
  /** What is asked, in words: `the row`. */
  readonly thing: string
  /** What it has, to name the nearest of. */
  readonly names: readonly string[]
  /** What else such an object has, as any has. */
  readonly after?: object
  /** Whether it is a list, of which places beyond its end may be asked. */
  readonly isList?: boolean
  /** Names that have an explanation of their own. */
  readonly explain?: (name: string) => string | undefined
}

/** @returns a prototype that throws for a name that neither its object nor `after` has */
export function prototypeOf({
  thing,
  names,
  after = Object.prototype,
  isList = false,
  explain,
}: KnownNames): object {
  const isKnown = (name: string) => name in after || isAskedAnyway(name) || (isList && isPlace(name))
  function refuse(name: string): never {
    const why = explain?.(name)
    throw mistake(why ?? `${thing} has no "${name}"${describeNearest(name, names)}`)
  }
  return new Proxy(Object.create(null), {
    get(_, name, receiver) {
      if (typeof name === 'symbol' || isKnown(name)) return Reflect.get(after, name, receiver)
      return refuse(name)
    },
    has(_, name) {
      if (typeof name === 'symbol' || isKnown(name)) return name in after
      return refuse(name)
    },
    set(_, name) {
      throw mistake(`${thing} cannot be changed, and so not its ${String(name)}`)
    },
    setPrototypeOf: () => false,
    defineProperty: () => false,
  })
}

/** Names that are asked by whoever prints an object (`toJSON`, `$$typeof`) or waits for one. */
function isAskedAnyway(name: string): boolean {
  return name === 'toJSON' || name === 'then' || name === '$$typeof'
}

function isPlace(name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name)
}
