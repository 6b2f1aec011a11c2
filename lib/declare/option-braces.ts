/** Where options of the one `table({…})` of a script stand in its code. */

export interface Braces {
  readonly open: number
  readonly close: number
}

/** `columns: {` has no more, with blanks or a comment between. */
const mostLetters = 200

/**
 * @param code of the script, as `codeOf` gives it
 * @returns where the call begins, and where its options have begun; undefined: there is none, or more than one
 */
export function tableCall(code: string): { readonly start: number; readonly options: number } | undefined {
  const calls = Array.from(code.matchAll(/(?<![\w.$])table\s*\(\s*\{/g))
  const [call] = calls
  if (call === undefined || calls.length > 1) return undefined
  return { start: call.index, options: call.index + call[0].length }
}

/** @returns undefined: the option is not written as `name: {…}`, or more than once */
export function optionBraces(code: string, name: string): Braces | undefined {
  const call = tableCall(code)
  if (call === undefined) return undefined
  const wanted = new RegExp(`^${name}\\s*:\\s*\\{`)
  const found: number[] = []
  let depth = 0
  for (let at = call.options; at < code.length && depth >= 0; at++) {
    const begins = depth === 0 && /[\s,{]/.test(code[at - 1]!)
    const key = begins ? wanted.exec(code.slice(at, at + mostLetters)) : null
    if (key !== null) found.push(at + key[0].length - 1)
    depth += deeper(code[at]!)
  }
  const [open] = found
  if (open === undefined || found.length > 1) return undefined
  const close = closing(code, open)
  return close === undefined ? undefined : { open, close }
}

function closing(code: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    depth += deeper(code[at]!)
    if (depth === 0) return at
  }
  return undefined
}

/** How much deeper one is behind it. */
export function deeper(mark: string): -1 | 0 | 1 {
  if ('({['.includes(mark)) return 1
  return ')}]'.includes(mark) ? -1 : 0
}
