/** Which values a script may ask a lookup for: what its key's type is in TypeScript, held to at run time. */

import { misfit } from '../types/append.ts'
import type { Column } from '../types/type.ts'
import { mistake } from '../view/mistake.ts'

/** @returns what throws for a value that its type allows no row to have; null is allowed, and finds nothing */
export function keyRequirement(name: string, key: string, column: Column): (value: unknown) => void {
  const [type, words] = keyType(column)
  return (value) => {
    if (value === null || (type === 'object' ? value instanceof Uint8Array : typeof value === type)) return
    throw mistake(`${name} is asked for ${misfit(value, words)}, as its key ${key} (${column.type}) is`)
  }
}

function keyType({ wire, type }: Column): readonly [string, string] {
  switch (wire) {
    case 'int2':
    case 'int4':
    case 'date':
      return ['number', 'a number']
    case 'int8':
    case 'oid':
    case 'timestamp':
      return ['bigint', 'a bigint']
    case 'bool':
      return ['boolean', 'true or false']
    default:
      return type === 'bytea' ? ['object', 'a Uint8Array'] : ['string', 'a string']
  }
}
