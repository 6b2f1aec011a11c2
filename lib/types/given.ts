/** A value that a function of a script gave and that is of no use, in words. */
import { isDecimal } from '../decimal/decimal.ts'

/** `"ab", which is not an integer`. @param wanted as `a string` */
export function given(value: unknown, wanted: string): string {
  if (value instanceof Promise) {
    // What becomes of it is nobody's business now, least of all the process's.
    value.catch(() => {})
    return 'a Promise: a function of a script cannot wait for anything'
  }
  return `${describeValue(value)}, which is not ${wanted}`
}

const longestWords = 80

export function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') {
    const start = JSON.stringify(value.slice(0, longestWords))
    return value.length > longestWords ? `${start.slice(0, -1)}…"` : start
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null || isDecimal(value)) return String(value)
  const made = value.constructor
  return `a ${typeof made === 'function' ? made.name : 'object'}`
}
