/** Which connection a table is read by: that of `DATABASE_URL`, or that of a source with a name. */
import { DeclarationError } from './declaration.ts'
import { describeValue } from './options.ts'

/** What there has to be known of a table to find its database. */
export interface Connected {
  readonly name: string
  /** `billing` is the source that `DATABASE_URL_BILLING` leads to; undefined: that of `DATABASE_URL`. */
  readonly connection: string | undefined
}

const mostLetters = 40

/** What to do about a name that is none, a clause. */
export const legalSource = `Use at most ${mostLetters} lower-case letters, digits and underscores, and a letter first`

/**
 * Names that differ have variables that differ: there is no other form of a letter, and none ends as the variable of a file
 * does, so that `billing_file` is not the file of `billing`.
 * @returns what is wrong with the name of a source, after a subject; undefined: nothing
 */
export function illegalSource(name: string): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > mostLetters) return 'is no name of a source'
  return /^(.*_)?file$/.test(name)
    ? 'ends as the variable does that names a file with the URL of a source'
    : undefined
}

/** @throws DeclarationError for a name that no variable can be made of */
export function declaredConnection(table: string, name: string | undefined): string | undefined {
  const wrong = name === undefined ? undefined : illegalSource(name)
  if (wrong === undefined) return name
  throw new DeclarationError(
    table,
    `its source ${describeValue(name)} ${wrong}`,
    `${legalSource}: of source: 'billing', DATABASE_URL_BILLING says where it is.`,
  )
}
