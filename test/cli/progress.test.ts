import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { LoadEvent } from '../../lib/load/events.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { until } from '../support/until.ts'
import type { Behaviour } from './fixture.ts'
import { logLines, runToEnd } from './start.ts'

const load = '20261122t041233123z_x7k2q9'
const events: LoadEvent[] = [
  { kind: 'phase', phase: 'open' },
  { kind: 'start', load, snapshotAt: '2026-11-22T04:12:33.123456Z', estimatedRows: 1_000 },
  { kind: 'phase', phase: 'read' },
  { kind: 'progress', rows: 250, bytesRead: 5_000_000, bytesWritten: 1_000_000 },
  { kind: 'warning', message: 'the source has a column that is not declared: colour' },
  { kind: 'progress', rows: 1_200, bytesRead: 24_000_000, bytesWritten: 4_000_000 },
  { kind: 'phase', phase: 'crawl' },
  { kind: 'wait', message: 'the crawler is busy with another load' },
  { kind: 'phase', phase: 'publish' },
]
const behaviour: Behaviour = { events, pauseMs: 120, end: { kind: 'succeed' } }

describe('away from a terminal', () => {
  test('every line of stderr is one JSON object that says when, whose and what', async () => {
    const lines = logLines(await runToEnd([], behaviour))
    expect(lines.length).toBeGreaterThan(5)
    for (const { time, level, table, seconds, message } of lines) {
      expect(new Date(String(time)).toISOString()).toBe(String(time))
      expect(['info', 'warn']).toContain(String(level))
      expect([table, typeof seconds, typeof message]).toEqual(['orders', 'number', 'string'])
    }
    const [warning] = lines.filter(({ level }) => level === 'warn')
    expect(warning).toMatchObject({ load, phase: 'read', rows: 250, bytes: 1_000_000 })
    expect(warning?.['message']).toContain('colour')
    expect(lines.map(({ phase }) => phase)).toContain('publish')
  })

  test('the first says from where to where, in which environment, and by which version', async () => {
    const route = { source: 'db:5432/shop public.orders', target: 's3://lake/orders/' }
    const events: LoadEvent[] = [{ kind: 'route', ...route }]
    const end = { kind: 'succeed' } as const
    const [first] = logLines(await runToEnd([], { events, end }, { DRACULA_ENVIRONMENT: 'staging' }))
    expect(first).toMatchObject({
      ...{ ...route, environment: 'staging', version: packageFile.version },
      message: 'from db:5432/shop public.orders to s3://lake/orders/, in staging',
    })
    const [unnamed] = logLines(await runToEnd([], { events, end }))
    expect(unnamed).toMatchObject({ message: 'from db:5432/shop public.orders to s3://lake/orders/' })
    expect(unnamed).not.toHaveProperty('environment')
  })

  test('rows that flow fast do not flood the log', async () => {
    const behaviour: Behaviour = { events: events.slice(0, 4), repeats: 100_000, end: { kind: 'succeed' } }
    expect(logLines(await runToEnd([], behaviour)).length).toBeLessThan(10)
  })

  test('nor do calls that are tried again, which all lines count', async () => {
    const told = 's3:UploadPart: SlowDown (HTTP 503); again'
    const events: LoadEvent[] = [{ kind: 'retry', message: told }]
    const warned = { kind: 'warning', message: 'patience' } as const
    const detail = { exit: 1, act: 'upload', thing: 'orders', reason: 'S3 is busy', advice: 'Wait.' } as const
    const lines = logLines(
      await runToEnd([], { events: [...events, ...events, warned], end: { kind: 'fail', detail } }),
    )
    expect(lines).toMatchObject([
      { level: 'info', retries: 1, message: told },
      { level: 'warn', retries: 2 },
      { level: 'error', retries: 2, exit: 1 },
    ])
  })

  test('the last line has the figures of the summary', async () => {
    const lines = logLines(await runToEnd([], { end: { kind: 'succeed' } }))
    expect(lines).toMatchObject([
      {
        ...{ level: 'info', table: 'orders', load, exit: 0, published: true, rows: 1_234_567 },
        ...{ bytes: 21_300_000, retries: 0, xmin_held_s: 2.1, files: 1, phases: { read: 2 } },
        estimated_usd: { athena: 0.00005, crawler: 0.146667 },
        message: 'orders: published 1,234,567 rows, 21.3 MB, in 2.5 s, about $0.15',
      },
    ])
  })
})

