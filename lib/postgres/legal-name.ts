/** Names that Athena and TypeScript take, made of those that Postgres has. */

/** Amazon Athena User Guide, "Reserved keywords in SQL SELECT statements": a reader would have to quote these. */
const reserved = new Set(
  `alter and as between by case cast constraint create cross cube current_catalog current_date current_path
  current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else end escape
  except execute exists extract false first for from full group grouping having in inner insert intersect into is
  join json_array json_exists json_object json_query json_table json_value last left like listagg localtime
  localtimestamp natural normalize not null of on or order outer overflow prepare recursive right rollup select skip
  table then trim true uescape union unnest using values when where with __proto__`.split(/\s+/),
)

/** Latin letters that are no composition of a plain one and a mark. */
const latin: Readonly<Record<string, string>> = {
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

/** Greek and Cyrillic letters in their order, with what each becomes; a hyphen: nothing. */
const alphabets = {
  αβγδεζηθικλμνξοπρςστυφχψω: 'a b g d e z i th i k l m n x o p r s s t y f ch ps o',
  абвгдежзийклмнопрстуфхцчшщъыьэюя:
    'a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya',
  ђєѕіјљњћџґ: 'dj ye dz i j lj nj c dz g',
}

const transliteration: ReadonlyMap<string, string> = new Map([
  ...Object.entries(latin),
  ...Object.entries(alphabets).flatMap(([letters, spelled]) => {
    const plain = spelled.split(' ')
    return Array.from(letters, (letter, at) => [letter, (plain[at] ?? '').replace('-', '')] as const)
  }),
])

/** Leaves room for what makes a name unique, and for what names of Glue add to a table's. */
const longestName = 100

/**
 * Leaves a legal name as it is, and finds the nearest legal one for any other: `Größe (cm)` → `grosse_cm`,
 * `orderId` → `order_id`, `order` → `order_`, `Цена` → `tsena`; undefined for a name without a letter or digit that
 * Athena takes.
 */
export function nearestLegalName(name: string): string | undefined {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return reserved.has(name) ? `${name}_` : name
  const words = name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\0-\x7f]/gu, (letter) => transliteration.get(letter) ?? letter)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, longestName)
  if (words === '') return undefined
  if (/^\d/.test(words)) return `_${words}`
  return reserved.has(words) ? `${words}_` : words
}

/**
 * The nearest legal name that nobody else has: with a number behind it where it is taken, `order_id_2`.
 * @param otherwise for a name without a letter or digit that Athena takes: `column_3`
 */
export function freeName(name: string, taken: ReadonlySet<string>, otherwise: string): string {
  const nearest = nearestLegalName(name) ?? otherwise
  if (!taken.has(nearest)) return nearest
  for (let number = 2; ; number++) {
    const numbered = `${nearest}_${number}`
    if (!taken.has(numbered)) return numbered
  }
}

/**
 * A legal name for each column, all different. Who has a legal name keeps it; of others that would be alike, the later
 * in the table are numbered, and one without a letter that Athena takes is called by its place: `column_3`.
 * @param columns all of the table's, in its order
 * @param given names they have already, by column
 */
export function legalNames(
  columns: readonly string[],
  given: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const names = new Map(given)
  const taken = new Set(given.values())
  const claim = (column: string, name: string) => {
    names.set(column, name)
    taken.add(name)
  }
  for (const column of columns) {
    if (!names.has(column) && nearestLegalName(column) === column && !taken.has(column)) claim(column, column)
  }
  for (const [index, column] of columns.entries()) {
    if (!names.has(column)) claim(column, freeName(column, taken, `column_${index + 1}`))
  }
  return names
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
