/** Which load a rollback goes back to, and which it replaces. */

import { commandLine } from '../failure/command-line.ts'
import type { Failure } from '../failure/failure.ts'
import type { History, RecordedLoad } from './history.ts'
import type { PublishedTable } from './published.ts'
import type { StoredRecord } from './recorded.ts'
import { another, notWhole, refused } from './rollback-failure.ts'

/**
 * The load to publish again: the one that is named, or the newest before the published one that readers have seen.
 * Only such a load: another may be about to remove itself, as it has lost a race.
 * @param published the load readers see
 * @param hashKey the fingerprint of its key, where columns of it are hashed: values that it hides, be they masked or hashed,
 * are not published again unless a load is named
 * @throws Failure (2) when there is no such load, (4) when there is and it is no longer whole
 */
export function rollbackTarget(
  table: string,
  { loads }: Pick<History, 'loads'>,
  {
    published,
    hashKey,
    named,
  }: {
    readonly published: string
    readonly hashKey?: string | undefined
    readonly named: string | undefined
  },
): RecordedLoad {
  const found =
    named === undefined
      ? loads.find((each) => each.load < published && !('state' in each && each.state === 'unproven'))
      : loads.find(({ load }) => load === named)
  if (found === undefined) {
    const reason =
      named === undefined
        ? `there is no load before ${published}, which is published, to go back to`
        : `there is no record of a load ${named}`
    throw refused(2, table, reason, `This lists what there is: ${commandLine(`loads ${table}`)}`)
  }
  if ('wrong' in found) {
    throw refused(4, table, `the record of load ${found.load} is damaged: ${found.wrong}`, another(table))
  }
  if (found.state === 'unproven') {
    const reason = `no record says that readers have ever seen load ${found.load}`
    throw refused(2, table, reason, another(table))
  }
  if (found.damage !== undefined) throw notWhole(table, found.load, found.damage)
  if (named === undefined && hashKey !== undefined && found.record.hash_key !== hashKey) {
    throw hashedOtherwise(table, found.load, found.record.hash_key)
  }
  if (named === undefined)
    refuseUnhidden(
      table,
      found.record,
      loads.find(({ load }) => load === published),
    )
  return found
}

/** A record of an earlier version does not say what was masked; what was hashed, its key says. */
function refuseUnhidden(
  table: string,
  before: StoredRecord,
  now: History['loads'][number] | undefined,
): void {
  if (now === undefined || 'wrong' in now) return
  for (const { name, hidden } of now.record.columns) {
    const column = before.columns.find((each) => each.name === name)
    if (!hidden || column === undefined || column.hidden === hidden) continue
    if (column.hidden === undefined && hidden === 'hashed') continue
    const how =
      column.hidden === undefined
        ? `by a version that has not recorded whether ${name} was hidden`
        : `when ${name} was not hidden as it is now`
    throw hiddenOtherwise(table, before.load, how)
  }
}

function hashedOtherwise(table: string, load: string, key: string | null): Failure {
  return hiddenOtherwise(
    table,
    load,
    key === null ? 'when nothing of it was hashed' : 'with another hash key',
  )
}

function hiddenOtherwise(table: string, load: string, how: string): Failure {
  const meant = `If readers may see it, name it: ${commandLine(`rollback ${table} ${load}`)}`
  return refused(2, table, `load ${load}, the one before, was written ${how}`, meant)
}

/**
 * The published load, which a rollback replaces.
 * @throws Failure (2) when Dracula has published none
 */
export function requireManaged(
  table: string,
  database: string,
  { published }: Pick<History, 'published'>,
): PublishedTable {
  if (published.kind === 'managed') return published
  throw published.kind === 'unmanaged'
    ? refused(
        2,
        table,
        `${database} has an unmanaged table of that name: Dracula has not made it`,
        'Choose a table that Dracula loads.',
      )
    : refused(2, table, `nothing of it is published in ${database}`, `Load it: bun scripts/${table}.ts`)
}
