/** A program of the project as a child of this one: what it tells, when it has gone silent, and how it ended. */
import { constants } from 'node:os'
import { aliveEveryMs, type Told } from '../../cli/parent.ts'

export interface Child {
  /** @returns false: it has ended, or ends */
  send(message: object): boolean
  stop(signal: NodeJS.Signals): void
  /** It has nothing more to do, and may end when it has done what it was sent. */
  release(): void
  /** From now on only what it says later is its last line, and only silence from now on is silence. */
  renew(): void
  /** The last line it said on stderr. */
  readonly lastLine: string
  readonly ended: Promise<End>
}

export interface End {
  /** Null when a signal ended it. */
  readonly exit: number | null
  /** Whether it was ended for having told nothing for {@link silenceMs}. */
  readonly silent: boolean
}

export interface ChildOptions {
  heard(told: Told): void
  /** How long it may tell nothing, and then is ended; without it {@link silenceMs}. */
  readonly silenceMs?: number | undefined
}

/** A thread that works tells every few seconds that it does; one that has not for so long never will. */
export const silenceMs = 120_000

/** How long what a program has started may hold on to its stderr when it has ended itself. */
const lingerMs = 500

/** @param command a path of a program, absolute, and its arguments */
export function startChild(
  command: readonly string[],
  { heard, silenceMs: patience = silenceMs }: ChildOptions,
): Child {
  let unheard = 0
  let silent = false
  const child = Bun.spawn([process.execPath, ...command], {
    env: process.env,
    stdin: 'ignore',
    // Results come over the channel: a script may print what it likes.
    stdout: 'ignore',
    stderr: 'pipe',
    serialization: 'json',
    ipc(told: Told) {
      unheard = 0
      heard(told)
    },
  })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  // Counted, and not read from a clock: a machine that has slept finds it as it left it.
  const tick = Math.min(aliveEveryMs, patience / 4)
  const watch = setInterval(() => {
    unheard += tick
    if (unheard <= patience) return
    silent = true
    kill()
  }, tick)

  let end = ''
  const listening = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stderr)
      end = (end + decoder.decode(chunk, { stream: true })).slice(-16_384)
  })()

  async function ended(): Promise<End> {
    await child.exited
    clearInterval(watch)
    process.off('exit', kill)
    await Promise.race([listening, Bun.sleep(lingerMs)])
    return { exit: child.signalCode === null ? child.exitCode : null, silent }
  }

  return {
    send(message) {
      try {
        child.send(message)
        return true
      } catch {
        return false
      }
    },
    stop: (signal) => child.kill(constants.signals[signal]),
    release: () => child.disconnect(),
    renew() {
      end = ''
      unheard = 0
    },
    get lastLine() {
      return end.trimEnd().split('\n').at(-1) ?? ''
    },
    ended: ended(),
  }
}
