/** Records as they are read back: of loads of this version and of earlier ones, and of rollbacks. */
import { identityIn, type SourceIdentity } from '../declare/source-identity.ts'
import type { ExpectationResult } from './facts.ts'
import type { EarlierLoad, LoadRecord } from './record.ts'
import type { RollbackRecord } from './rollback-record.ts'

/** What is still of use of a load's record, whichever version wrote it. */
export type StoredRecord = Pick<
  LoadRecord,
  | 'load'
  | 'snapshot_at'
  | 'rows'
  | 'rows_read'
  | 'bytes'
  | 'lookups'
  | 'location'
  | 'objects'
  | 'schema_hash'
  | 'replaces'
  | 'xmin_held_s'
  | 'phases'
> & {
  readonly columns: readonly StoredColumn[]
  /** null: the version that wrote it kept none. */
  readonly source_identity: SourceIdentity | null
  /** null: it hashed nothing. */
  readonly hash_key: string | null
  /** null: a version before 0.2.0 wrote it. */
  readonly dracula_version: string | null
  /** null: nothing was expected of the rows, or it was not recorded. */
  readonly expectations: ExpectationResult | null
  readonly estimated_usd: number | null
  /** None in what a version before kept. */
  readonly earlier: readonly EarlierLoad[]
}

type RecordedColumn = LoadRecord['columns'][number]

export interface StoredColumn extends Omit<RecordedColumn, 'hidden'> {
  /** Absent: the version that wrote it kept nothing of it. */
  readonly hidden?: RecordedColumn['hidden']
}

/** @returns a clause that says what is wrong with it when it is no record of that load */
export function parseRecord(text: string, table: string, load: string): StoredRecord | string {
  if (text === '') return 'it is empty or gone'
  const value = parsed(text)
  if (!isObject(value)) return 'it is no JSON object'
  // Earlier versions had none of these.
  const record: unknown = {
    ...{ lookups: {}, replaces: null, source_identity: null, hash_key: null, dracula_version: null },
    ...{ expectations: null, estimated_usd: null, earlier: [] },
    ...value,
  }
  const wrong = Object.entries(members({ table, load })).find(([name, isSound]) => {
    return !isSound(Reflect.get(Object(record), name))
  })
  return wrong === undefined ? (record as StoredRecord) : `its "${wrong[0]}" is not what a load writes`
}

/** undefined: it is no record of that rollback. */
export function parseRollback(text: string, table: string, rollback: string): RollbackRecord | undefined {
  const value = parsed(text)
  if (!isObject(value) || value['table'] !== table || value['rollback'] !== rollback) return undefined
  const { load, replaces, at, reason } = value
  const sound = [load, replaces, at].every(isText) && (reason === null || isText(reason))
  return sound ? (parsed(text) as RollbackRecord) : undefined
}

type Test = (value: unknown) => boolean

function members({ table, load }: { table: string; load: string }): Readonly<Record<string, Test>> {
  return {
    table: (value) => value === table,
    load: (value) => value === load,
    snapshot_at: isText,
    rows: isCount,
    rows_read: isCount,
    bytes: isCount,
    lookups: (value) => isObject(value) && Object.values(value).every(isLookup),
    source_identity: (value) => value === null || identityIn(value) !== undefined,
    hash_key: (value) => value === null || isText(value),
    dracula_version: (value) => value === null || isText(value),
    estimated_usd: (value) => value === null || isNumber(value),
    earlier: (value) => Array.isArray(value) && value.every(isEarlier),
    expectations: (value) => value === null || isResult(value),
    location: isText,
    objects: (value) => Array.isArray(value) && value.every(isStored),
    columns: (value) => Array.isArray(value) && value.length > 0 && value.every(isColumn),
    schema_hash: isText,
    replaces: (value) => value === null || isText(value),
    xmin_held_s: isNumber,
    phases: (value) => isObject(value) && Object.values(value).every(isNumber),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function isEarlier(value: unknown): boolean {
  if (!isObject(value)) return false
  const { load, snapshot_at, rows, bytes, seconds, estimated_usd } = value
  const isPriced = estimated_usd === null || isNumber(estimated_usd)
  return [load, snapshot_at].every(isText) && [rows, bytes].every(isCount) && isNumber(seconds) && isPriced
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isLookup(value: unknown): boolean {
  return isObject(value) && isCount(value['rows'])
}

function isResult(value: unknown): boolean {
  if (!isObject(value)) return false
  return [value['held'], value['warned']].every((each) => Array.isArray(each) && each.every(isText))
}

function isStored(value: unknown): boolean {
  return isObject(value) && isText(value['key']) && isCount(value['bytes']) && isText(value['etag'])
}

function isColumn(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, athena, hidden } = value
  return [name, athena].every(isText) && (hidden === undefined || hidden === null || isText(hidden))
}
