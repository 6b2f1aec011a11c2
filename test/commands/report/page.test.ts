/** The page of `bun run report`, as a browser shows it and as somebody uses it who has no mouse. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type { LakeFacts } from '../../../lib/commands/report/facts.ts'
import { html, textOf } from '../../../lib/commands/report/html.ts'
import { inputsOf } from '../../../lib/commands/report/inputs.ts'
import { pageOf } from '../../../lib/commands/report/page.ts'
import { type Browser, chromium, openBrowser, type Page } from '../../support/browser.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { lake, tableOf } from './lake-facts.ts'

setDefaultTimeout(300_000)

test('a template of HTML takes all that is put into it for text, but markup that is one', () => {
  const text = `<b title="'">&\u0000`
  expect(textOf(html`<i title="${text}">${[text, 1, undefined]}${html`<u>${2}</u>`}</i>`)).toBe(
    '<i title="&lt;b title=&quot;&#39;&quot;&gt;&amp;\ufffd">&lt;b title=&quot;&#39;&quot;&gt;&amp;\ufffd1<u>2</u></i>',
  )
})

test.each([
  ['({ id, total: sum = 0 }, { currency }) => currency(id)', ['id', 'total'], ['currency']],
  ['value({ id }) { return id }', ['id'], []],
  ['row => row.id + row.id', ['id'], []],
  ['(row, lookups) => lookups.currency(row.id)?.rate', ['id'], ['currency']],
  ['function (row) { return row?.id }', ['id'], []],
  ['() => 1', undefined, []],
  ['({ id, ...rest }) => rest', undefined, []],
  ['(row) => inUsd(row)', undefined, []],
  ['(row) => row[name]', undefined, []],
])('of the function %s it is known what it reads, or known that nobody knows', (code, columns, lookups) => {
  expect(inputsOf(code)).toEqual({ columns, lookups })
})

test('a lake of 500 tables is a page of a few megabytes, made in a few seconds', async () => {
  const tables = Array.from({ length: 500 }, (_, at) => tableOf(`table_${at}`))
  const started = performance.now()
  const page = await pageOf({ ...lake, tables })
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(Buffer.byteLength(page)).toBeLessThan(10_000_000)
})

test('a page of no table, and of one that was never loaded, says so', async () => {
  expect(await pageOf({ ...lake, tables: [] })).toContain('There is no table yet.')
  const nothing = lake.tables.filter(({ name }) => name === 'nothing_yet')
  expect(await pageOf({ ...lake, tables: nothing })).toContain('1 of 1 table needs attention.')
})

test('days that the last load has read stand out, but not where it has read them all', async () => {
  const events = lake.tables.filter(({ name }) => name === 'events')
  const outlined = async (tables: LakeFacts['tables']) =>
    (await pageOf({ ...lake, tables })).match(/<rect class="h\d latest"/g)?.length ?? 0
  expect(await outlined(events)).toBe(3)
  const whole = events.map((table) => {
    const { partitions } = table
    const list = partitions?.list.map((each) => ({ ...each, latest: true })) ?? []
    return { ...table, partitions: partitions && { ...partitions, list } }
  })
  expect(await outlined(whole)).toBe(0)
})

describe.skipIf(chromium === undefined)(
  `in a browser${chromium === undefined ? ', which this machine has none of: chromium is not on PATH' : ''}`,
  () => {
    let browser: Browser
    let folder: Awaited<ReturnType<typeof temporaryFolder>>

    beforeAll(async () => {
      ;[browser, folder] = await Promise.all([openBrowser(chromium ?? ''), temporaryFolder()])
    })

    afterAll(async () => {
      await browser?.[Symbol.asyncDispose]()
      await folder?.[Symbol.asyncDispose]()
    })

    async function shown(facts: LakeFacts = lake, width = 1_400, hash = ''): Promise<Page> {
      const file = join(folder.path, 'lake.html')
      await Bun.write(file, await pageOf(facts))
      const page = await browser.page({ width })
      await page.open(`file://${file}${hash}`)
      return page
    }

    const openAll = `for (const each of document.querySelectorAll('details')) each.open = true`

    test('it asks the network for nothing, complains of nothing, and runs no script of a comment', async () => {
      const page = await shown()
      await page.evaluate(openAll)
      expect(page.requests).toEqual([expect.stringMatching(/^file:\/\/.*lake\.html$/), ...icons(page)])
      expect(page.complaints).toEqual([])
      expect(await page.evaluate('document.title')).toBe('lake: what readers see')
      expect(await page.evaluate(`document.querySelectorAll('img, script').length`)).toBe(1)
      expect(
        await page.evaluate(
          `[...document.querySelectorAll('a')].every((a) => a.getAttribute('href').startsWith('#t'))`,
        ),
      ).toBe(true)
    })

    test('its policy would let nothing through that were written into it', async () => {
      const file = join(folder.path, 'altered.html')
      const altered = '<script>document.title = "taken"</script><img src="https://example.com/x.png"></body>'
      await Bun.write(file, (await pageOf(lake)).replace('</body>', altered))
      const page = await browser.page({ width: 1_400 })
      await page.open(`file://${file}`)
      expect(await page.evaluate('document.title')).toBe('lake: what readers see')
      expect(page.complaints.join()).toContain('Content Security Policy')
    })

    test.each([400, 1_400])(
      'at %d pixels nothing is wider than the window, whatever is open',
      async (width) => {
        const page = await shown(lake, width)
        await page.evaluate(openAll)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const beyond = `[...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > ${width + 1} && !each.closest('.hidden, thead, svg')).map((each) => each.outerHTML.slice(0, 80))`
        expect(await page.evaluate(beyond)).toEqual([])
      },
    )

    test('the slash goes to the search, which shows only the tables that have its words', async () => {
      const page = await shown()
      await page.press('/')
      expect(await page.evaluate('document.activeElement.id')).toBe('find')
      for (const letter of 'wrong') await page.press(letter)
      const names = `[...document.querySelectorAll('#list > li')].filter((each) => !each.hidden).map((each) => each.dataset.name)`
      expect(await page.evaluate(names)).toEqual(['orders'])
      expect(await page.evaluate(`document.getElementById('found').textContent`)).toBe('1 of 8 tables')
      await page.press('Escape')
      expect(await page.evaluate(`(${names}).length`)).toBe(8)
    })

    test('the Tab key reaches the way past the head first, then the controls, then a table, which Enter opens', async () => {
      const page = await shown({
        ...lake,
        tables: lake.tables.filter(({ health }) => health.grade === 'good'),
      })
      const reached: unknown[] = []
      for (let at = 0; at < 6; at++) {
        await page.press('Tab')
        reached.push(
          await page.evaluate(
            `(({ tagName, id, className }) => id || className || tagName.toLowerCase())(document.activeElement)`,
          ),
        )
      }
      expect(reached).toEqual(['skip', 'theme', 'find', 'problems', 'sort', 'summary'])
      await page.press('Enter')
      expect(await page.evaluate(`document.getElementById('t-addresses').open`)).toBe(true)
    })

    test('what a bar stands for is told above it, in all charts of the table, until the pointer leaves them', async () => {
      const page = await shown(lake, 1_400, '#t-currencies')
      const told = `[...document.querySelectorAll('#t-currencies figcaption')].map((each) => each.textContent)`
      const before = await page.evaluate(told)
      expect(before).toEqual(['Rows 120,000', 'Size 4.2 MB', 'Time 3.0 s', 'Cost $0.15'])
      await page.evaluate(`(() => {
        const chart = document.querySelector('#t-currencies .chart')
        const { left, top } = chart.getBoundingClientRect()
        chart.dispatchEvent(new PointerEvent('pointermove', { clientX: left + 2, clientY: top + 2, bubbles: true }))
      })()`)
      const first = '20 Nov 2026, 16:00 UTC'
      expect(await page.evaluate(told)).toEqual([
        `${first} 90,400`,
        `${first} 3.5 MB`,
        `${first} 4.0 s`,
        `${first} $0.00005`,
      ])
      await page.evaluate(
        `document.querySelector('#t-currencies .loads').dispatchEvent(new PointerEvent('pointerleave'))`,
      )
      expect(await page.evaluate(told)).toEqual(before)
    })

    test('an address with the name of a table opens it', async () => {
      const page = await shown(lake, 1_400, '#t-orders')
      expect(await page.evaluate(`document.getElementById('t-orders').open`)).toBe(true)
    })

    test('it is dark where the reader wants it dark, and as the button says where it is pressed', async () => {
      const page = await shown()
      const paper = `getComputedStyle(document.body).backgroundColor`
      const light = await page.evaluate(paper)
      await page.resize({ width: 1_400, scheme: 'dark' })
      const dark = await page.evaluate(paper)
      expect(dark).not.toBe(light)
      await page.evaluate(`document.getElementById('theme').click()`)
      expect([
        await page.evaluate(paper),
        await page.evaluate(`document.getElementById('theme').textContent`),
      ]).toEqual([light, 'Theme: light'])
    })

    test('its texts can be told from what they stand on, as WCAG asks of small ones, light and dark', async () => {
      const page = await shown()
      await page.evaluate(openAll)
      for (const scheme of ['light', 'dark'] as const) {
        await page.resize({ width: 1_400, scheme })
        expect(await page.evaluate(faintTexts)).toEqual([])
      }
    })

    test('tables are put in the order that is asked for', async () => {
      const page = await shown()
      await page.evaluate(
        `(() => { const sort = document.getElementById('sort'); sort.value = 'age'; sort.dispatchEvent(new Event('change')) })()`,
      )
      expect(
        await page.evaluate(
          `[...document.querySelectorAll('#list > li')].slice(0, 2).map((each) => each.dataset.name)`,
        ),
      ).toEqual(['nothing_yet', 'invoices'])
    })
  },
)

/** The icon is in the page itself. */
function icons({ requests }: Page): string[] {
  return requests.filter((each) => each.startsWith('data:image/svg+xml,'))
}

/** Texts with a contrast below 4.5 to the nearest background, by what computed styles say. */
const faintTexts = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data] }
  const light = (color) => { const [r, g, b] = rgb(color).map((part) => { const share = part / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const behind = (each) => { for (let at = each; at; at = at.parentElement) { const { backgroundColor } = getComputedStyle(at); if (rgb(backgroundColor)[3] > 0) return backgroundColor } return 'white' }
  const faint = []
  for (const each of document.querySelectorAll('body *')) {
    if (![...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')) continue
    if (each.checkVisibility && !each.checkVisibility()) continue
    if (each.closest('script, style, title')) continue
    const style = getComputedStyle(each)
    const [a, b] = [light(each.closest('svg') ? style.fill : style.color), light(behind(each))].toSorted((x, y) => y - x)
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(each.outerHTML.slice(0, 80))
  }
  return faint
})()`
