/** A script that declares what cannot be: known before anything is read, and told in one line. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError'

  constructor(table: string, reason: string, advice: string) {
    super(`Cannot declare "${table}": ${reason}. ${advice}`)
  }
}
