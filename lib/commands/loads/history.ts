/** The loads of one table, for people and for machines. */

import { formatDuration } from '../../cli/duration.ts'
import type { Report } from '../../cli/report.ts'
import { formatSize } from '../../cli/size.ts'
import { textTable } from '../../cli/text-table.ts'
import { commandLine } from '../../failure/command-line.ts'
import type { DamagedRecord, History, RecordedLoad } from '../../lake/history.ts'
import type { Pin } from '../../lake/published.ts'
import type { RollbackRecord } from '../../lake/rollback-record.ts'
import { sparkline } from './sparkline.ts'

/** One load in the JSON; null where its record does not tell. */
export interface ListedLoad {
  readonly load: string
  readonly state: RecordedLoad['state'] | 'damaged record'
  readonly pinned: boolean
  readonly snapshot_at: string | null
  readonly rows: number | null
  readonly rows_read: number | null
  readonly bytes: number | null
  /** Up to its publish, which the record comes before. */
  readonly seconds: number | null
  readonly xmin_held_s: number | null
  /** The version of Dracula that has loaded it; null: one before 0.2.0. */
  readonly dracula_version: string | null
  /** Why it cannot be published again, a clause. */
  readonly damage: string | null
}

/** @param terminal whether there is one, to draw on */
export function historyReport(table: string, history: History, terminal: boolean): Report {
  const { published, loads, more, rollbacks } = history
  const pin = published.kind === 'managed' ? published.pin : undefined
  const listed = loads.map((each) => listedLoad(each, pin))
  const json = {
    version: 1,
    command: 'loads',
    ok: true,
    table,
    published: published.kind === 'managed' ? published.load : null,
    pinned: pin === undefined ? null : { ...pin, reason: pin.reason ?? null },
    loads: listed,
    more,
    rollbacks,
  }
  const sections = [
    heading(table, history, pin),
    listed.length === 0 ? '' : screen(listed),
    more === 0 ? '' : `  … and ${more} more; --limit ${listed.length + more} lists them all`,
    terminal ? lines(listed) : '',
    rollbacks.length === 0 ? '' : `rollbacks\n${textTable(rollbacks.map(rollbackCells))}`,
  ]
  return { exit: 0, json, text: sections.filter((each) => each !== '').join('\n\n') }
}

function listedLoad(each: RecordedLoad | DamagedRecord, pin: Pin | undefined): ListedLoad {
  if ('wrong' in each) {
    const { load, wrong: damage } = each
    const unknown = { snapshot_at: null, rows: null, rows_read: null, bytes: null, seconds: null }
    return {
      ...{ load, state: 'damaged record', pinned: false, ...unknown, xmin_held_s: null },
      ...{ dracula_version: null, damage },
    }
  }
  const { load, state, record, damage } = each
  const { snapshot_at, rows, rows_read, bytes, phases, xmin_held_s, dracula_version } = record
  const ms = Object.values(phases).reduce((sum, spent) => sum + Math.round(spent * 1_000), 0)
  const pinned = pin !== undefined && state === 'published'
  const measured = { snapshot_at, rows, rows_read, bytes, seconds: ms / 1_000, xmin_held_s, dracula_version }
  return { load, state, pinned, ...measured, damage: damage ?? null }
}

function heading(table: string, { published }: History, pin: Pin | undefined): string {
  if (published.kind !== 'managed') return `${table}: nothing is published`
  const age = formatDuration(Date.now() - Date.parse(published.snapshotAt))
  const why = pin?.reason === undefined ? '' : ` (${pin.reason})`
  const held =
    pin === undefined
      ? ''
      : `, pinned since ${pin.at}${why} until: ${commandLine(`rollback ${table} --unpin`)}`
  return `${table}: readers see load ${published.load}, ${age} old${held}`
}

function screen(listed: readonly ListedLoad[]): string {
  const head = ['load', 'snapshot', 'rows', 'size', 'time', 'held', '']
  const cells = listed.map(
    ({ load, state, pinned, snapshot_at, rows, bytes, seconds, xmin_held_s, damage }) => [
      load,
      snapshot_at === null ? '' : `${snapshot_at.slice(0, 19).replace('T', ' ')}Z`,
      rows === null ? '' : rows.toLocaleString('en'),
      bytes === null ? '' : formatSize(bytes),
      formatSeconds(seconds),
      formatSeconds(xmin_held_s),
      `${state}${pinned ? ', pinned' : ''}${damage === null ? '' : `: ${damage}`}`,
    ],
  )
  return textTable([head, ...cells], [2, 3, 4, 5])
}

/** How they went on, oldest first; what one load alone says is in the table. */
function lines(listed: readonly ListedLoad[]): string {
  const oldestFirst = listed.toReversed()
  const drawn = (name: string, values: readonly (number | null)[], text: (value: number) => string) => {
    const known = values.filter((value) => value !== null)
    const [first] = known
    const last = known.at(-1)
    if (first === undefined || last === undefined || known.length < 2) return []
    return [[name, sparkline(known), `${text(first)} → ${text(last)}`]]
  }
  return textTable([
    ...drawn(
      'rows',
      oldestFirst.map(({ rows }) => rows),
      (rows) => rows.toLocaleString('en'),
    ),
    ...drawn(
      'size',
      oldestFirst.map(({ bytes }) => bytes),
      formatSize,
    ),
    ...drawn(
      'time',
      oldestFirst.map(({ seconds }) => seconds),
      formatSeconds,
    ),
  ])
}

function rollbackCells({ rollback, at, load, replaces, reason }: RollbackRecord): string[] {
  return [rollback, at, `from ${replaces}`, `to ${load}`, reason ?? '']
}

function formatSeconds(seconds: number | null): string {
  return seconds === null ? '' : formatDuration(seconds * 1_000)
}
