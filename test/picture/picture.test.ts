import { expect, test } from 'bun:test'
import { XMLParser } from 'fast-xml-parser'
import { screensOf, svgOf } from './svg.ts'
import { columns, picture } from './take.ts'

test('the picture of a terminal is what its own screens make, small, and fits', async () => {
  const svg = await Bun.file(picture).text()
  const screens = screensOf(svg)
  expect(svg).toBe(svgOf(screens, columns))
  expect(svg.length).toBeLessThan(20_000)
  expect(screens.map(([command]) => command?.split("'")[0])).toEqual([
    '$ bun run all --parallel 3 --exclude events*',
    '$ bun run query ',
  ])
  for (const line of screens.flat()) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns)
  expect(screens.flat().filter((line) => /█/.test(line)).length).toBeGreaterThan(1)
})

type Drawn = Record<string, string>

test('what a screen says is drawn as text, whatever is in it, and bars are drawn where they stand', () => {
  expect(svgOf([['a\u001b[2J\f']], 20)).not.toMatch(/[^\P{Cc}\n]/u)
  const lines = ['$ <a> & "b"', '', '  ██░ 66%  █']
  const svg = svgOf([lines, ['✓ done']], 20)
  expect(screensOf(svg)).toEqual([lines, ['✓ done']])
  const parsed = new XMLParser({ ignoreAttributes: false, trimValues: false }).parse(svg)
  const groups: { text?: Drawn | Drawn[]; rect: Drawn | Drawn[] }[] = parsed.svg.g
  const texts = groups.flatMap(({ text = [] }) => text)
  expect(texts.map((text) => text['#text'])).toEqual([undefined, '      66%', ' done'])
  const bars = groups.flatMap(({ rect }) => rect).filter((rect) => rect['@_class'] !== 'screen')
  expect(bars.map((rect) => [rect['@_class'], rect['@_x'], rect['@_width']])).toEqual([
    ['full', '32', '16'],
    ['rest', '48', '8'],
    ['full', '104', '8'],
  ])
})
