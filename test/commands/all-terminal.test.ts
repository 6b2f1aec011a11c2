/** `bun run all` at a terminal: what is drawn while tables are loaded, and what is left when they are. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { nameWidth, runningLine } from '../../lib/commands/all/running-line.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type AtTerminal, startAtTerminal } from '../support/terminal.ts'

setDefaultTimeout(300_000)

const command = join(import.meta.dir, '../../lib/commands/all.ts')
const tables = ['currencies', 'notes', 'taxes']

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.01, tables })
})
afterAll(() => standIn?.close())

/** Loads all, while `notes` waits for a lock for as long as `work` takes. */
async function whileOneWaits(
  options: { columns?: number; rows?: number; env?: Record<string, string>; parallel?: number },
  work: (terminal: AtTerminal) => Promise<void>,
): Promise<AtTerminal> {
  const { env = {}, parallel = 2, ...size } = options
  return await standIn.sql.begin(async (sql) => {
    await sql`lock table notes in access exclusive mode`
    const flags = ['--parallel', String(parallel), '--select', tables.join(','), '--catalog', 'declared']
    const terminal = startAtTerminal([command, ...flags], { ...size, env: { ...standIn.env, ...env } })
    await work(terminal)
    return terminal
  })
}

const figures = /[\d,.]+ (?:[kM]?B|s|rows)\b/g

describe('at a terminal', () => {
  test('a table that runs has a line below those that have ended, and nothing of it stays', async () => {
    const terminal = await whileOneWaits({}, async ({ shows }) => {
      const lines = await shows(/^ {2}notes +opening a snapshot of Postgres$/)
      expect(lines.at(-1)).toMatch(/^… \d of 3 done · \d/)
      const later = await shows(/^… 2 of 3 done · /)
      expect(later.map((line) => line.replace(figures, '#')).slice(1)).toEqual([
        '✓ currencies: #, #, #',
        '✓ taxes: #, #, #',
        '  notes       opening a snapshot of Postgres',
        '… 2 of 3 done · #',
      ])
    })
    expect(await terminal.ended).toBe(0)
    const lines = await terminal.screen()
    expect(lines.map((line) => line.replace(figures, '#')).slice(1, 6)).toEqual([
      '✓ currencies: #, #, #',
      '✓ taxes: #, #, #',
      '✓ notes: #, #, #',
      '',
      'published',
    ])
    expect(lines.filter((line) => /…|░|opening/.test(line))).toEqual([])
  })

  test('lines fit one of forty columns, and say more in their place when it becomes wider', async () => {
    const terminal = await whileOneWaits({ columns: 40 }, async ({ shows, resize, screen }) => {
      await shows(/^… 2 of 3 done · /)
      await shows(/^ {2}notes +open$/)
      resize(100, 10)
      await shows(/^ {2}notes +opening a snapshot of Postgres$/)
      expect((await screen()).filter((line) => line.startsWith('  notes'))).toHaveLength(1)
    })
    expect(await terminal.ended).toBe(0)
    expect((await terminal.screen()).filter((line) => /…|opening/.test(line))).toEqual([])
  })

  test('interrupted, it says how each ended and leaves the cursor at the start of an empty line', async () => {
    const terminal = await whileOneWaits({ parallel: 1 }, async ({ shows, kill, ended }) => {
      await shows(/^ {2}notes +opening a snapshot/)
      kill('SIGINT')
      await ended
    })
    expect(await terminal.ended).toBe(1)
    const lines = await terminal.screen()
    const at = lines.findIndex((line) => line.startsWith('✗ notes: not published; readers still see load '))
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '  Cause: Cannot finish "bun scripts/notes.ts": interrupted by SIGTERM.',
      '  Do: Start it again when you like. Retry: yes.',
    ])
    expect(lines.filter((line) => line.includes('…'))).toEqual([])
    expect(await terminal.cursor()).toEqual({ x: 0, y: expect.any(Number) })
    // Neither is the cursor hidden, nor the wrapping of lines changed.
    for (const setting of ['\u001b[?25l', '\u001b[?7l']) expect(terminal.raw()).not.toContain(setting)
  })

  test('a dumb one is given whole lines and no codes', async () => {
    const terminal = await whileOneWaits({ env: { TERM: 'dumb' } }, async ({ shows }) => {
      await shows(/^✓ taxes: /)
    })
    expect(await terminal.ended).toBe(0)
    expect(terminal.raw()).not.toContain('\u001b')
    expect((await terminal.screen()).slice(1, 4).map((line) => line.slice(0, 4))).toEqual([
      '✓ cu',
      '✓ ta',
      '✓ no',
    ])
  })
})

