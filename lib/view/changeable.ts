import type { Column } from '../types/type.ts'

/** What one function does to bytes, the next is not to see. */
export function isChangeable({ values }: Column): boolean {
  return values.isChangeable === true
}
