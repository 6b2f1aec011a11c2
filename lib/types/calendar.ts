/** Where the lake's dates and timestamps begin and end, as the wire counts them. */

/** Days from 1970-01-01 to Postgres' epoch, 2000-01-01. */
export const epochDays = 10_957
/** 0001-01-01 and 9999-12-31 in days since 1970-01-01: what Athena's dates hold. ±infinity is far beyond. */
export const firstDay = -719_162
export const lastDay = 2_932_896

/** Microseconds from 1970-01-01 to Postgres' epoch. */
export const epochMicros = 946_684_800_000_000n
/** 0001-01-01 00:00:00 and 9999-12-31 23:59:59.999999 in microseconds since 1970-01-01. */
export const firstMicros = -62_135_596_800_000_000n
export const lastMicros = 253_402_300_799_999_999n
const lowOf = (value: bigint): number => Number(BigInt.asIntN(32, value))
const highOf = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n))
export const epochLow = lowOf(epochMicros)
export const epochHigh = highOf(epochMicros)
/** The same, in microseconds from Postgres' epoch. */
const first = firstMicros - epochMicros
const last = lastMicros - epochMicros
export const firstLow = lowOf(first) >>> 0
export const firstHigh = highOf(first)
export const lastLow = lowOf(last) >>> 0
export const lastHigh = highOf(last)
