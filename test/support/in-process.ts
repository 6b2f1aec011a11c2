/**
 * Programs run inside this process, for tests to which a process of its own proves nothing: most of what a small load
 * costs is the start of its process. What a program sees of a process is its own (arguments, environment, streams,
 * signals, exit code); memory and sockets are not, and nothing ends with it that it leaves running, so tests of those
 * start a real one.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import { format } from 'node:util'
import { plugin } from 'bun'
import { ownFolder, useScripts } from '../../lib/declare/project.ts'

export interface ProgramRun {
  /** Undefined while it runs. */
  readonly exit: number | undefined
  /** What it has said so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Has no effect on a program that does not listen for it. */
  kill(signal: NodeJS.Signals): void
  /** Makes it as late as its timers of so many milliseconds wait for: of a minute or more, which wait for nothing else. */
  elapse(ms: number): void
  /** Rejects when the module threw before it was a program: how a process ends by that, only a process shows. */
  readonly ended: Promise<EndedProgram>
}

export interface EndedProgram {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** What `process` is to a program inside. */
type Inside = Pick<NodeJS.Process, 'argv' | 'env' | 'cwd' | 'exit'> & {
  exitCode: number | undefined
  readonly timers: { readonly ms: number; readonly work: () => void }[]
  readonly stdout: ReturnType<typeof textStream>
  readonly stderr: object
  readonly on: (event: string, listener: () => void) => void
  readonly once: () => void
  readonly off: () => void
}

/** A timer of a minute or more waits for its test. */
const longMs = 60_000

/** What `process.exit` throws, so that nothing after it runs. */
class Exit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

const inside = new AsyncLocalStorage<Inside>()
const outside = globalThis.process

const waitShortly = globalThis.setTimeout
globalThis.setTimeout = Object.assign((work: (...given: never[]) => void, ms?: number, ...given: never[]) => {
  const own = inside.getStore()
  if (own === undefined || ms === undefined || ms < longMs) return waitShortly(work, ms, ...given)
  const timer = waitShortly(() => {}, 0)
  own.timers.push({ ms, work: () => work(...given) })
  return timer
}, waitShortly)

globalThis.process = new Proxy(outside, {
  get(target, key) {
    const own = inside.getStore()
    if (own !== undefined && key in own) return Reflect.get(own, key)
    const value: unknown = Reflect.get(target, key, target)
    return typeof value === 'function' ? value.bind(target) : value
  },
  set(target, key, value) {
    const own = inside.getStore()
    return Reflect.set(own !== undefined && key in own ? own : target, key, value)
  },
})

const print = console.log
console.log = (...given: unknown[]) => {
  const own = inside.getStore()
  if (own === undefined) print(...given)
  else own.stdout.write(`${format(...given)}\n`)
}

/** A module with such a query is the one its process was started with; each number is another run. */
const main = /\?main=\d+$/
plugin({
  name: 'main module',
  setup(build) {
    build.onLoad({ filter: main }, async ({ path }) => {
      const text = (await Bun.file(path.replace(main, '')).text()).replace(/^#!.*/, '')
      const enter = `import { enter } from ${JSON.stringify(import.meta.path)}; enter(${path.split('=').at(-1)});`
      return { contents: `${enter} ${text.replaceAll('import.meta.main', 'true')}`, loader: 'ts' }
    })
  },
})
let runs = 0
/** Programs that look for scripts elsewhere: what they mean is meant by all of this process until it is taken back. */
let elsewhere = 0
const starting = new Map<number, Inside>()

/** The first thing that such a module does: a module does not run in the context of who imports it. */
export function enter(run: number): void {
  const own = starting.get(run)
  if (own === undefined) throw new Error('No such run')
  inside.enterWith(own)
}

/** A program to its end, in this process. */
export function runInProcess(...given: Parameters<typeof startInProcess>): Promise<EndedProgram> {
  return startInProcess(...given).ended
}

/**
 * Starts a program in this process.
 * @param path of its module, absolute
 * @param env all of its environment
 */
export function startInProcess(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ProgramRun {
  const stdout = textStream()
  const stderr = textStream()
  const listeners = new Map<string, () => void>()
  const own: Inside = {
    argv: [outside.execPath, path, ...args],
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    cwd: () => '/',
    exitCode: undefined,
    timers: [],
    exit: (code) => {
      throw new Exit(Number(code ?? own.exitCode ?? 0))
    },
    stdout,
    stderr,
    on: (event, listener) => listeners.set(event, listener),
    once() {},
    off() {},
  }
  let exit: number | undefined
  const atSecondSignal = Promise.withResolvers<never>()
  const run = ++runs
  starting.set(run, own)
  const looksElsewhere = args.includes('--scripts')
  if (looksElsewhere) elsewhere++

  async function end(): Promise<EndedProgram> {
    try {
      await Promise.race([import(`${path}?main=${run}`), atSecondSignal.promise])
    } catch (error) {
      if (!(error instanceof Exit)) {
        throw new Error('It ended before it was a program: see how its process does, start(…).finished', {
          cause: error,
        })
      }
      own.exitCode = error.code
    } finally {
      starting.delete(run)
      if (looksElsewhere && --elsewhere === 0) useScripts(join(ownFolder, 'scripts'))
    }
    exit = own.exitCode ?? 0
    return { exit, stdout: stdout.text(), stderr: stderr.text() }
  }

  return {
    get exit() {
      return exit
    },
    stdout: stdout.text,
    stderr: stderr.text,
    kill(signal) {
      try {
        inside.run(own, () => listeners.get(signal)?.())
      } catch (error) {
        atSecondSignal.reject(error)
      }
    },
    elapse(ms) {
      for (const timer of own.timers) if (timer.ms === ms) inside.run(own, timer.work)
    },
    ended: end(),
  }
}

/** The part of a stream that programs write to. */
function textStream() {
  let text = ''
  return {
    text: () => text,
    on() {},
    write(chunk: string | Uint8Array, ...[last]: (() => void)[]) {
      text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
      last?.()
      return true
    },
  }
}
