/**
 * What `table()` and `lookup()` are given, held to its names and kinds while the script runs: Bun strips types unread,
 * and an option nobody knows would be an option nobody heeds.
 */
import { DeclarationError } from './declaration.ts'
import { describeNearest } from './nearest.ts'

/** What a value is to be: `a string`; undefined: it is that. */
export type Requirement = (value: unknown) => string | undefined

export const aString: Requirement = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'a string that is not empty'

export const aBoolean: Requirement = (value) => (typeof value === 'boolean' ? undefined : 'true or false')

export const aListOfNames: Requirement = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'a list of names'

export const aNameOrMore: Requirement = (value) =>
  typeof value === 'string' || aListOfNames(value) === undefined ? undefined : 'a name, or a list of names'

export const anObject: Requirement = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'an object'

export const textsByName: Requirement = (value) =>
  anObject(value) === undefined && Object.values(value as object).every((each) => aString(each) === undefined)
    ? undefined
    : 'an object of strings that are not empty'

/** That waits for nothing: rows do not wait for it either. */
export const aFunction: Requirement = (value) => {
  if (typeof value !== 'function') return 'a function'
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return kind === 'Function'
    ? undefined
    : 'a function that gives its value at once: not async, and no generator'
}

/** Accepts any value, for an option whose own check says more. */
export const checkedByItself: Requirement = () => undefined

export interface OptionsOf<Options> {
  /** The declaration's name, for messages. */
  readonly thing: string
  /** What takes them: `table()`, `derive.total`. */
  readonly place: string
  readonly required: readonly (keyof Options & string)[]
  readonly requirements: Readonly<Record<keyof Options & string, Requirement>>
}

/**
 * @param given all that it was called with, which is to be one object
 * @throws DeclarationError for an option there is none of, one that is missing, or one of another kind
 */
export function requireOptions<Options>(
  [options, ...more]: readonly unknown[],
  { thing, place, required, requirements }: OptionsOf<Options>,
): void {
  if (anObject(options) !== undefined) {
    throw new DeclarationError(
      thing,
      `${place} is given ${describeValue(options)}, not an object`,
      'Give it one.',
    )
  }
  if (more.length > 0) {
    const reason = `${place} is given ${more.length + 1} values, and takes one object`
    throw new DeclarationError(thing, reason, 'Put all that it says into that object.')
  }
  const known = Object.keys(requirements)
  const given = Object.entries(options as object)
  for (const [name, value] of given) {
    const requirement = Object.hasOwn(requirements, name)
      ? requirements[name as keyof Options & string]
      : undefined
    if (requirement === undefined) {
      const reason = `${place} has no option "${name}"${describeNearest(name, known)}`
      throw new DeclarationError(thing, reason, `It has ${known.join(', ')}.`)
    }
    const wanted = requirement(value)
    if (wanted !== undefined) {
      const reason = `${name} of ${place} is ${describeValue(value)}, not ${wanted}`
      throw new DeclarationError(thing, reason, `Correct it, or leave ${name} out.`)
    }
  }
  const missing = required.find((name) => !Object.hasOwn(options as object, name))
  if (missing === undefined) return
  throw new DeclarationError(thing, `${place} is given no ${missing}`, 'Add it.')
}

/** A value that is none of those expected, in few words. */
export function describeValue(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
