/**
 * A script's mistake that no value excuses: a name that is not there, a key of another type. It is thrown where it is
 * made, and kept beside, as a function that catches it would go on with a value that nobody meant.
 */
let noted: Error | undefined

export class Mistake extends TypeError {
  /** The reason without the values that are in it. */
  readonly discreet: string

  constructor(reason: string, discreet: string) {
    super(reason)
    this.name = 'TypeError'
    this.discreet = discreet
  }
}

/** @param discreet the same without values of rows, where it has any @returns what is to be thrown */
export function mistake(reason: string, discreet = reason): Error {
  const error = new Mistake(reason, discreet)
  noted ??= error
  return error
}

/** @throws Error, the first mistake there was, where a function has caught it */
export function throwMistake(): void {
  if (noted !== undefined) throw noted
}

/**
 * The first mistake since this was last asked. Functions of a script run to their end before anything else does, so
 * that it is theirs who ran last.
 */
export function takeMistake(): Error | undefined {
  const taken = noted
  noted = undefined
  return taken
}
