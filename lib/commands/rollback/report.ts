/** What a rollback reports, for people and for machines. */

import { formatDuration } from '../../cli/duration.ts'
import { failedReport, type Report } from '../../cli/report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { textTable } from '../../cli/text-table.ts'
import { commandLine } from '../../failure/command-line.ts'
import type { Pin, Published } from '../../lake/published.ts'
import type { StoredRecord } from '../../lake/recorded.ts'

type Ours = Extract<Published, { kind: 'managed' }>

/** @param seconds of all of it */
export function rolledBackReport(table: string, record: StoredRecord, pin: Pin, seconds: number): Report {
  const { load, snapshot_at, rows, bytes, location } = record
  const same = load === pin.replaces
  const facts = [
    ['snapshot', `${snapshot_at} (${age(snapshot_at)} old)`],
    ['counts', `record ${count(rows)} = lake ${count(rows)}`],
    ...(same ? [] : [['instead of', pin.replaces]]),
    ['pinned', `since ${pin.at}; no load replaces it until: ${commandLine(`rollback ${table} --unpin`)}`],
  ]
  const title = same ? `${table}: pinned to load ${load}` : `${table}: rolled back to load ${load}`
  return {
    exit: 0,
    text: `${title}\n\n${textTable(facts)}`,
    json: {
      version: 1,
      command: 'rollback',
      ok: true,
      table,
      rollback: pin.rollback,
      load,
      snapshot_at,
      rows,
      bytes,
      location,
      replaced: pin.replaces,
      pinned_at: pin.at,
      reason: pin.reason ?? null,
      seconds,
    },
  }
}

/** @param pin that was taken away; undefined: there was none */
export function unpinnedReport(table: string, published: Ours, pin: Pin | undefined): Report {
  const { load, snapshotAt, rows } = published
  const sees = `readers see load ${load} (${age(snapshotAt)} old) until the next is published`
  return {
    exit: 0,
    text: `${table}: ${pin === undefined ? 'not pinned' : 'unpinned'}; ${sees}`,
    json: {
      version: 1,
      command: 'rollback',
      ok: true,
      table,
      unpinned: pin !== undefined,
      load,
      snapshot_at: snapshotAt,
      rows,
    },
  }
}

/**
 * A rollback of unknown outcome is not simply run again: without a load's name it would go back one load further.
 * @param published as read last; undefined: it could not be read
 */
export function notRolledBackReport(
  table: string | undefined,
  failure: ReportedFailure,
  published: Published | undefined,
): Report {
  const error = { ...failure, retry: failure.exit === 1 }
  const load = published?.kind === 'managed' ? published.load : null
  return failedReport({
    by: table ?? 'rollback',
    verdict: whatReadersSee(error, load),
    error,
    json: { version: 1, command: 'rollback', ok: false, table: table ?? null, published: load },
    gathered: false,
  })
}

function whatReadersSee({ exit }: ReportedFailure, load: string | null): string {
  if (exit === 5)
    return `not known whether it was rolled back${load === null ? '' : `; just now readers see load ${load}`}`
  return `not rolled back${load === null ? '' : `; readers see load ${load}`}`
}

function age(snapshotAt: string): string {
  return formatDuration(Date.now() - Date.parse(snapshotAt))
}

const count = (rows: number) => rows.toLocaleString('en')
