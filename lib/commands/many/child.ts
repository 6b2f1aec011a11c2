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
  /** Whether it was ended for having told nothing for too long: a thread that is not in a loop tells that it lives. */
  readonly stuck: boolean
}

export interface ChildOptions {
  heard(told: Told): void
  /** Milliseconds; one that has told nothing for so long is ended. Undefined: none ever is. */
  readonly stuckAfterMs?: number | undefined
}

/** How long what a program has started may hold on to its stderr when it has ended itself. */
const lingerMs = 500

/** @param command a path of a program, absolute, and its arguments */
export function startChild(
  command: readonly string[],
  { heard, stuckAfterMs = Number.POSITIVE_INFINITY }: ChildOptions,
): Child {
  let unheard = 0
  let stuck = false
  // It has the variables of this one, and none of an .env file that lies where it is started: that may be another lake's.
  const child = Bun.spawn([process.execPath, '--no-env-file', ...command], {
    env: { ...process.env, ...(process.stderr.isTTY && { DRACULA_AT_TERMINAL: '1' }) },
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
  const watch = setInterval(() => {
    unheard += aliveEveryMs
    if (unheard <= stuckAfterMs) return
    stuck = true
    kill()
  }, aliveEveryMs)

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
    return { exit: child.signalCode === null ? child.exitCode : null, stuck }
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
