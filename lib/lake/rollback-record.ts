/**
 * The record of one rollback (`<prefix>/<table>/_rollbacks/<rollback>.json`), written just before it publishes and
 * never changed. One whose rollback was killed in between says what was about to happen.
 */
export interface RollbackRecord {
  readonly version: 1
  readonly table: string
  /** Its name, of the form of a load's. */
  readonly rollback: string
  /** ISO 8601 in UTC; also that of the pin it sets. */
  readonly at: string
  /** The load it publishes again. */
  readonly load: string
  /** The load that was published before. */
  readonly replaces: string
  readonly reason: string | null
}
