/** Which values a script's function could change in place, so that each function is given a copy. */
import type { Column } from '../types/type.ts'

/** The next function is not to see what one has done to bytes. */
export function isChangeable({ values }: Column): boolean {
  return values.isChangeable === true
}
