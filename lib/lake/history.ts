/** What the records and the published table say together of a table's loads, rollbacks included. */
import type { Published } from './published.ts'
import type { StoredRecord } from './recorded.ts'
import type { RollbackRecord } from './rollback-record.ts'

export interface RecordedLoad {
  readonly load: string
  readonly record: StoredRecord
  /**
   * `unproven`: no record names it as one that readers saw, so it may never have been published, or may be about to be.
   * `rolled back`: a rollback was the last to replace it.
   */
  readonly state: 'published' | 'superseded' | 'rolled back' | 'unproven'
  /** How its objects are no longer those that the record lists, a clause; undefined: they are whole. */
  readonly damage: string | undefined
}

/** A load whose record is no record. */
export interface DamagedRecord {
  readonly load: string
  readonly wrong: string
}

export interface History {
  readonly published: Published
  /** Newest first. */
  readonly loads: readonly (RecordedLoad | DamagedRecord)[]
  /** Recorded, but more than were asked for. */
  readonly more: number
  /** Newest first; one without effect, as it was killed, included. */
  readonly rollbacks: readonly RollbackRecord[]
}
