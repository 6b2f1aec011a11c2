/** A script that declares what cannot be: known before anything is read, and told in one line. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError'

  constructor(table: string, reason: string, advice: string) {
    super(`Cannot declare "${table}": ${reason}. ${advice}`)
  }
}

/**
 * `{ __proto__: … }` declares nothing: it says what an object is made after. Other names of every object are fine.
 * @throws DeclarationError if one of these is written so
 */
export function refusePrototypes(table: string, ...named: readonly object[]): void {
  const isPlain = (each: object) =>
    [Object.prototype, null].includes(Object.getPrototypeOf(each)) && !Object.hasOwn(each, '__proto__')
  if (named.every(isPlain)) return
  throw new DeclarationError(
    table,
    '__proto__ is not a name that an object can have',
    'Read such a column by another, as proto: named(…).',
  )
}
