/** Whether two systems mean the same by what they print. */
import { normalForm } from '../../lib/postgres/fingerprint-form.ts'
import type { Comparison } from './measure.ts'

/** Whether what Athena prints is what was recorded: exactly, but for a timestamp's microseconds, which it does not show. */
export function agrees({ kind, measure, recorded }: Comparison, answer: string | null): boolean {
  if (kind === 'timestamp' && (measure === 'min' || measure === 'max')) {
    return milliseconds(recorded) === milliseconds(answer)
  }
  return recorded === normalForm(kind, measure, answer)
}

/**
 * Since 1970, of `2026-11-22 04:12:33.123456`, rounded half up as Trino does when it reads a Parquet file's microseconds
 * as `timestamp(3)` (`Timestamps.round`): 9999-12-31 23:59:59.9996 becomes a year of five digits.
 */
function milliseconds(text: string | null): number | null {
  if (text === null) return null
  const [, year = '', rest = '', fraction = ''] =
    /^\+?(\d+)(-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?/.exec(text) ?? []
  const seconds = Date.parse(`+${year.padStart(6, '0')}${rest.replace(' ', 'T')}Z`)
  return seconds + Math.floor((Number(fraction.padEnd(6, '0')) + 500) / 1000)
}
