/** What the Parquet files of a load are called, in every kind of lake. */

/**
 * A load's files are counted from 0: `orders-00000.parquet`; those of one that is read in slices in each of them:
 * `orders-s03-00000.parquet`.
 * @param slice from 0; null: it is all of the table
 */
export function fileName(table: string, at: number, slice: number | null = null): string {
  const part = slice === null ? '' : `-s${digits(slice, 2)}`
  return `${fileStem(table)}${part}-${digits(at, 5)}.parquet`
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
  const [, slice, at] = /^(?:-s(\d{2,}))?-(\d{5,})$/.exec(rest) ?? []
  return at !== undefined && name === fileName(table, Number(at), slice === undefined ? null : Number(slice))
}
