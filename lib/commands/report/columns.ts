/** The columns of a table: what each is, and where it comes from. */
import type { ColumnFacts, Link, Origin, TableFacts } from './facts.ts'
import { type Content, html, type Markup } from './html.ts'
import { formatCounted } from './words.ts'

export function columnsSection({ columns, links }: TableFacts): Markup | undefined {
  if (columns.length === 0) return undefined
  const told = columns.some(({ comment }) => comment !== undefined)
  const heads = ['Column', 'From Postgres', 'In Athena', ...(told ? ['What it is'] : [])]
  return html`<section><h4>${formatCounted(columns.length, 'column')}</h4>
<table class="columns"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${columns.map((column) => row(column, links, told))}</tbody></table></section>`
}

function row(
  { name, athena, nullable, comment, postgres, origin }: ColumnFacts,
  links: readonly Link[],
  told: boolean,
): Markup {
  const never = nullable === false ? tag('not null') : undefined
  const words = told ? html`<td data-label="What it is"><bdi>${comment}</bdi></td>` : undefined
  return html`<tr><th scope="row"><code>${name}</code>${never}</th><td data-label="From">${originOf(name, postgres, origin, links)}</td><td data-label="Athena"><code>${athena}</code></td>${words}</tr>`
}

function originOf(
  name: string,
  postgres: string | undefined,
  origin: Origin | undefined,
  links: readonly Link[],
): Content {
  const type = postgres === undefined ? undefined : html`<code>${postgres}</code>`
  if (origin === undefined) return type
  switch (origin.kind) {
    case 'tenant':
      return html`the tenant’s schema`
    case 'read': {
      const { source, hidden, lossy } = origin
      const renamed = source === name ? undefined : html`<code class="from">${source}</code> `
      const policy =
        lossy === undefined ? undefined : tag(lossy === 'null' ? 'no place: null' : 'no place: nearest')
      return html`${renamed}${type}${hidden && tag(hidden)}${policy}`
    }
    case 'derived': {
      const { from, lookups, hidden } = origin
      const asked = lookups.map(
        (each) => links.find(({ kind, by }) => kind === 'lookup' && by === each)?.to ?? each,
      )
      return html`${tag('computed')} ${type}${hidden && tag(hidden)}${by('of', from)}${by('by', asked)}`
    }
  }
}

function by(word: string, names: readonly string[] | undefined): Markup | undefined {
  if (names === undefined || names.length === 0) return undefined
  return html` <span class="by">${word} ${names.map((each, at) => html`${at === 0 ? '' : ', '}<code>${each}</code>`)}</span>`
}

function tag(text: string): Markup {
  return html` <span class="tag">${text}</span>`
}
