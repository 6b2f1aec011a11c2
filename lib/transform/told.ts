/** What a message tells of values that functions of a script were given, and gave. */
import type { Column } from '../types/type.ts'
import { Mistake } from '../view/mistake.ts'
import { UnfitField } from '../view/unfit-field.ts'
import { describeError } from './failure.ts'

export interface Told {
  /** Behind `its function gave `. @param reason which value it gave, and why it is none @param type wanted of it */
  readonly given: (reason: string, type?: Column) => string
  /** Behind `its function failed`. */
  readonly failed: (error: unknown) => string
  /** What may be logged beside. */
  readonly cause: (error: unknown) => unknown
}

export const toldAll: Told = {
  given: (reason) => reason,
  failed: (error) => `: ${describeError(error)}`,
  cause: (error) => error,
}

const why = 'not shown, as the script has hashed or masked columns'

/** Where functions see what nobody is to see, they may put it into what they give and throw. */
export const toldWithoutValues: Told = {
  given: (reason, type) =>
    type?.protection === undefined
      ? `what does not fit ${type?.script ?? 'true or false'} and is ${why}`
      : reason,
  failed(error) {
    if (error instanceof Mistake) return `: ${error.discreet}`
    return error instanceof UnfitField
      ? toldAll.failed(error)
      : ` with ${nameOf(error)}, whose message is ${why}`
  },
  cause: () => undefined,
}

/** A script may throw whatever it likes, under any name. */
function nameOf(error: unknown): string {
  const known = [TypeError, RangeError, SyntaxError, ReferenceError, URIError]
  const kind = known.find((each) => error instanceof each)
  return kind === undefined ? 'an error' : `a ${kind.name}`
}
