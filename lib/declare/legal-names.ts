/** Which names a table and its columns may have in the lake. */
import { DeclarationError } from './declaration.ts'

/** What Athena and S3 take unquoted and unescaped. */
const legalName = /^[a-z_][a-z0-9_]*$/

/** A crawler's prefix is the table's name and two underscores, and has at most 128 letters (Glue API, TablePrefix). */
export const mostTableLetters = 126
const mostColumnLetters = 128

/** @throws DeclarationError for one that Athena does not take, or that is too long for what is named after it */
export function requireLegalNames(table: string, columns: readonly string[]): void {
  requireLegalName(table, table, 'tables', mostTableLetters)
  for (const each of columns) requireLegalName(table, each, 'columns', mostColumnLetters)
}

function requireLegalName(table: string, name: string, kind: 'tables' | 'columns', most: number): void {
  if (name.length > most) {
    throw new DeclarationError(
      table,
      `the name "${name}" has ${name.length} letters, and ${kind} have at most ${most}`,
      'Shorten it.',
    )
  }
  if (!legalName.test(name)) {
    throw new DeclarationError(
      table,
      `the name "${name}" is not one Athena takes`,
      'Use lower-case letters, digits and underscores.',
    )
  }
}
