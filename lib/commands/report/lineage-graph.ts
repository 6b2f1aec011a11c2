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
  const bySize = placesOf(sources.map(([from]) => from))
  // Each lies at the middle of what it is joined to, so that few lines cross: first the tables, then what feeds them.
  const right = placesOf(inTheMiddle(edges, 'to', bySize))
  const left = placesOf(inTheMiddle(edges, 'from', right))
  const height = Math.max(left.size, right.size) * pitch
  const y = (name: string, side: ReadonlyMap<string, number>) =>
    Math.round(((side.get(name) ?? 0) + 0.5) * (height / side.size))
  const [from, to] = [330, width - 300]
  const lines = edges.map((edge) => {
    const [start, end] = [y(edge.from, left), y(edge.to, right)]
    return html`<path class="${edge.kind}" data-from="${edge.from}" data-to="${edge.to}" d="M${from} ${start}C${from + 150} ${start} ${to - 150} ${end} ${to} ${end}"/>`
  })
  const label = `${formatCounted(edges.length, 'link')} from ${formatCounted(left.size, 'relation')} to ${formatCounted(right.size, 'table')}; the list below has them`
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${lines}${[
    ...left.keys(),
  ].map(
    (name) =>
      html`<g data-node="${name}"><circle cx="${from}" cy="${y(name, left)}" r="3.5"/><text class="end" x="${from - 10}" y="${y(name, left) + 4}">${relation(name)}</text></g>`,
  )}${[...right.keys()].map(
    (name) =>
      html`<a href="#t-${name}" data-node="${name}" tabindex="-1"><circle cx="${to}" cy="${y(name, right)}" r="3.5"/><text x="${to + 10}" y="${y(name, right) + 4}">${cut(name)}</text></a>`,
  )}</svg>`
}

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, at) => [name, at]))
}

/** The names at one end of the edges, in the order of the mean place of those at the other. */
function inTheMiddle(
  edges: readonly Edge[],
  end: 'from' | 'to',
  others: ReadonlyMap<string, number>,
): string[] {
  const other = end === 'from' ? 'to' : 'from'
  const means = [...Map.groupBy(edges, (edge) => edge[end])].map(([name, each]) => {
    const sum = each.reduce((all, edge) => all + (others.get(edge[other]) ?? 0), 0)
    return { name, mean: sum / each.length }
  })
  return means.toSorted((a, b) => a.mean - b.mean || (a.name < b.name ? -1 : 1)).map(({ name }) => name)
}

/** The schema is said, and not cried. */
function relation(name: string): Markup {
  const shown = cut(name)
  const dot = shown.lastIndexOf('.') + 1
  return html`<tspan class="schema">${shown.slice(0, dot)}</tspan>${shown.slice(dot)}`
}

/** Letters that there is room for beside the lines. */
const mostLetters = 40

/** Its beginning and its end, as names that are long often differ there. */
function cut(name: string): string {
  if (name.length <= mostLetters) return name
  return `${name.slice(0, mostLetters / 2 - 1)}…${name.slice(-mostLetters / 2)}`
}
