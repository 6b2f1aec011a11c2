/** What `bun run all` draws on a terminal while it loads: a line for each running table, below the lines of those that have ended. */
import type { SingleBar } from 'cli-progress'
import { formatDuration } from '../../cli/duration.ts'
import type { Log } from '../../cli/log.ts'
import type { Standing, Told } from '../../cli/parent.ts'
import { nameWidth, runningLine } from './running-line.ts'

export interface Board {
  begin(table: string): void
  heard(told: Told, table: string): void
  end(table: string, failed: boolean): void
  /** Takes the lines away, and leaves the cursor where the next one begins. */
  close(): void
}

/** What the terminal may have beside these lines, so that none of them is scrolled out of reach. */
const otherRows = 2

/** @param names of all tables that will be loaded */
export async function openBoard(log: Log, names: readonly string[]): Promise<Board> {
  if (!log.draws) return { begin() {}, heard() {}, end() {}, close() {} }
  const { MultiBar } = await import('cli-progress')
  const started = performance.now()
  const running = new Map<string, Standing | undefined>()
  const bars: SingleBar[] = []
  let done = 0
  let failed = 0
  const screen = new MultiBar({
    stream: process.stderr,
    clearOnComplete: true,
    forceRedraw: true,
    // Trimmed to the width that the terminal has by then. Where it has become narrower, and has wrapped what was there, a
    // piece of that may stay above.
    linewrap: true,
    // It stays: a killed process could not bring it back.
    hideCursor: false,
    gracefulExit: false,
    fps: 4,
  })

  function lines(): string[] {
    const width = (process.stderr.columns || 80) - 1
    const tables = [...running].map(([table, standing]) => ({ table, standing }))
    const room = Math.max(1, (process.stderr.rows || 24) - otherRows)
    const shown = tables.length <= room ? tables : tables.slice(0, room - 1)
    const named = nameWidth(names, width)
    const more = tables.length - shown.length
    const failures = failed === 0 ? '' : `, ${failed} failed`
    return [
      ...shown.map((each) => runningLine(each, named, width)),
      ...(more === 0 ? [] : [`  and ${more} more`]),
      `… ${done} of ${names.length} done${failures} · ${formatDuration(performance.now() - started)}`.slice(
        0,
        width,
      ),
    ]
  }

  function fit(): void {
    const wanted = lines().length
    while (bars.length < wanted) {
      const at = bars.length
      // Each draws the line of its place, whichever table has it.
      bars.push(screen.create(1, 0, {}, { format: () => lines()[at] ?? '' }))
    }
    while (bars.length > wanted) {
      const last = bars.pop()
      if (last !== undefined) screen.remove(last)
    }
  }

  function close(): void {
    process.off('exit', close)
    log.divert(undefined)
    screen.stop()
  }
  process.on('exit', close)
  log.divert((line) => {
    // To its own end, as the line that was drawn there may be longer.
    screen.log(`${line.replaceAll('\n', '\x1b[K\n')}\x1b[K\n`)
    screen.update()
  })
  fit()

  return {
    begin(table) {
      running.set(table, undefined)
      fit()
    },
    heard(told, table) {
      if (told.kind === 'alive' && running.has(table)) running.set(table, told.standing)
    },
    end(table, hasFailed) {
      running.delete(table)
      done++
      if (hasFailed) failed++
      fit()
    },
    close,
  }
}
