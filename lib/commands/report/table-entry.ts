/** One table of the page: a line at first, and all that is known of it when that is opened. */
import { formatSize } from '../../cli/size.ts'
import { formatTime } from '../../declare/expectation.ts'
import { barChart } from './bars.ts'
import { columnsSection } from './columns.ts'
import type { ExpectationFacts, TableFacts } from './facts.ts'
import { type Content, html, type Markup } from './html.ts'
import { loadsSection } from './loads.ts'
import { partitionsSection } from './partitions.ts'
import { formatAge, formatCount, formatMoment, formatShort } from './words.ts'

const grades = { good: 'fine', warn: 'has a warning', bad: 'needs attention' } as const

/** @param at when all was read, ISO 8601 */
export function tableEntry(table: TableFacts, at: string): Markup {
  const { name, health, comment, published, loads } = table
  const bars = loads.map(({ rows, state }) => ({ value: rows, state }))
  const age = published === undefined ? '' : formatAge(published.snapshotAt, at)
  const seconds = loads.findLast(({ seconds }) => seconds !== undefined)?.seconds
  const spark =
    bars.length < 2
      ? html`<span class="spark"></span>`
      : barChart(bars, 'spark', `rows over ${bars.length} loads`)
  return html`<li data-name="${name}" data-grade="${health.grade}" data-rows="${published?.rows ?? -1}" data-bytes="${published?.bytes ?? -1}" data-age="${published === undefined ? '' : published.snapshotAt}" data-seconds="${seconds ?? -1}"><details id="t-${name}">
<summary><span class="dot ${health.grade}" role="img" aria-label="${grades[health.grade]}"></span><span class="what"><h3>${name}</h3><span class="grain"><bdi>${health.reasons.length === 0 ? (comment ?? '') : health.reasons.join('; ')}</bdi></span></span>${spark}<span class="n rows">${published === undefined ? '–' : html`<span title="${formatCount(published.rows)} rows">${formatShort(published.rows)}</span><span class="hidden"> rows</span>`}</span><span class="n size">${published === undefined ? '' : formatSize(published.bytes)}</span><span class="n age">${age}${age === '' ? undefined : html`<span class="hidden"> old</span>`}</span></summary>
<div class="body">${detail(table, at)}</div></details></li>`
}

function detail(table: TableFacts, at: string): Content {
  const { comment, health } = table
  return [
    comment === undefined ? undefined : html`<p class="comment"><bdi>${comment}</bdi></p>`,
    health.reasons.length === 0
      ? undefined
      : html`<ul class="reasons ${health.grade}">${health.reasons.map((each) => html`<li><bdi>${each}</bdi></li>`)}</ul>`,
    html`<dl class="facts">${facts(table, at).map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`,
    loadsSection(table),
    partitionsSection(table),
    expectationsSection(table.expectations),
    columnsSection(table),
  ]
}

function facts(table: TableFacts, at: string): (readonly [string, Content])[] {
  const { published, owner, tags, format, partitionBy, source, where, filtered, freshMs, links } = table
  const lookups = [...new Set(links.map(({ to }) => to))]
  const all: readonly (readonly [string, Content])[] = [
    ['Rows', published && formatCount(published.rows)],
    [
      'Readers see',
      published && html`${formatMoment(published.snapshotAt)}, ${formatAge(published.snapshotAt, at)} old`,
    ],
    ['Expected', freshMs === undefined ? undefined : `at most ${formatTime(freshMs)} old`],
    [
      'Pinned',
      published?.pinned &&
        html`since ${formatMoment(published.pinned.at)}${published.pinned.reason === undefined ? '' : html`: <bdi>${published.pinned.reason}</bdi>`}`,
    ],
    ['Owner', owner],
    ...Object.entries(tags).map(([name, value]) => [name, value] as const),
    ['Kind', format === 'iceberg' ? 'Iceberg table' : 'Parquet files, replaced whole'],
    ['Partitioned by', partitionBy && html`<code>${partitionBy}</code>`],
    ['Read from', source],
    ['Looks into', lookups.length === 0 ? undefined : lookups.join(', ')],
    ['Rows where', where && html`<code class="sql">${where}</code>`],
    ['Filter', filtered ? 'a function of the script drops rows' : undefined],
    ['Load', published && html`<code>${published.load}</code>`],
  ]
  return all.filter(([, text]) => text !== undefined && text !== '')
}

const outcomes = {
  held: ['good', 'holds'],
  broken: ['warn', 'does not hold'],
  unknown: ['none', 'not looked for yet'],
} as const

function expectationsSection(expectations: readonly ExpectationFacts[]): Markup | undefined {
  if (expectations.length === 0) return undefined
  return html`<section><h4>What is expected of its rows</h4><ul class="expected">${expectations.map(
    ({ text, severity, outcome }) => {
      const [grade, words] = outcomes[outcome]
      return html`<li><span class="dot ${grade}" aria-hidden="true"></span><code>${text}</code> <span class="by">${words}${severity === 'warn' ? '; only told' : ''}</span></li>`
    },
  )}</ul></section>`
}
