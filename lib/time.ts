/**
 * Moments as functions of a script see them: a timestamp is a bigint of microseconds since 1970-01-01 00:00, a date a
 * number of days since then. Nothing passes through a Date's milliseconds.
 */

const microsPerDay = 86_400_000_000n
const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/

/** The day a moment is on; null of null. */
export function dayOf(micros: bigint): number
export function dayOf(micros: bigint | null): number | null
export function dayOf(micros: bigint | null): number | null {
  if (micros === null) return null
  const day = micros / microsPerDay
  return Number(micros % microsPerDay < 0n ? day - 1n : day)
}

/**
 * `moment('2018-06-01 00:00:00')`, of years 0001 to 9999; a fraction of up to six digits may follow, a zone may not.
 * @throws RangeError for what is no moment
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

/** `day('2018-06-01')` @throws RangeError for what is no day */
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
