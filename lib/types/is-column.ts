/** What a value is at run time that a script says is a column's type: the compiler may not have been asked. */

export function isColumn(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    // A copy with other members is none: they agree no longer.
    Object.isFrozen(value) &&
    ['type', 'script', 'athena'].every((name) => typeof Reflect.get(value, name) === 'string') &&
    ['parquet', 'values'].every((name) => typeof Reflect.get(value, name) === 'object') &&
    Reflect.get(value, 'accepts') !== undefined
  )
}

/** How types are written that a call makes. */
const calls: Readonly<Record<string, string>> = {
  numeric: 'numeric(14, 2)',
  nullable: 'nullable(text)',
  named: `named('Order Id', text)`,
  array: 'array(text)',
  lossy: `lossy(timestamp, 'null')`,
  hashed: 'hashed(text)',
  masked: 'masked(text, { keepLast: 4 })',
}

/** What is to be written in the place of a value that is no column. */
export function columnAdvice(value: unknown): string {
  const call = typeof value === 'function' ? calls[value.name] : undefined
  if (call !== undefined) return `It is called, as in ${call}.`
  if (typeof value === 'string') return 'Types are imported from lib/table.ts, and stand without quotes.'
  return 'Take a type from where table() comes from, such as integer, text or numeric(14, 2).'
}

/** @throws TypeError for what is no type, naming the call it was given to */
export function requireType(call: string, value: unknown): void {
  if (isColumn(value)) return
  const given = typeof value === 'function' ? value.name || 'a function' : JSON.stringify(value)
  throw new TypeError(`Cannot declare "${call}(${given})": ${given} is no type. ${columnAdvice(value)}`)
}

/** @param more what a call was given beyond all that it takes @throws TypeError where that is anything */
export function requireNoMore(call: string, more: readonly unknown[]): void {
  if (more.length === 0) return
  const like = calls[call] ?? call
  throw new TypeError(
    `Cannot declare "${call}(…)": it is given ${more.length} ${more.length === 1 ? 'value' : 'values'} too many. Write it as in ${like}.`,
  )
}
