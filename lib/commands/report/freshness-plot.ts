/** How old every table is, on one line from minutes to weeks: those of an age lie one above another. */
import type { LakeFacts, TableFacts } from './facts.ts'
import { html, type Markup } from './html.ts'
import { formatAge, formatCounted } from './words.ts'

const width = 960
const left = 12
const marks = [
  [60_000, '1 min'],
  [600_000, '10 min'],
  [3_600_000, '1 h'],
  [6 * 3_600_000, '6 h'],
  [86_400_000, '1 d'],
  [7 * 86_400_000, '7 d'],
  [30 * 86_400_000, '30 d'],
  [365 * 86_400_000, '1 y'],
] as const

/** From left, old, to right, now: between two ages in milliseconds, evenly by how many times one is the other. */
type Scale = (ms: number) => number

/** It is as wide as from a minute to a day, and wider where a table is older, or may be. */
function scaleFor(ages: readonly number[]): Scale {
  const oldest = Math.log(Math.max(...ages, 86_400_000) * 1.6)
  const youngest = Math.log(30_000)
  return (ms) => {
    const share = (Math.log(Math.max(ms, 30_000)) - youngest) / (oldest - youngest)
    return left + (1 - Math.min(1, share)) * (width - 2 * left)
  }
}

/** @returns undefined: nothing is published */
export function freshnessPlot({ tables, at }: LakeFacts): Markup | undefined {
  const aged = tables.flatMap((table) =>
    table.published === undefined ? [] : [{ table, since: table.published.snapshotAt }],
  )
  if (aged.length === 0) return undefined
  const ages = aged.map(({ since }) => Math.max(0, Date.parse(at) - Date.parse(since)))
  const placeOf = scaleFor([...ages, ...aged.flatMap(({ table }) => table.freshMs ?? [])])
  const radius = aged.length > 120 ? 4 : 6
  const size = 2 * radius + 2
  const stacks = Map.groupBy(
    aged.toSorted((a, b) => (a.since < b.since ? -1 : 1)),
    ({ since }) => Math.round(placeOf(Date.parse(at) - Date.parse(since)) / size),
  )
  const tallest = Math.max(...[...stacks.values()].map(({ length }) => length))
  // Many of one age: they lie closer, so that the chart stays one that is seen at a look.
  const pitch = Math.min(size, 110 / tallest)
  const height = Math.ceil(tallest * pitch + radius + 4)
  const dots = [...stacks].flatMap(([stack, each]) =>
    each.map(({ table, since }, level) =>
      dot(table, formatAge(since, at), { x: stack * size, y: height - radius - 1 - level * pitch, radius }),
    ),
  )
  const label = `Age of what readers see, by table: ${formatCounted(aged.length, 'table')}`
  return html`<figure class="plot"><figcaption>Age of what readers see, a dot a table</figcaption>
<svg viewBox="0 0 ${width} ${height + 22}" role="group" aria-label="${label}"><line class="axis" x1="0" x2="${width}" y1="${height + 1}" y2="${height + 1}"/>${marks
    .filter(([ms]) => placeOf(ms) > left)
    .map(
      ([ms, text]) =>
        html`<line class="mark" x1="${Math.round(placeOf(ms))}" x2="${Math.round(placeOf(ms))}" y1="0" y2="${height + 5}"/><text x="${Math.round(placeOf(ms))}" y="${height + 18}">${text}</text>`,
    )}${dots}</svg></figure>`
}

function dot(
  { name, health }: TableFacts,
  age: string,
  { x, y, radius }: { x: number; y: number; radius: number },
): Markup {
  const text = `${name}: ${age}${health.reasons.length === 0 ? '' : `, ${health.reasons.join(', ')}`}`
  return html`<a href="#t-${name}" tabindex="-1"><circle class="${health.grade}" cx="${x}" cy="${Math.round(y * 10) / 10}" r="${radius}"><title>${text}</title></circle></a>`
}