test.each([
  [80, 24, ['  a  starting', '  b  starting', '… 0 of 2 done · #']],
  [20, 3, ['  and 2 more', '… 0 of 2 done · #']],
])(
  'ended at once, a terminal of %p columns and %p rows has no trace of what was drawn',
  async (columns, rows, drawn) => {
    await using folder = await temporaryFolder()
    const program = join(folder.path, 'draw.ts')
    const lib = join(import.meta.dir, '../../lib')
    await Bun.write(
      program,
      `import { openLog } from '${lib}/cli/log.ts'
import { openBoard } from '${lib}/commands/all/board.ts'
process.on('SIGTERM', () => process.exit(143))
const log = openLog(process.stderr, {}, (text) => text)
const board = await openBoard(log, ['a', 'b'])
board.begin('a')
board.begin('b')
log.info('said above')
setInterval(() => {}, 1_000)`,
    )
    const terminal = startAtTerminal([program], { env: {}, columns, rows })
    const lines = await terminal.shows(/^… 0 of 2 done/)
    expect(lines.slice(-drawn.length).map((line) => line.replace(/[\d.]+ ?s?$/, '#'))).toEqual(drawn)
    await terminal.shows(/^said above$/)
    terminal.kill('SIGTERM')
    expect(await terminal.ended).toBe(143)
    expect(await terminal.screen()).toEqual(['said above'])
    expect(await terminal.cursor()).toEqual({ x: 0, y: 1 })
  },
)

describe('the line of a running table', () => {
  const standing = { phase: 'read', seconds: 4, rows: 1_200_000, estimatedRows: 4_800_000 } as const
  const line = (width: number, over: object = {}) =>
    runningLine({ table: 'orders', standing: { ...standing, ...over } }, 6, width)

  test.each([
    [100, '  orders  ███░░░░░░░░░ 25%  1,200,000 rows · 300,000 rows/s · 12.0 s left'],
    [70, '  orders  ███░░░░░░░░░ 25% · 300,000 rows/s · 12.0 s left'],
    [39, '  orders  █░░░░░ 25% · 12.0 s left'],
    [24, '  orders  █░░░░░ 25%'],
    [12, '  orders  █░'],
  ])('of %p columns is %p', (width, expected) => {
    expect(line(width)).toBe(expected)
  })

  test('tells nothing that nobody knows', () => {
    expect(line(80, { estimatedRows: undefined })).toBe('  orders  1,200,000 rows · 300,000 rows/s')
    expect(line(80, { estimatedRows: 0 })).toBe('  orders  1,200,000 rows · 300,000 rows/s')
    expect(line(80, { seconds: 0.2 })).toBe('  orders  ███░░░░░░░░░ 25%  1,200,000 rows')
    expect(line(80, { rows: 0, seconds: 9 })).toBe('  orders  ░░░░░░░░░░░░ 0%  0 rows')
    expect(line(80, { rows: 5_000_000 })).toBe(
      '  orders  ████████████ 100%  5,000,000 rows · 1,250,000 rows/s',
    )
    expect(runningLine({ table: 'orders', standing: undefined }, 8, 80)).toBe('  orders    starting')
    expect(line(30, { phase: 'crawl' })).toBe('  orders  crawl')
  })

  test('cuts long names, which leave room for the rest', () => {
    const names = ['a', 'n'.repeat(60)]
    expect([nameWidth(names, 100), nameWidth(names, 39), nameWidth(['a', 'bc'], 80)]).toEqual([24, 13, 2])
    const cut = runningLine({ table: 'n'.repeat(60), standing }, 13, 39)
    expect(cut).toBe('  nnnnnnnnnnnn…  █░░░░░ 25%')
  })
})
