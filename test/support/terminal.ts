/** A program at a terminal, and what a person has before them: xterm obeys what it writes, wrapped lines and cursor too. */
import { Terminal } from '@xterm/headless'

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly columns?: number
  readonly rows?: number
}

export interface AtTerminal {
  /** All that was ever shown, lines that scrolled out of sight too; those that were wrapped are one. */
  screen(): Promise<string[]>
  /** Where the cursor is: column, and lines below the first that was ever shown. */
  cursor(): Promise<{ x: number; y: number }>
  /** What was written, codes and all. */
  raw(): string
  resize(columns: number, rows: number): void
  kill(signal: NodeJS.Signals): void
  /** Settles when the program has ended and all that it wrote is on the screen. */
  readonly ended: Promise<number>
  /** Settles when the screen has such a line. */
  shows(line: RegExp): Promise<string[]>
}

/** @param command a program's path, and its arguments */
export function startAtTerminal(
  command: readonly string[],
  { env, columns = 80, rows = 24 }: TerminalOptions,
): AtTerminal {
  const shown = new Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true })
  const chunks: Uint8Array[] = []
  let written = Promise.resolve()
  const child = Bun.spawn([process.execPath, ...command], {
    env: { TERM: 'xterm-256color', ...env },
    terminal: {
      cols: columns,
      rows,
      data(_, chunk) {
        const bytes = chunk.slice()
        chunks.push(bytes)
        written = new Promise((resolve) => shown.write(bytes, resolve))
      },
    },
  })

  async function screen(): Promise<string[]> {
    await written
    const { active } = shown.buffer
    const lines: string[] = []
    for (let at = 0; at < active.length; at++) {
      const line = active.getLine(at)
      const text = line?.translateToString(true) ?? ''
      if (line?.isWrapped) lines.push((lines.pop() ?? '') + text)
      else lines.push(text)
    }
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
  }

  async function end(): Promise<number> {
    const exit = await child.exited
    // The terminal may still hold some of it, and says of nothing that it is the last.
    for (let before = -1; before < chunks.length; ) {
      before = chunks.length
      await Bun.sleep(50)
    }
    await written
    return exit
  }

  return {
    screen,
    async cursor() {
      await written
      const { cursorX, cursorY, baseY } = shown.buffer.active
      return { x: cursorX, y: baseY + cursorY }
    },
    raw: () => Buffer.concat(chunks).toString(),
    resize(columns, rows) {
      shown.resize(columns, rows)
      child.terminal?.resize(columns, rows)
    },
    kill: (signal) => child.kill(signal),
    ended: end(),
    async shows(line) {
      for (;;) {
        const lines = await screen()
        if (lines.some((each) => line.test(each))) return lines
        if (child.exitCode !== null) throw new Error(`It has ended without ${line}:\n${lines.join('\n')}`)
        await Bun.sleep(5)
      }
    },
  }
}
