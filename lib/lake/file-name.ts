/** What the Parquet files of a load are called, in every kind of lake. */

/**
 * A load's files are counted from 0: `orders-00000.parquet`; those of one that is read in slices in each of them:
 * `orders-s03-00000.parquet`; those of a partition in it: `orders-2026-03-01-00000.parquet`.
 * @param part number of the slice, from 0, or what the partition is called; null: it is all of the table
 */
export function fileName(table: string, at: number, part: number | string | null = null): string {
  const of = part === null ? '' : typeof part === 'string' ? `-${part}` : `-s${digits(part, 2)}`
  return `${fileStem(table)}${of}-${digits(at, 5)}.parquet`
}

/** What a partition is called in the names of files: its value where that is made of digits, else its number among them. */
export function partitionLabel(values: readonly (string | null)[], number: number): string {
  const text = values.map((each) => each ?? 'null').join('_')
  const isPlain = values.every((each) => each === null || /^-?\d[\d.-]*$/.test(each))
  return isPlain ? text : `p${digits(number, 5)}`
}

function digits(number: number, least: number): string {
  return String(number).padStart(least, '0')
}

/**
 * Athena takes a file for hidden whose name begins with an underscore, and counts no rows in it (Athena User Guide,
 * "Table location in Amazon S3"). No table's name begins with a digit.
 */
function fileStem(table: string): string {
  return table.startsWith('_') ? `0${table}` : table
}

/** Whether {@link fileName} makes this name of the table. */
export function isFileOf(table: string, name: string): boolean {
  const rest = name.slice(fileStem(table).length, -'.parquet'.length)
  const [, part, at] =
    /^(?:-(s\d{2,}|p\d{5,}|(?:null|-?\d[\d.-]*)(?:_(?:null|-?\d[\d.-]*))*))?-(\d{5,})$/.exec(rest) ?? []
  if (at === undefined) return false
  const slice = /^s(\d+)$/.exec(part ?? '')?.[1]
  return name === fileName(table, Number(at), slice === undefined ? (part ?? null) : Number(slice))
}
