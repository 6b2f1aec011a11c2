/** How much of a table a load may lose without being asked. */
import { DeclarationError } from './declaration.ts'

/** A share of the rows that readers see: `'50%'`. */
export type Share = `${number}%`

/** What says it: an option of the table or lookup, or of `expect.rows`. */
export type ShrinkOption = 'shrink' | 'maxShrink'

/** Half: what loses more in one load was emptied or cut off by mistake more often than on purpose. */
const defaultShrink: Share = '50%'

/** Percent from 0 to 100; undefined: the text is no such share. */
export function percentIn(text: string): number | undefined {
  const [, number] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text) ?? []
  return number !== undefined && Number(number) <= 100 ? Number(number) : undefined
}

/**
 * @param of what is declared, for the message
 * @returns percent @throws DeclarationError for what is no share, as a number is: 50 and 0.5 could both mean half
 */
export function declaredShrink(
  of: string,
  shrink: unknown = defaultShrink,
  option: ShrinkOption = 'shrink',
): number {
  const percent = typeof shrink === 'string' ? percentIn(shrink) : undefined
  if (percent !== undefined) return percent
  throw new DeclarationError(
    of,
    `its ${option} is ${typeof shrink === 'string' ? `"${shrink}"` : `a ${typeof shrink}`}, and no share of its rows`,
    `Write a share from '0%' to '100%', as ${option}: '80%'.`,
  )
}