describe('at a terminal', () => {
  /** What a person has before them at the end: control codes obeyed as far as a load uses them. */
  async function screenOf(behaviour: Behaviour): Promise<{ screen: string; raw: string; exit: number }> {
    const chunks: Uint8Array[] = []
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'fixture.ts')], {
      env: {
        DATABASE_URL: 'postgres://reader@localhost:1/shop',
        DRACULA_S3_URI: 's3://lake/tables',
        DRACULA_GLUE_DATABASE: 'lake',
        BEHAVE: JSON.stringify(behaviour),
        TERM: 'xterm',
      },
      terminal: { cols: 100, rows: 40, data: (_, chunk) => void chunks.push(chunk.slice()) },
    })
    const exit = await child.exited
    // The terminal may still hold some of it; the last line ends with a newline.
    await until(() => Buffer.concat(chunks).toString().trimEnd().includes('orders: '))
    const raw = Buffer.concat(chunks).toString()
    return { screen: lastScreen(raw), raw, exit }
  }

  test('a bar shows rows, rate and size while rows flow', async () => {
    const { raw, exit } = await screenOf(behaviour)
    expect(exit).toBe(0)
    expect(raw).toMatch(/█+░+ 25% {2}250 of ~1,000 rows · [\d,]+ rows\/s · 5\.0 MB/)
    expect(raw).toContain('█ 100%  1,200 of ~1,200 rows')
  })

  test('the last screen has every phase, every warning and the summary, and no trace of the bar', async () => {
    const { screen } = await screenOf(behaviour)
    const lines = screen.split('\n').map((line) => line.replace(/\d+\.\d s$/, 'n s'))
    expect(lines.slice(0, 6)).toEqual([
      `load ${load} of the snapshot at 2026-11-22T04:12:33.123456Z`,
      '✓ opening a snapshot of Postgres · n s',
      'warning: the source has a column that is not declared: colour',
      '✓ reading rows: 1,200, 24.0 MB read, 4.0 MB written · n s',
      '✓ describing the new files to the catalog · n s',
      '✓ publishing · n s',
    ])
    expect(screen).toContain('orders: published 1,234,567 rows')
    expect(screen).not.toContain('░')
  })

  test('a failure marks the phase it came in, and is the last three lines: what readers see, why, and what to do', async () => {
    const { screen, exit } = await screenOf({
      events: events.slice(0, 4),
      end: {
        kind: 'fail',
        detail: { exit: 3, act: 'read', thing: 'orders', reason: 'no such column', advice: 'Declare it.' },
      },
    })
    expect(exit).toBe(3)
    const lines = screen.trimEnd().split('\n')
    expect(lines.at(-4)).toStartWith('✗ reading rows')
    expect(lines.slice(-3)).toEqual([
      'orders: not published.',
      '  Cause: Cannot read "orders": no such column.',
      '  Do: Declare it. Retry: no.',
    ])
  })
})

const esc = '\u001b'
const codes = new RegExp(`${esc}\\[[\\d;?]*[A-Za-z]|${esc}[78]|[\\s\\S]`, 'gu')

/** Obeys newline, carriage return, "to column 1", "clear line" and "clear to the right"; other codes move nothing. */
function lastScreen(raw: string): string {
  const lines = ['']
  let column = 0
  for (const [token] of raw.matchAll(codes)) {
    const line = lines.at(-1) ?? ''
    if (token === '\n') {
      lines.push('')
      column = 0
    } else if (token === '\r' || token === '\u001b[1G') column = 0
    else if (token === '\u001b[2K') lines[lines.length - 1] = ''
    else if (token === '\u001b[0K') lines[lines.length - 1] = [...line].slice(0, column).join('')
    else if (!token.startsWith('\u001b')) {
      lines[lines.length - 1] = [...line].toSpliced(column, 1, token).join('')
      column += 1
    }
  }
  return lines.join('\n')
}
