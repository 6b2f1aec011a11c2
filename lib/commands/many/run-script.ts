/** How a command runs a script of the project as a process of its own. */
import { join } from 'node:path'

const root = join(import.meta.dir, '../../..')

export interface Finished {
  /** Null when a signal ended it. */
  readonly exit: number | null
  /** What it printed with --json; undefined: nothing that is JSON. */
  readonly json: unknown
  /** The last line it said on stderr. */
  readonly lastLine: string
}

/**
 * Runs a script or a check as a process of its own, with this one's environment. When the signal aborts it is told to
 * stop, and still waited for: it cleans up, and knows what is published.
 * @param path under the project's folder
 */
export async function runScript(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Finished> {
  signal.throwIfAborted()
  const child = Bun.spawn([process.execPath, join(root, path), '--json', ...args], {
    env: process.env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const stop = () => child.kill('SIGTERM')
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  process.on('exit', kill)
  try {
    const [, stdout, lastLine] = await Promise.all([
      child.exited,
      child.stdout.text(),
      lastLineOf(child.stderr),
    ])
    return { exit: child.signalCode === null ? child.exitCode : null, json: parsed(stdout), lastLine }
  } finally {
    signal.removeEventListener('abort', stop)
    process.off('exit', kill)
  }
}

/** A long load says much; only the end of it is kept. */
async function lastLineOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let end = ''
  for await (const chunk of stream) end = (end + decoder.decode(chunk, { stream: true })).slice(-16_384)
  return end.trimEnd().split('\n').at(-1) ?? ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
