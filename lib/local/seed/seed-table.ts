/**
 * How one table of the domain is made and filled: SQL without chance in it, so that every run has the same rows.
 * In `create` a column without NOT NULL is one the domain calls nullable.
 */
export interface SeedTable {
  readonly name: string
  /** Rows at scale 1, the awkward ones among them. */
  readonly rows: number
  /** CREATE TABLE. */
  readonly create: string
  /** INSERTs of few rows, with ids from 1 or far away: every value that has broken an export before. */
  readonly awkward: string
  /** INSERT … SELECT of the rows with ids $1 to $2. */
  readonly bulk: string
  /** CREATE INDEX, one per foreign key; `;` between them. */
  readonly indexes: string
}
