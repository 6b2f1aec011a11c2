/** What the steps of a fan-out report, for people and for machines. */
import { failedReport, type Report } from '../../cli/report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { formatSize } from '../../cli/size.ts'
import type { Cleared } from '../../load/fan-out/clear.ts'
import type { Held } from '../../load/fan-out/hold.ts'
import type { ReadOfSlice } from '../../load/fan-out/slice.ts'

export function heldReport(table: string, { load, committed: { heldSeconds } }: Held): Report {
  const line = `${table}: load ${load} committed after ${heldSeconds} s`
  return {
    exit: 0,
    text: line,
    line,
    json: { version: 1, command: 'fan-out', step: 'hold', ok: true, table, load, xmin_held_s: heldSeconds },
  }
}

export function sliceReport(table: string, slice: number, { load, slices, facts }: ReadOfSlice): Report {
  const of = `slice ${slice} of 0 to ${slices - 1}`
  const line =
    facts === undefined
      ? `${table}: ${slice < slices ? `${of} was recorded before` : `there is no slice ${slice}, only ${slices}`}; nothing to do`
      : `${table}: ${of} is recorded: ${facts.rows.toLocaleString('en')} rows, ${formatSize(facts.bytes)}`
  const { rows = null, rowsRead: rows_read = null, bytes = null } = facts ?? {}
  return {
    exit: 0,
    text: line,
    line,
    json: {
      ...{ version: 1, command: 'fan-out', step: 'slice', ok: true, table, load, slice, slices },
      ...{ recorded: facts !== undefined, rows, rows_read, bytes, files: facts?.files.length ?? null },
    },
  }
}

const outcomes: Readonly<Record<Cleared['outcome'], string>> = {
  nothing: 'nothing was open under that name',
  published: 'it is published; notes and leftover uploads are gone',
  discarded: 'it was not published; nothing is left of it',
  left: 'it may be published yet; a later load takes away what is left',
}

export function clearedReport(table: string, { load, outcome }: Cleared): Report {
  const line = `${table}: ${load === undefined ? '' : `load ${load}: `}${outcomes[outcome]}`
  const json = { version: 1, command: 'fan-out', step: 'clear', ok: true, table, load: load ?? null, outcome }
  return { exit: 0, text: line, line, json }
}

export function failedStepReport(table: string, step: 'slice' | 'clear', error: ReportedFailure): Report {
  const verdict = step === 'slice' ? 'the slice is not recorded' : 'not cleared away'
  const json = { version: 1, command: 'fan-out', step, ok: false, table }
  return failedReport({ by: table, verdict, error, json, gathered: true })
}
