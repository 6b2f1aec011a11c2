/** The rows of a query as people read them: in columns, or one value a line where a terminal is too narrow for that. */
import { textTable } from '../../cli/text-table.ts'

export interface Shown {
  readonly columns: readonly string[]
  /** Athena's own name of each column's type. */
  readonly types: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

export interface Screen {
  /** Characters of a line. Undefined: lines are as long as they are, and nothing is cut. */
  readonly width: number | undefined
  /** Whether the terminal has colours; null is dim in them. */
  readonly colours: boolean
}

const numeric = /^(?:tinyint|smallint|int|integer|bigint|decimal|real|float|double)\b/

/** Columns of text are cut to no fewer characters than these. */
const leastWidth = 8

/** Text is cut where lines end; a number never is, as what is left of it would be another number. */
export function screenOf({ columns, types, rows }: Shown, { width, colours }: Screen): string {
  const dim = (text: string) => (colours ? `\x1b[2m${text}\x1b[22m` : text)
  const cells = rows.map((row) => row.map((value) => (value === null ? dim('NULL') : visible(value))))
  const names = columns.map(visible)
  const numbers = types.flatMap((type, at) => (numeric.test(type) ? [at] : []))
  const natural = names.map((name, at) =>
    Math.max(Bun.stringWidth(name), ...cells.map((row) => Bun.stringWidth(row[at] ?? ''))),
  )
  const cap = width === undefined ? Number.POSITIVE_INFINITY : textWidth(natural, numbers, width)
  if (cap === undefined) return oneByOne(names, cells, numbers, width)
  const fitted = (row: readonly string[]) =>
    row.map((cell, at) => (numbers.includes(at) ? cell : cut(cell, cap)))
  const rule = natural.map((each, at) => '─'.repeat(numbers.includes(at) ? each : Math.min(each, cap)))
  return textTable([fitted(names), rule, ...cells.map(fitted)], numbers)
}

/** The width that no column of text may exceed, so that all fit. Undefined: there is none that leaves them readable. */
function textWidth(
  natural: readonly number[],
  numbers: readonly number[],
  width: number,
): number | undefined {
  const texts = natural.filter((_, at) => !numbers.includes(at)).toSorted((a, b) => a - b)
  const between = 2 + 3 * (natural.length - 1)
  let left = width - between - numbers.reduce((sum, at) => sum + (natural[at] ?? 0), 0)
  if (left < 0) return undefined
  for (const [at, each] of texts.entries()) {
    const share = Math.floor(left / (texts.length - at))
    if (each > share) return share < leastWidth ? undefined : share
    left -= each
  }
  return Number.POSITIVE_INFINITY
}

function oneByOne(
  names: readonly string[],
  cells: readonly (readonly string[])[],
  numbers: readonly number[],
  width = Number.POSITIVE_INFINITY,
): string {
  const nameWidth = Math.min(Math.max(...names.map((name) => Bun.stringWidth(name))), Math.floor(width / 3))
  const valueWidth = Math.max(width - nameWidth - 5, 1)
  const blocks = cells.map((row, index) => {
    const lines = row.map((cell, at) => [
      cut(names[at] ?? '', nameWidth),
      numbers.includes(at) ? cell : cut(cell, valueWidth),
    ])
    return `row ${(index + 1).toLocaleString('en')}\n${textTable(lines)}`
  })
  return blocks.length === 0 ? textTable(names.map((name) => [cut(name, width - 2)])) : blocks.join('\n')
}

function cut(text: string, width: number): string {
  return Bun.stringWidth(text) <= width ? text : `${Bun.sliceAnsi(text, 0, width - 1)}…`
}

/** A value may have line breaks in it, and what a terminal takes for a command or for the other direction of writing. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (each) =>
      ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[each] ??
      `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
