/** The partitions of a table by their rows: days as a calendar, all others as bars. */
import type { PartitionsFacts, TableFacts } from './facts.ts'
import { html, type Markup } from './html.ts'
import { formatCount, formatCounted } from './words.ts'

const dayMs = 86_400_000

export function partitionsSection({ partitions }: TableFacts): Markup | undefined {
  if (partitions === undefined || partitions.list.length === 0) return undefined
  const { list, by, column } = partitions
  const latest = list.filter((each) => each.latest).length
  const without = list.find(({ value }) => value === null)?.rows
  const notes = [
    latest === 0 || latest === list.length
      ? ''
      : `${formatCount(latest)} of them read by the last load (outlined)`,
    without === undefined ? '' : `${formatCount(without)} rows without a ${column}`,
  ].filter((each) => each !== '')
  return html`<section><h4>${formatCounted(list.length, 'partition')} by ${by === 'range' ? 'ranges of' : by === 'value' ? '' : `${by} of`} <code>${column}</code></h4>
${by === 'day' ? calendars(latest === list.length ? list.map(unmarked) : list) : bars(partitions)}
<p class="note">${notes.join('; ')}</p></section>`
}

/** Where the last load has read all of them, none is to stand out. */
function unmarked(each: Listed): Listed {
  return { ...each, latest: false }
}

type Listed = PartitionsFacts['list'][number]

const monthFormat = new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' })

const cell = 11
const inner = 9
/** A calendar is as wide as a year, and the years before it are as many at the most. */
const mostYears = 3
const fewestDays = 7

function calendars(list: readonly Listed[]): Markup {
  const days = list.flatMap(({ value, ...of }) =>
    value === null ? [] : [{ ...of, value, day: Date.parse(value) / dayMs }],
  )
  const greatest = days.reduce((most, { rows }) => Math.max(most, rows), 1)
  const years = Map.groupBy(days, ({ value }) => value.slice(0, 4))
  const newest = [...years].toSorted(([a], [b]) => (a < b ? 1 : -1))
  // A date that somebody mistyped is a year of its own, and worth a word.
  const isWorth = ([, each]: (typeof newest)[number]) => each.length > fewestDays || newest.length === 1
  const shown = newest.filter(isWorth).slice(0, mostYears)
  const rest = newest
    .filter((each) => !shown.includes(each))
    .map(
      ([year, each]) => `${year}: ${formatCounted(sum(each), 'row')} in ${formatCounted(each.length, 'day')}`,
    )
  const words = rest.length === 0 ? undefined : html`<p class="note">${rest.join('; ')}</p>`
  return html`${shown.map(([year, each]) => calendar(year, each, greatest))}${words}`
}

function calendar(
  year: string,
  days: readonly {
    readonly day: number
    readonly rows: number
    readonly latest: boolean
    readonly value: string
  }[],
  greatest: number,
): Markup {
  const first = Date.UTC(Number(year), 0, 1) / dayMs
  // 1970-01-01 was a Thursday; weeks begin on Monday.
  const offset = (((first + 3) % 7) + 7) % 7
  const label = `${year}: ${formatCount(sum(days))} rows in ${formatCounted(days.length, 'day')}`
  const cells = days.map(({ day, rows, latest, value }) => {
    const at = day - first + offset
    const level =
      rows === 0 ? 0 : 1 + Math.min(3, Math.floor((Math.log(rows + 1) / Math.log(greatest + 1)) ** 3 * 4))
    return html`<rect class="h${level}${latest ? ' latest' : ''}" x="${Math.floor(at / 7) * cell + 1}" y="${(at % 7) * cell + 1}" width="${inner}" height="${inner}" rx="2"><title>${value}: ${formatCount(rows)} rows</title></rect>`
  })
  return html`<figure class="year"><figcaption>${label}</figcaption><svg class="calendar" viewBox="0 -12 ${54 * cell} ${7 * cell + 12}" role="img" aria-label="${label}"><path class="h0" d="${daysPath(offset, leap(year) ? 366 : 365)}"/>${monthNames(first, offset)}${cells}</svg></figure>`
}

/** All days of a year, as squares. */
function daysPath(offset: number, days: number): string {
  const columns: string[] = []
  for (let at = offset; at < offset + days; ) {
    const [week, weekday] = [Math.floor(at / 7), at % 7]
    const many = Math.min(7 - weekday, offset + days - at)
    // A dashed line is a column of squares: see `.calendar path` in the style sheet.
    columns.push(`M${week * cell + 1 + inner / 2} ${weekday * cell + 1}v${many * cell - (cell - inner)}`)
    at += many
  }
  return columns.join('')
}

/** Each above the week of its first day. */
function monthNames(first: number, offset: number): Markup[] {
  return Array.from({ length: 12 }, (_, month) => {
    const date = new Date(first * dayMs)
    date.setUTCMonth(month)
    const x = Math.floor((date.getTime() / dayMs - first + offset) / 7) * cell + 1
    return html`<text x="${x}" y="-3">${monthFormat.format(date)}</text>`
  })
}

function leap(year: string): boolean {
  return new Date(Date.UTC(Number(year), 1, 29)).getUTCMonth() === 1
}

function sum(list: readonly { readonly rows: number }[]): number {
  return list.reduce((all, { rows }) => all + rows, 0)
}

const mostBars = 24

/** Values of texts may be somebody's: how many rows they have is told, and not which they are. */
function bars({ list, by }: PartitionsFacts): Markup {
  const inOrder = by === 'tenant' || by === 'value'
  const known = list.flatMap(({ value, ...of }) => (value === null ? [] : [{ ...of, value }]))
  const sorted = inOrder
    ? known.toSorted((a, b) => b.rows - a.rows)
    : known.toSorted((a, b) =>
        by === 'range' ? Number(b.value) - Number(a.value) : a.value < b.value ? 1 : -1,
      )
  const shown = sorted.slice(0, mostBars)
  const greatest = Math.max(...shown.map(({ rows }) => rows), 1)
  const others = sorted.slice(mostBars)
  const more =
    others.length === 0
      ? undefined
      : html`<p class="note">${formatCount(others.length)} more with ${formatCount(sum(others))} rows</p>`
  return html`<ol class="shares">${shown.map(
    ({ value, rows, latest }, at) =>
      html`<li><span class="name">${by === 'value' ? `no. ${at + 1}` : by === 'range' ? `from ${value}` : value}</span><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="${latest ? 'published' : 'superseded'}" width="${Math.max(0.5, Math.round((rows / greatest) * 1000) / 10)}" height="8"/></svg><span class="n">${formatCount(rows)}</span></li>`,
  )}</ol>${more}`
}
