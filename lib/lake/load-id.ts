/** A load's name: letters that S3, Glue and Athena all take unquoted, and that sort by time. */

const form = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)(\d{3})z_[a-z0-9]{6}$/

/** `20261122t041233123z_x7k2q9`: UTC to the millisecond, and six random letters for loads of one instant. */
export function newLoadId(at: Date = new Date()): string {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36))
  const time = at.toISOString().replace(/[-:.]/g, '').toLowerCase()
  return `${time}_${letters.join('')}`
}

/** When a load of this name began; undefined for anything that is no load's name. */
export function loadTime(name: string): Date | undefined {
  const [, ...digits] = form.exec(name) ?? []
  if (digits.length === 0) return undefined
  const [year, month, day, hour, minute, second, ms] = digits
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}
