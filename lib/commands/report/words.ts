/** Numbers, times and moments as the page writes them. */
import { formatDuration } from '../../cli/duration.ts'

export function formatCount(value: number): string {
  return value.toLocaleString('en')
}

/** `1 table`, `24 tables` */
export function formatCounted(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}

const units = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** Three digits: `912`, `1.23 k`, `45.6 M`. */
export function formatShort(value: number): string {
  const [size, unit] = units.find(([each]) => value >= each) ?? [1, '']
  return unit === '' ? String(value) : `${Number((value / size).toPrecision(3))} ${unit}`
}

export function formatUsd(usd: number): string {
  if (usd === 0) return '$0'
  return usd < 0.01 ? `$${Number(usd.toPrecision(2))}` : `$${usd.toFixed(2)}`
}

const moment = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  timeZone: 'UTC',
})

/** `26 Nov 2026, 16:21 UTC` */
export function formatMoment(iso: string): string {
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? iso : `${moment.format(ms)} UTC`
}

/** Between two moments, as people say it; nothing is younger than now. */
export function formatAge(from: string, to: string): string {
  return formatDuration(Math.max(0, Date.parse(to) - Date.parse(from)))
}
