/**
 * Moments and days as functions of a script see them. A moment is a `bigint` of microseconds since 1970-01-01 00:00: UTC
 * for a `timestamptz`, the clock on the wall for a `timestamp`. A day is a `number` of days since 1970-01-01. Both count in
 * the Gregorian calendar, also before it was in use, as Postgres does; nothing passes through a Date's milliseconds.
 */

const microsPerDay = 86_400_000_000n
const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/

/**
 * The day that a moment is on.
 * @param micros microseconds since 1970-01-01 00:00; before that they are negative
 * @returns days since 1970-01-01; null for null
 */
export function dayOf(micros: bigint): number
export function dayOf(micros: bigint | null): number | null
export function dayOf(micros: bigint | null): number | null {
  if (micros === null) return null
  const day = micros / microsPerDay
  return Number(micros % microsPerDay < 0n ? day - 1n : day)
}

/**
 * The moment that a text names: `moment('2018-06-01 00:00:00')`.
 * @param text a day of the years 0001 to 9999 in ISO 8601, alone or with a time behind it; seconds may have up to six
 *   digits after the point; a zone may not follow
 * @returns microseconds since 1970-01-01 00:00
 * @throws RangeError for a text of another form, a day or a time that there is not
 */
export function moment(text: string): bigint {
  const found = parts.exec(text)
  if (found === null) throw new RangeError(`"${text}" is not a moment as in 2018-06-01 00:00:00`)
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = ''] = found
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (!isTime) throw new RangeError(`"${text}" is not a moment: there is no such time`)
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  return (
    BigInt(dayNumber(Number(year), Number(month), Number(day), text)) * microsPerDay +
    BigInt(seconds) * 1_000_000n +
    BigInt(fraction.padEnd(6, '0'))
  )
}

/**
 * The day that a text names: `day('2018-06-01')`.
 * @param text a day of the years 0001 to 9999 in ISO 8601
 * @returns days since 1970-01-01
 * @throws RangeError for a text of another form, or a day that there is not
 */
export function day(text: string): number {
  const [, year = '', month = '', date = '', hour] = parts.exec(text) ?? []
  if (year === '' || hour !== undefined) throw new RangeError(`"${text}" is not a day as in 2018-06-01`)
  return dayNumber(Number(year), Number(month), Number(date), text)
}

/** Days since 1970-01-01 in the Gregorian calendar, also before it was in use, as Postgres counts. */
function dayNumber(year: number, month: number, date: number, text: string): number {
  const instant = new Date(0)
  instant.setUTCFullYear(year, month - 1, date)
  if (year < 1 || instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== date) {
    throw new RangeError(`"${text}" is not a moment: there is no such day`)
  }
  return instant.getTime() / 86_400_000
}
