/** The loads of a table: what each measured as charts, and all of it as a list. */
import { formatDuration } from '../../cli/duration.ts'
import { formatSize } from '../../cli/size.ts'
import { barChart } from './bars.ts'
import type { LoadFacts, TableFacts } from './facts.ts'
import { html, type Markup } from './html.ts'
import { formatCount, formatCounted, formatMoment, formatUsd } from './words.ts'

interface Measure {
  readonly name: string
  readonly of: (load: LoadFacts) => number | undefined
  readonly words: (value: number) => string
}

const measures: readonly Measure[] = [
  { name: 'Rows', of: ({ rows }) => rows, words: formatCount },
  { name: 'Size', of: ({ bytes }) => bytes, words: formatSize },
  { name: 'Time', of: ({ seconds }) => seconds, words: (seconds) => formatDuration(seconds * 1_000) },
  { name: 'Cost', of: ({ usd }) => usd, words: formatUsd },
]

/** The list is newest first: the script of the page finds a bar's figures by its place from the right. */
export function loadsSection({ name, loads }: TableFacts): Markup | undefined {
  if (loads.length === 0) return undefined
  return html`<section class="loads"><h4>${formatCounted(loads.length, 'load')}${since(loads)}</h4>
<div class="charts">${measures.map((measure) => chart(name, loads, measure))}</div>
<details class="more"><summary>All figures</summary>
<table class="figures"><thead><tr><th scope="col">Snapshot</th>${measures.map(
    (each) => html`<th scope="col" class="n">${each.name}</th>`,
  )}<th scope="col">State</th></tr></thead>
<tbody>${loads.toReversed().map(row)}</tbody></table></details></section>`
}

function since([first]: readonly LoadFacts[]): string {
  return first?.snapshotAt === undefined ? '' : ` since ${formatMoment(first.snapshotAt)}`
}

function chart(table: string, loads: readonly LoadFacts[], { name, of, words }: Measure): Markup | undefined {
  const last = loads.map(of).findLast((value) => value !== undefined)
  if (last === undefined) return undefined
  const label = `${name} of ${formatCounted(loads.length, 'load')} of ${table}, the last ${words(last)}`
  const bars = loads.map((load) => ({ value: of(load), state: load.state }))
  return html`<figure data-measure="${measures.findIndex((each) => each.name === name)}"><figcaption><span>${name}</span> <b>${words(last)}</b></figcaption>${barChart(bars, 'chart', label)}</figure>`
}

function row(load: LoadFacts): Markup {
  const when = load.snapshotAt === undefined ? load.load : formatMoment(load.snapshotAt)
  const cells = measures.map(({ of, words }) => {
    const value = of(load)
    return html`<td>${value === undefined ? '–' : words(value)}</td>`
  })
  return html`<tr><th scope="row">${when}</th>${cells}<td>${load.state}</td></tr>`
}
