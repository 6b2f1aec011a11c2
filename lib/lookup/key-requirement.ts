/** Which values a script may ask a lookup for: what its key's type is in TypeScript, held to at run time. */
import { given } from '../types/given.ts'
import type { Column } from '../types/type.ts'
import { mistake } from '../view/mistake.ts'
import { keyForm } from './key.ts'

/** @returns what throws for a value that its type allows no row to have; null is allowed, and finds nothing */
export function keyRequirement(name: string, key: string, column: Column): (value: unknown) => void {
  const { takes, words } = keyForm(column)
  return (value) => {
    if (value === null || takes(value)) return
    const asked = (what: string) => `${name} is asked for ${what}, as its key ${key} (${column.type}) is`
    throw mistake(
      asked(given(value, words)),
      asked(`a value of the type ${typeof value}, which is not ${words}`),
    )
  }
}
