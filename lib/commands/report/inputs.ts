/** Which columns and lookups a function of a script reads, as far as the way it is written shows. */

export interface Inputs {
  /** undefined: its parameters do not say. */
  readonly columns: readonly string[] | undefined
  readonly lookups: readonly string[]
}

const pattern = String.raw`\{([^{}]*)\}`
/** `({ id }, { currency }) =>`, `value({ id }, { currency }) {`, and the same with names in place of the braces. */
const head = new RegExp(
  String.raw`^(?:async\s+)?(?:function\b\s*)?[\w$]*\s*\(\s*(?:${pattern}|([\w$]+))?\s*(?:,\s*(?:${pattern}|([\w$]+))\s*)?,?\s*\)\s*(?:=>|\{)([\s\S]*)$`,
)
const bare = /^([\w$]+)\s*=>([\s\S]*)$/

/** @param code the function's own text */
export function inputsOf(code: string): Inputs {
  const [, alone, aloneBody = ''] = bare.exec(code) ?? []
  if (alone !== undefined) return { columns: members(alone, aloneBody), lookups: [] }
  const [, row, rowName, lookups, lookupsName, body = ''] = head.exec(code) ?? []
  const columns = row === undefined ? rowName && members(rowName, body) : taken(row)
  const asked = lookups === undefined ? lookupsName && members(lookupsName, body) : taken(lookups)
  return { columns: columns || undefined, lookups: asked || [] }
}

/** undefined: `...rest` takes whatever there is. */
function taken(braces: string): string[] | undefined {
  const parts = braces.split(',').map((each) => each.trim())
  if (parts.some((each) => each.startsWith('...'))) return undefined
  return parts.flatMap((each) => /^[\w$]+/.exec(each)?.[0] ?? [])
}

/** undefined: it is handed on whole, and who knows what is read of it there. */
function members(name: string, body: string): string[] | undefined {
  const escaped = RegExp.escape(name)
  const uses = [
    ...body.matchAll(new RegExp(String.raw`(?<![\w$.])${escaped}(?![\w$])(?:\s*\??\.\s*([\w$]+))?`, 'g')),
  ]
  const names = uses.map(([, member]) => member)
  if (names.includes(undefined)) return undefined
  return [...new Set(names)].flatMap((each) => each ?? [])
}
