/** The first screen: whether everything is fresh and whole, in one sentence and a few figures. */
import { formatSize } from '../../cli/size.ts'
import type { LakeFacts, TableFacts } from './facts.ts'
import { freshnessPlot } from './freshness-plot.ts'
import { html, type Markup } from './html.ts'
import { formatAge, formatCounted, formatShort, formatUsd } from './words.ts'

export function overview(facts: LakeFacts): Markup {
  const { tables, at } = facts
  const published = tables.flatMap((table) => table.published ?? [])
  const oldest = published.map(({ snapshotAt }) => snapshotAt).toSorted()[0]
  const costs = tables.flatMap(({ loads }) => loads.findLast(({ usd }) => usd !== undefined)?.usd ?? [])
  const figures: readonly (readonly [string, string])[] = [
    ['tables', `${published.length}${published.length === tables.length ? '' : ` of ${tables.length}`}`],
    ['rows', formatShort(sum(published.map(({ rows }) => rows)))],
    ['Parquet', formatSize(sum(published.map(({ bytes }) => bytes)))],
    ['oldest', oldest === undefined ? '–' : formatAge(oldest, at)],
    ...(costs.length === 0 ? [] : [['to load each once', formatUsd(sum(costs))] as const]),
  ]
  const problems = tables
    .filter(({ health }) => health.grade !== 'good')
    .toSorted((a, b) => (a.health.grade === b.health.grade ? 0 : a.health.grade === 'bad' ? -1 : 1))
  return html`<section class="overview"><h1 class="${gradeOf(tables)}">${verdict(tables)}</h1>
<dl class="figures-row">${figures.map(([name, value]) => html`<div><dd>${value}</dd><dt>${name}</dt></div>`)}</dl>
${problems.length === 0 ? undefined : html`<ul class="problems">${problems.slice(0, 8).map(({ name, health }) => html`<li><span class="dot ${health.grade}" aria-hidden="true"></span><a href="#t-${name}">${name}</a> <span class="by"><bdi>${health.reasons.join('; ')}</bdi></span></li>`)}${problems.length > 8 ? html`<li class="by">and ${formatCounted(problems.length - 8, 'other')}</li>` : undefined}</ul>`}
${freshnessPlot(facts)}</section>`
}

function gradeOf(tables: readonly TableFacts[]): 'bad' | 'warn' | 'good' {
  const has = (grade: string) => tables.some(({ health }) => health.grade === grade)
  return has('bad') ? 'bad' : has('warn') ? 'warn' : 'good'
}

/** What is not expected of any table is not said to be so. */
function verdict(tables: readonly TableFacts[]): string {
  const total = tables.length
  if (total === 0) return 'There is no table yet.'
  const bad = tables.filter(({ health }) => health.grade === 'bad').length
  const warn = tables.filter(({ health }) => health.grade === 'warn').length
  const expected = tables.filter(({ freshMs }) => freshMs !== undefined).length
  const all = total === 1 ? 'The table' : `All ${total} tables`
  if (bad > 0) return `${bad} of ${formatCounted(total, 'table')} ${bad === 1 ? 'needs' : 'need'} attention.`
  if (warn > 0)
    return `${all} ${total === 1 ? 'is' : 'are'} whole; ${warn} ${warn === 1 ? 'has a warning' : 'have warnings'}.`
  const are = total === 1 ? 'is' : 'are'
  if (expected === total) return `${all} ${are} whole, and as fresh as expected.`
  if (expected === 0) return `${all} ${are} whole.`
  return `${all} ${are} whole, and the ${expected} with an expected age are fresh.`
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
