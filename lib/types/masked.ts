/** `masked()`: stars in place of each value, and what is kept of it. */
import { describeValue } from './given.ts'
import { type Hideable, hidden } from './hidden.ts'
import type { Hide } from './remember-texts.ts'
import type { Column } from './type.ts'

/** What is kept of a value; nothing when absent. */
export type Keep =
  /** What is behind the last `@` of an address: `***@example.com`. */
  | { readonly keep: 'domain' }
  /** Characters at its beginning, its end or both; none of a value that is not twice as long as what is kept. */
  | { readonly keepFirst?: number; readonly keepLast?: number }

const stars = '***'

/**
 * Writes `***` in place of each value: `masked(text)`; `masked(text, { keepLast: 4 })` writes `***6789`, and
 * `masked(text, { keep: 'domain' })` writes `***@example.com`. How long a value was is not to be seen. Null stays null.
 * @param of as `hashed()` has it
 * @throws TypeError for other types, and for what cannot be kept
 */
export function masked<Value extends Hideable>(
  of: Column<Value>,
  keep: Keep = {},
  ...more: readonly never[]
): Column<Value> {
  const mask = maskBy(keep)
  return hidden(
    of,
    { by: 'masked', after: mask.script === '' ? '' : `, ${mask.script}` },
    () => mask.hide,
    more,
  )
}

interface Mask {
  /** What a script writes for it, `{ keepLast: 4 }`; empty: nothing is kept. */
  readonly script: string
  readonly hide: Hide
}

function maskBy(keep: unknown): Mask {
  if (typeof keep !== 'object' || keep === null || Array.isArray(keep)) throw notKept(describeValue(keep))
  const given = Object.entries(keep)
  const unknown = given.find(([name]) => !['keep', 'keepFirst', 'keepLast'].includes(name))
  if (unknown !== undefined) throw notKept(`"${unknown[0]}" is nothing it knows`)
  if ('keep' in keep) {
    if (keep.keep !== 'domain' || given.length > 1) throw notKept(`keep is ${describeValue(keep.keep)}`)
    return { script: `{ keep: 'domain' }`, hide: (text) => domainOf(decoder.decode(text)) }
  }
  const wrong = given.find(
    ([, count]) => !Number.isInteger(count) || Number(count) < 1 || Number(count) > most,
  )
  if (wrong !== undefined) throw notKept(`${wrong[0]} is ${describeValue(wrong[1])}`)
  const [first = 0, last = 0] = ['keepFirst', 'keepLast'].map((name) => Number(Reflect.get(keep, name) ?? 0))
  if (first + last === 0) return { script: '', hide: () => stars }
  const script = given.map(([name, count]) => `${name}: ${count}`).join(', ')
  return { script: `{ ${script} }`, hide: (text) => endsOf(decoder.decode(text), first, last) }
}

/** Characters that can be kept at either end: more would be most of what there is. */
const most = 16
const decoder = new TextDecoder()

/** Free text may have an `@` too, and anything behind it. */
const domain = /@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u

function domainOf(text: string): string {
  return stars + (domain.exec(text)?.[0] ?? '')
}

/** In characters, none of which is cut in two. */
function endsOf(text: string, first: number, last: number): string {
  const characters = Array.from(text)
  if (characters.length < (first + last) * 2) return stars
  const end = last === 0 ? '' : characters.slice(-last).join('')
  return characters.slice(0, first).join('') + stars + end
}

function notKept(reason: string): TypeError {
  return new TypeError(
    `Cannot declare "masked(…)": ${reason}. Write masked(text), or with { keepFirst: 1 }, { keepLast: 4 } of 1 to ${most} characters, or { keep: 'domain' }.`,
  )
}
