/** Another program that takes a table of Postgres to one local Parquet file with zstd. */
export interface Peer {
  readonly name: string
  /**
   * @param table its name in `public`, which needs no quotes
   * @param file where the rows go
   * @param connection `DATABASE_URL` and libpq's variables, which its environment has: only what is no secret may go to argv
   */
  command(table: string, file: string, connection: Readonly<Record<string, string>>): readonly string[]
}
