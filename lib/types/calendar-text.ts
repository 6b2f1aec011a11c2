/** Dates and timestamps as Postgres writes them in ISO style, so that they can be searched for there. For messages. */

/** Days since 2000-01-01; the least and the greatest are ±infinity. */
export function dateText(days: number): string {
  if (days === 0x7fff_ffff) return 'infinity'
  if (days === -0x8000_0000) return '-infinity'
  return instantText(days * 86_400_000 + epoch, '')
}

/** Microseconds since 2000-01-01; the least and the greatest are ±infinity. */
export function timestampText(micros: bigint): string {
  if (micros === 0x7fff_ffff_ffff_ffffn) return 'infinity'
  if (micros === -0x8000_0000_0000_0000n) return '-infinity'
  const micro = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = Number((micros - micro) / 1_000_000n)
  const instant = seconds * 1000 + epoch
  const fraction = micro === 0n ? '' : `.${String(micro).padStart(6, '0').replace(/0+$/, '')}`
  const time = new Date(((instant % 86_400_000) + 86_400_000) % 86_400_000).toISOString().slice(11, 19)
  return instantText(instant, ` ${time}${fraction}`)
}

/** Milliseconds from 1970-01-01 to Postgres' epoch, 2000-01-01. */
const epoch = 946_684_800_000

/** Before year 1 comes 1 BC. */
function instantText(milliseconds: number, time: string): string {
  const instant = new Date(milliseconds)
  // Beyond what a Date holds (year 275,760), which is beyond what the lake holds too.
  if (Number.isNaN(instant.getTime())) return `of a year beyond ${milliseconds < 0 ? '270000 BC' : '270000'}`
  const year = instant.getUTCFullYear()
  const [, day] = /(-\d\d-\d\d)T/.exec(instant.toISOString()) ?? []
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${day}${time}${year > 0 ? '' : ' BC'}`
}
