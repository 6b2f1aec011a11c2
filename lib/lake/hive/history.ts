/** What the records and the Glue table say together of a table's loads, rollbacks included. */

import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { readTableCalls } from '../../aws/glue.ts'
import { getText, getTextCalls, type ListedObject, listCalls, listObjects } from '../../aws/objects.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { LakeConfig } from '../../config/config.ts'
import { Failure } from '../../failure/failure.ts'
import { differenceInWords } from '../../load/stored.ts'
import type { Published } from '../published.ts'
import { ownerOf, recordKey, rollbackKey, rollbackOf, tableFolder } from './layout.ts'
import { readPublished } from './published.ts'
import type { RollbackRecord } from './rollback-record.ts'
import { parseRecord, parseRollback, type StoredRecord } from './stored-record.ts'

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

export interface HistoryOptions {
  readonly table: string
  /** Records to read at the most, of the newest loads. */
  readonly limit?: number | undefined
  readonly signal: AbortSignal
}

/** Requests under way at the same time. */
const atOnce = 16

/** @throws Failure (2) when refused, (1) when AWS does not answer */
export async function readHistory(
  aws: Aws,
  lake: LakeConfig,
  { table, limit = Number.POSITIVE_INFINITY, signal }: HistoryOptions,
): Promise<History> {
  const { bucket, prefix } = lake
  const folder = tableFolder(prefix, table)
  const published = await readPublished(aws, { database: lake.glueDatabase, table, signal })
  const listed = await listObjects(aws, { bucket, prefix: folder, signal })
  const { files, recorded, rollbackNames } = sorted(listed, folder)
  const names = recorded.toSorted().toReversed()
  const wanted = names.slice(0, limit)
  const read = (key: string) => getText(aws, { bucket, key, signal }).catch(orGone)
  const [records, rollbacks] = await Promise.all([
    inParallel(atOnce, wanted, async (load) =>
      parseRecord(await read(recordKey(prefix, table, load)), table, load),
    ),
    inParallel(atOnce, rollbackNames.toSorted().toReversed(), async (name) =>
      parseRollback(await read(rollbackKey(prefix, table, name)), table, name),
    ),
  ])
  const sound = rollbacks.filter((each) => each !== undefined)
  const replacedBy = lastReplacements(wanted, records, sound)
  const loads = wanted.map((load, at): RecordedLoad | DamagedRecord => {
    const record = records[at]!
    if (typeof record === 'string') return { load, wrong: record }
    const damage = differenceInWords(record.objects, files.get(load) ?? [])
    const isPublished = published.kind === 'ours' && published.load === load
    const state = isPublished ? 'published' : (replacedBy.get(load) ?? 'unproven')
    return { load, record, state, damage }
  })
  return { published, loads, more: names.length - wanted.length, rollbacks: sound }
}

export function historyCalls({ bucket, prefix, glueDatabase: database }: LakeConfig, table: string): Call[] {
  return [
    ...readTableCalls({ database, table }),
    ...listCalls(bucket, tableFolder(prefix, table)),
    ...getTextCalls(bucket, recordKey(prefix, table, '<each load>')),
    ...getTextCalls(bucket, rollbackKey(prefix, table, '<each rollback>')),
  ]
}

function sorted(listed: readonly ListedObject[], folder: string) {
  const files = new Map<string, ListedObject[]>()
  const recorded: string[] = []
  const rollbackNames: string[] = []
  for (const object of listed) {
    const owner = ownerOf(object.key, folder)
    const rollback = rollbackOf(object.key, folder)
    if (owner?.kind === 'record') recorded.push(owner.load)
    else if (owner !== undefined) files.set(owner.load, [...(files.get(owner.load) ?? []), object])
    else if (rollback !== undefined) rollbackNames.push(rollback)
  }
  return { files, recorded, rollbackNames }
}

/**
 * What replaced a load last: another load, or a rollback. A load's record and a rollback's are written just before they
 * are published and name what is published then; both have names that sort by time.
 */
function lastReplacements(
  loads: readonly string[],
  records: readonly (StoredRecord | string)[],
  rollbacks: readonly RollbackRecord[],
): Map<string, 'superseded' | 'rolled back'> {
  const replacements = [
    ...loads.flatMap((load, at) => {
      const record = records[at]
      const replaces = typeof record === 'object' ? record.replaces : null
      return replaces === null ? [] : [{ by: load, replaces, state: 'superseded' as const }]
    }),
    // One to the load that was published only pinned it.
    ...rollbacks
      .filter(({ load, replaces }) => load !== replaces)
      .map(({ rollback, replaces }) => ({ by: rollback, replaces, state: 'rolled back' as const })),
  ]
  replacements.sort((a, b) => (a.by < b.by ? -1 : 1))
  return new Map(replacements.map(({ replaces, state }) => [replaces, state]))
}

/** A load that was published meanwhile has just cleared it away: what is left is no record. */
function orGone(error: unknown): string {
  const isGone = error instanceof Failure && error.cause instanceof Error && error.cause.name === 'NoSuchKey'
  if (isGone) return ''
  throw error
}
