/** Loads as bars, oldest first: drawn when the page is made, as one path for all of a kind, which is a tenth of the bytes. */
import type { LoadFacts } from './facts.ts'
import { html, type Markup } from './html.ts'

export interface Bar {
  /** undefined: it is not known, and its place stays empty. */
  readonly value: number | undefined
  readonly state: LoadFacts['state']
}

const step = 8
const gap = 2

/** Slots of a chart at the least, so that two loads do not fill it as two walls. */
const fewest = { spark: 12, chart: 24 } as const

/** What is no load that readers saw is an outline. */
const kinds = ['superseded', 'published', 'other'] as const

/** Heights begin at nothing, so that half of it is half as high. @param label what a screen reader says */
export function barChart(bars: readonly Bar[], kind: keyof typeof fewest, label: string): Markup {
  const height = kind === 'spark' ? 24 : 72
  const greatest = Math.max(...bars.map(({ value = 0 }) => value), 0)
  const slots = Math.max(bars.length, fewest[kind])
  const paths: Record<(typeof kinds)[number], string> = { superseded: '', published: '', other: '' }
  for (const [at, { value, state }] of bars.entries()) {
    if (value === undefined) continue
    const x = (slots - bars.length + at) * step
    const high = greatest === 0 ? 1 : Math.max(1, Math.round((value / greatest) * height * 10) / 10)
    paths[kindOf(state)] += `M${x} ${height}v-${high}h${step - gap}v${high}`
  }
  const drawn = kinds.filter((each) => paths[each] !== '')
  return html`<svg class="bars ${kind}" viewBox="0 0 ${slots * step - gap} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}" data-slots="${slots}">${drawn.map(
    (each) => html`<path class="${each}" d="${paths[each]}"/>`,
  )}</svg>`
}

function kindOf(state: LoadFacts['state']): (typeof kinds)[number] {
  return state === 'published' || state === 'superseded' ? state : 'other'
}
