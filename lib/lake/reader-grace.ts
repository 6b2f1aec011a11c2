/** How long readers may go on with a load that is no longer published. */

/** A query that began before the new load was published goes on reading the old one's files. */
const readerGraceMs = 24 * 3_600_000

/** Whether readers have had a day since. */
export function isDayOld(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > readerGraceMs
}
