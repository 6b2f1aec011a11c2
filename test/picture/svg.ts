/** Screens of a terminal as one SVG, light or dark as its reader has it. The same screens make the same bytes. */

/** Pixels. A column of text is as wide in every font, as each line is told how long it is. */
const column = 8
const line = 18
const margin = 16
const between = 12

/** How runs of characters are coloured; the first that fits holds. */
const colours: readonly (readonly [name: string, run: RegExp])[] = [
  ['good', /^ *✓/],
  ['bad', /^ *✗/],
  ['strong', /^\$ .*/],
  ['dim', /^(?:…|from|query:) .*|^ *[─ ]+$/],
]

const style = `
  .screen { fill: #f6f8fa; stroke: #d0d7de; }
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
  .good { fill: #1a7f37; } .bad { fill: #cf222e; } .dim { fill: #59636e; } .strong { font-weight: 600; }
  .full { fill: #0969da; } .rest { fill: #d0d7de; }
  @media (prefers-color-scheme: dark) {
    .screen { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .good { fill: #3fb950; } .bad { fill: #f85149; } .dim { fill: #9198a1; }
    .full { fill: #4493f8; } .rest { fill: #3d444d; }
  }
`

export type Screen = readonly string[]

/** @param columns that the widest line may have */
export function svgOf(screens: readonly Screen[], columns: number): string {
  const width = columns * column + 2 * margin
  let top = 0
  const drawn = screens.map((lines) => {
    const height = lines.length * line + 2 * margin - 6
    const box = `<rect class="screen" x="0.5" y="${top + 0.5}" width="${width - 1}" height="${height - 1}" rx="6"/>`
    const texts = lines.map((text, at) => drawLine(text, top + margin + line * (at + 0.6)))
    top += height + between
    const told = `<desc>${escaped(lines.join('\n'))}</desc>`
    return ['<g>', told, box, ...texts.filter((text) => text !== ''), '</g>'].join('\n')
  })
  const height = top - between
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>Dracula at a terminal</title>
<style>${style}</style>
${drawn.join('\n')}
</svg>
`
}

/** What `svgOf` was given. */
export function screensOf(svg: string): Screen[] {
  return [...svg.matchAll(/<desc>([\s\S]*?)<\/desc>/g)].map(([, text = '']) => {
    const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
    return plain.split('\n')
  })
}

/** Bars are drawn: fonts have them in other widths. */
function drawLine(text: string, y: number): string {
  const bars = [...text.matchAll(/█+|░+/g)].map(({ 0: run, index: at }) => {
    const place = `x="${margin + at * column}" y="${round(y - 10)}" width="${run.length * column}" height="11"`
    return `<rect class="${run.startsWith('█') ? 'full' : 'rest'}" ${place}/>`
  })
  const plain = text.replaceAll(/[█░]/g, ' ').trimEnd()
  const [name, run] = colours.find(([, pattern]) => pattern.test(plain)) ?? []
  const coloured = run?.exec(plain)?.[0] ?? ''
  const length = `textLength="${plain.length * column}" lengthAdjust="spacingAndGlyphs"`
  const spans =
    coloured === ''
      ? escaped(plain)
      : `<tspan class="${name}">${escaped(coloured)}</tspan>${escaped(plain.slice(coloured.length))}`
  const drawn =
    plain === '' ? [] : [`<text x="${margin}" y="${round(y)}" xml:space="preserve" ${length}>${spans}</text>`]
  return [...drawn, ...bars].join('\n')
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}

/** XML has no control characters, not even by their numbers. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
