/** Which relations feed which tables beside their own source: lookups and references, from left to right. */
import type { LakeFacts, Link } from './facts.ts'
import { html, type Markup } from './html.ts'
import { formatCount, formatCounted } from './words.ts'

interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: Link['kind']
}

/** More would be a knot that nobody reads; the list has them all. */
const mostNodes = 80
const pitch = 26
const width = 960

/** @returns undefined: no table has anything of another */
export function lineageSection({ tables }: LakeFacts): Markup | undefined {
  const edges = tables.flatMap(({ name, links }) =>
    links.map(({ to, kind }): Edge => ({ from: to, to: name, kind })),
  )
  const unique = [...new Map(edges.map((edge) => [JSON.stringify(edge), edge])).values()]
  if (unique.length === 0) return undefined
  const sources = [...Map.groupBy(unique, ({ from }) => from)].toSorted(([, a], [, b]) => b.length - a.length)
  const nodes = sources.length + new Set(unique.map(({ to }) => to)).size
  const list = html`<details class="more"${nodes > mostNodes ? html` open` : undefined}><summary>As a list</summary><dl class="feeds">${sources.map(
    ([from, each]) =>
      html`<dt><code>${from}</code></dt><dd>${each.map(({ to, kind }, at) => html`${at === 0 ? '' : ', '}<a href="#t-${to}">${to}</a>${kind === 'reference' ? ' (refers)' : ''}`)}</dd>`,
  )}</dl></details>`
  return html`<section class="lineage" aria-labelledby="lineage"><h2 id="lineage">What feeds what</h2>
<p class="note">Small tables that loads look rows up in, and tables that rows refer to; each table also reads its own source.</p>
${nodes > mostNodes ? html`<p class="note">${formatCount(unique.length)} links between ${formatCount(nodes)} names are too many for a picture.</p>` : graph(unique, sources)}${list}</section>`
}

function graph(edges: readonly Edge[], sources: readonly (readonly [string, readonly Edge[]])[]): Markup {
  const left = new Map(sources.map(([from], at) => [from, at]))
  const places = Map.groupBy(edges, ({ to }) => to)
  // A table lies at the middle of what feeds it, so that few lines cross.
  const middle = (name: string) => {
    const each = places.get(name)?.map(({ from }) => left.get(from) ?? 0) ?? []
    return each.reduce((sum, at) => sum + at, 0) / each.length
  }
  const right = new Map(
    [...places.keys()]
      .toSorted((a, b) => middle(a) - middle(b) || (a < b ? -1 : 1))
      .map((name, at) => [name, at]),
  )
  const rows = Math.max(left.size, right.size)
  const height = rows * pitch
  const y = (at: number, of: number) => Math.round((at + 0.5) * (height / of))
  const [from, to] = [330, width - 300]
  const lines = edges.map((edge) => {
    const [start, end] = [y(left.get(edge.from) ?? 0, left.size), y(right.get(edge.to) ?? 0, right.size)]
    return html`<path class="${edge.kind}" data-from="${edge.from}" data-to="${edge.to}" d="M${from} ${start}C${from + 150} ${start} ${to - 150} ${end} ${to} ${end}"/>`
  })
  const label = `${formatCounted(edges.length, 'link')} from ${formatCounted(left.size, 'relation')} to ${formatCounted(right.size, 'table')}; the list below has them`
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${lines}${[
    ...left,
  ].map(
    ([name, at]) =>
      html`<g data-node="${name}"><circle cx="${from}" cy="${y(at, left.size)}" r="3.5"/><text class="end" x="${from - 10}" y="${y(at, left.size) + 4}">${name}</text></g>`,
  )}${[...right].map(
    ([name, at]) =>
      html`<a href="#t-${name}" data-node="${name}" tabindex="-1"><circle cx="${to}" cy="${y(at, right.size)}" r="3.5"/><text x="${to + 10}" y="${y(at, right.size) + 4}">${name}</text></a>`,
  )}</svg>`
}
