/** What a file holds, column by column: enough for a catalog of files to pass by those without a row that is sought. Plain data. */

export interface FileMetrics {
  readonly columns: Readonly<Record<string, ColumnMetrics>>
  /** Where each row group begins, in bytes from the start of the file. */
  readonly rowGroupOffsets: readonly number[]
}

export interface ColumnMetrics {
  /** All its pages with their headers, as they are in the file. */
  readonly bytes: number
  /** Its nulls among them; of a list its elements, and a place for each list that is empty or null. */
  readonly values: number
  /** Places without a value. */
  readonly nulls: number
  /** Base64 of a bound in PLAIN form without a length, cut short where it is long; absent where it is not known. */
  readonly min?: string
  readonly max?: string
}

/** The numbers that a file's schema gives its columns, by their names; they outlive every change of a name. */
export type FieldIds = Readonly<Record<string, FieldId>>

export interface FieldId {
  readonly id: number
  /** The id of a list's elements. */
  readonly element?: number
}
