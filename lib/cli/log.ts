/** What a program says on stderr while it works: lines for a person at a terminal, else one JSON object a line. */
import { drawingWanted } from '../config/config.ts'
import type { LoadSummary } from '../load/summary.ts'
import type { Retry } from '../notify/outcome.ts'

/** What the line that ends a load has of its summary. */
export type LoadFigures = Pick<
  LoadSummary,
  | 'snapshot_at'
  | 'published'
  | 'dry_run'
  | 'rows_read'
  | 'crawled'
  | 'xmin_held_s'
  | 'phases'
  | 'estimated_usd'
> & { readonly files: number; readonly warnings: number }

/** What a JSON line can hold beside its time, level and message; the units are those of the summary. */
export interface LogFields extends Partial<LoadFigures> {
  readonly table?: string | undefined
  readonly check?: string | undefined
  readonly load?: string | undefined
  /** From where to where a load goes. */
  readonly source?: string | undefined
  readonly target?: string | undefined
  readonly phase?: string | undefined
  /** Dracula's own. */
  readonly version?: string | undefined
  /** What the installation is called: DRACULA_ENVIRONMENT. */
  readonly environment?: string | undefined
  /** Why it failed, what to do about it, and whether to run it again as it is. */
  readonly cause?: string | undefined
  readonly remedy?: string | undefined
  readonly retry?: Retry | undefined
  readonly rows?: number | undefined
  readonly bytes?: number | undefined
  /** Since the start. */
  readonly seconds?: number | undefined
  /** Connections, steps and calls of AWS that were tried again. */
  readonly retries?: number | undefined
  readonly exit?: number | undefined
}

export interface Log {
  readonly terminal: boolean
  /** Whether lines can be drawn there again. */
  readonly draws: boolean
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Terminal only: a line that the next one replaces. */
  transient(line: string): void
  /**
   * Terminal only: whole lines go there from now on, for whoever draws something below them, and no transient ones.
   * Undefined: to the stream again.
   */
  divert(write: ((line: string) => void) | undefined): void
  /** Settles when the stream has taken all of it. */
  written(): Promise<void>
}

export interface LogStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string, written: () => void): unknown
}

/** Back to the line's start, and nothing on it. */
const clearLine = '\r\x1b[2K'

/** @param common in every JSON line: whose it is */
export function openLog(stream: LogStream, common: LogFields, scrub: (text: string) => string): Log {
  const terminal = stream.isTTY === true
  const draws = terminal && drawingWanted()
  let diverted: ((line: string) => void) | undefined
  const started = performance.now()
  let written = Promise.resolve()

  function put(text: string): void {
    written = new Promise((resolve) => stream.write(text, () => resolve()))
  }

  function write(level: 'info' | 'warn' | 'error', message: string, fields: LogFields): void {
    const text = scrub(message)
    if (terminal) {
      const mark = { info: '', warn: 'warning: ', error: '' }[level]
      if (diverted === undefined) put(`${draws ? clearLine : ''}${mark}${text}\n`)
      else diverted(mark + text)
      return
    }
    const time = new Date().toISOString()
    const seconds = Math.round(performance.now() - started) / 1_000
    put(`${JSON.stringify({ time, level, ...common, seconds, ...fields, message: text })}\n`)
  }

  return {
    terminal,
    draws,
    info: (message, fields = {}) => write('info', message, fields),
    warn: (message, fields = {}) => write('warn', message, fields),
    error: (message, fields = {}) => write('error', message, fields),
    transient(line) {
      if (!draws || diverted !== undefined) return
      put(clearLine + scrub(line).slice(0, (stream.columns || 80) - 1))
    },
    divert(write) {
      diverted = write
    },
    written: () => written,
  }
}
