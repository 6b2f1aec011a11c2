/** What the Parquet files of a load are called, in every kind of lake. */

/** A load's files are counted from 0: `orders-00000.parquet`. */
export function fileName(table: string, at: number): string {
  return `${fileStem(table)}-${String(at).padStart(5, '0')}.parquet`
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
  const digits = name.slice(fileStem(table).length + 1, -'.parquet'.length)
  return /^\d{5,}$/.test(digits) && name === fileName(table, Number(digits))
}
