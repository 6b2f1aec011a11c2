/** Reads what the records of a table's loads say of them, whatever kind of table it is. */
import { findText, type ListedObject } from '../aws/objects.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import type { DamagedRecord, History, RecordedLoad } from './history.ts'
import type { HistoryOptions } from './lake.ts'
import { ownerOf, recordKey, rollbackKey, rollbackOf, tableFolder } from './layout.ts'
import type { TablePlace } from './names.ts'
import type { Published } from './published.ts'
import { parseRecord, parseRollback, type StoredRecord } from './recorded.ts'
import type { RollbackRecord } from './rollback-record.ts'

/** Requests under way at the same time. */
const atOnce = 16

export interface Recorded extends HistoryOptions {
  readonly published: Published
  /** All objects below the table's folder. */
  readonly listed: readonly ListedObject[]
  /** How what is recorded of a load is no longer there, a clause; undefined: it is. */
  readonly damageOf: (record: StoredRecord) => Promise<string | undefined>
}

/** The history of a table of any kind, by its records. */
export async function historyIn(
  { aws, config: { bucket, prefix }, table }: TablePlace,
  { published, listed, damageOf, limit = Number.POSITIVE_INFINITY, examined, signal }: Recorded,
): Promise<History> {
  const isPublished = (load: string) => published.kind === 'managed' && published.load === load
  const { recorded, rollbackNames } = sorted(listed, tableFolder(prefix, table))
  const names = recorded.toSorted().toReversed()
  const wanted = names.slice(0, limit)
  // A load that was published meanwhile has just cleared it away: what is left is no record.
  const read = async (key: string) => (await findText(aws, { bucket, key, signal })) ?? ''
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
  const isExamined = ({ load }: StoredRecord) => examined === undefined || isPublished(load)
  const damages = await inParallel(atOnce, records, async (record) =>
    typeof record === 'string' || !isExamined(record) ? undefined : damageOf(record),
  )
  const loads = wanted.map((load, at): RecordedLoad | DamagedRecord => {
    const record = records[at]!
    if (typeof record === 'string') return { load, wrong: record }
    const damage = damages[at]
    const state = isPublished(load) ? 'published' : (replacedBy.get(load) ?? 'unproven')
    return { load, record, state, damage }
  })
  return { published, loads, more: names.length - wanted.length, rollbacks: sound }
}

function sorted(listed: readonly ListedObject[], folder: string) {
  const recorded: string[] = []
  const rollbackNames: string[] = []
  for (const object of listed) {
    const owner = ownerOf(object.key, folder)
    const rollback = rollbackOf(object.key, folder)
    if (owner?.kind === 'record') recorded.push(owner.load)
    else if (rollback !== undefined) rollbackNames.push(rollback)
  }
  return { recorded, rollbackNames }
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
