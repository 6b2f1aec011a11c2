/** Whether a crawl found the columns that were declared. Hive has several spellings for one type. */
import type { GlueColumn } from '../../aws/table-input.ts'
import { Failure } from '../../failure/failure.ts'

const synonyms: Readonly<Record<string, string>> = {
  integer: 'int',
  long: 'bigint',
  real: 'float',
  'double precision': 'double',
  numeric: 'decimal',
  dec: 'decimal',
}

/**
 * One spelling per type (Hive Language Manual, "Types"): lower case, no spaces, `int` for `integer`, all of a decimal's
 * digits named (Hive's own default is 10 and 0). Field names in a struct stay.
 */
export function hiveType(spelling: string): string {
  return spelling
    .trim()
    .toLowerCase()
    .replace(/\s*([<>(),:])\s*/g, '$1')
    .replace(/\b(?:double precision|[a-z]\w*)\b(?!:)/g, (word) => synonyms[word] ?? word)
    .replace(/\bdecimal\b(?![(:])/g, 'decimal(10,0)')
    .replace(/\bdecimal\((\d+)\)/g, 'decimal($1,0)')
}

/** One line per difference, for people; none: they are equal, in names, types and order. */
export function crawledDifferences(
  declared: readonly GlueColumn[],
  crawled: readonly GlueColumn[],
): string[] {
  const differences: string[] = []
  for (let at = 0; at < Math.max(declared.length, crawled.length); at++) {
    const [ours, theirs] = [spelled(declared[at]), spelled(crawled[at])]
    if (ours !== theirs) differences.push(`declared ${ours}, crawled ${theirs}`)
  }
  return differences
}

/** @throws Failure exit 4 that names what differs */
export function requireCrawledAsDeclared(
  table: string,
  declared: readonly GlueColumn[],
  crawled: readonly GlueColumn[],
): void {
  const differences = crawledDifferences(declared, crawled)
  if (differences.length === 0) return
  throw new Failure({
    exit: 4,
    act: 'publish',
    thing: table,
    reason: `the crawler found other columns than declared: ${differences.join('; ')}`,
    advice: 'If the declaration is right, load with --catalog declared.',
  })
}

function spelled(column: GlueColumn | undefined): string {
  return column === undefined ? 'nothing' : `${column.name} ${hiveType(column.type)}`
}
