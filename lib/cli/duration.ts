/** Times: as a flag gives them, and as people read them. */
import { InvalidArgumentError } from 'commander'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What a timer can wait: 2^31 ms, rounded down to days. */
const longest = 24 * unitMs.d

/**
 * A flag's value such as `90s`, `30m` or `6h`.
 * @returns milliseconds
 * @throws InvalidArgumentError
 */
export function parseDuration(text: string): number {
  const ms = msIn(text)
  if (ms > 0 && ms <= longest) return ms
  throw new InvalidArgumentError('It is a time such as 90s, 30m or 6h, and at most 24d.')
}

/**
 * The same of an age, for which nobody waits: a table may be loaded once a month.
 * @throws InvalidArgumentError
 */
export function parseAge(text: string): number {
  const ms = msIn(text)
  if (ms > 0 && Number.isSafeInteger(ms)) return ms
  throw new InvalidArgumentError('It is a time such as 90s, 30m, 6h or 31d.')
}

/** 0: it is none. */
function msIn(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return number === undefined ? 0 : Math.round(Number(number) * unitMs[unit as keyof typeof unitMs])
}

/** Milliseconds in at most two units: `0.4 s`, `3 min 20 s`, `6 h`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
  if (ms < unitMs.h - 500) return inTwo(Math.round(ms / 1_000), 60, 'min', 's')
  if (ms < unitMs.d - 30_000) return inTwo(Math.round(ms / unitMs.m), 60, 'h', 'min')
  return inTwo(Math.round(ms / unitMs.h), 24, 'd', 'h')
}

function inTwo(count: number, perUpper: number, upper: string, lower: string): string {
  const rest = count % perUpper
  const whole = `${Math.floor(count / perUpper)} ${upper}`
  return rest === 0 ? whole : `${whole} ${rest} ${lower}`
}
