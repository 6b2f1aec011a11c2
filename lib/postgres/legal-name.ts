/** Names that Athena and TypeScript take, made of those that Postgres has. */
import { Failure } from '../failure.ts'

/** Amazon Athena User Guide, "Reserved keywords in SQL SELECT statements": a reader would have to quote these. */
const reserved = new Set(
  `alter and as between by case cast constraint create cross cube current_catalog current_date current_path
  current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else end escape
  except execute exists extract false first for from full group grouping having in inner insert intersect into is
  join json_array json_exists json_object json_query json_table json_value last left like listagg localtime
  localtimestamp natural normalize not null of on or order outer overflow prepare recursive right rollup select skip
  table then trim true uescape union unnest using values when where with __proto__`.split(/\s+/),
)

/** Letters that are no composition of a plain one and a mark. */
const plain: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
}

/**
 * As it is where it is legal, else the nearest that is: `Größe (cm)` → `grosse_cm`, `orderId` → `order_id`,
 * `order` → `order_`; undefined for a name without a letter or digit that Athena takes.
 */
export function nearestLegalName(name: string): string | undefined {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return reserved.has(name) ? `${name}_` : name
  const words = name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđðłþı]/g, (letter) => plain[letter] ?? '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 120)
  if (words === '') return undefined
  if (/^\d/.test(words)) return `_${words}`
  return reserved.has(words) ? `${words}_` : words
}

/** @throws Failure (3) for a name without a letter or digit that Athena takes */
export function legalName(name: string, relation: string): string {
  const legal = nearestLegalName(name)
  if (legal !== undefined) return legal
  throw new Failure({
    exit: 3,
    act: 'make a name for',
    thing: name,
    reason: `${relation} has this name, of which Athena takes no letter`,
    advice: 'Give it another in a view, and write the script for that.',
  })
}

/**
 * The legal name of each.
 * @throws Failure (3) if two get the same, or one has none
 */
export function legalNames(names: readonly string[], relation: string): ReadonlyMap<string, string> {
  const legal = new Map(names.map((name) => [name, legalName(name, relation)]))
  for (const [name, alike] of Map.groupBy(names, (each) => legal.get(each) ?? '')) {
    if (alike.length === 1) continue
    throw new Failure({
      exit: 3,
      act: 'write a script for',
      thing: relation,
      reason: `${new Intl.ListFormat('en-GB').format(alike.map((each) => JSON.stringify(each)))} would all be ${name} in Athena`,
      advice: 'Give them other names in a view, and write the script for that.',
    })
  }
  return legal
}

const keywords = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public
  return static super switch this throw true try typeof undefined var void while with yield`.split(/\s+/),
)

/** What the script calls its table: `inventoryGroups`. @param taken names it imports */
export function variableName(name: string, taken: readonly string[]): string {
  const camel = name.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return keywords.has(camel) || taken.includes(camel) ? `${camel}Table` : camel
}
