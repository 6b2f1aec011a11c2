/**
 * What is wrong with scripts, before any is imported here: a file of `scripts/` may be no table, may not parse, may end
 * the process, or never come to its own end.
 */
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'
import type { Examined } from './examine-worker.ts'
import { unusableScript } from './unusable.ts'

/** A declaration takes milliseconds. */
const patienceMs = 20_000

interface Script {
  readonly path: string
  readonly name: string
}

interface Answer {
  readonly failure: Failure | undefined
  /** Whether the thread is of no use any more. */
  readonly lost: boolean
}

/** @returns by name of its script, what is wrong with each that is no table */
export async function examineScripts(
  names: readonly string[],
  folder: string,
  waitMs = patienceMs,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>()
  let thread: Worker | undefined
  for (const name of names) {
    const script = { path: join(folder, `${name}.ts`), name }
    const isShared = thread !== undefined
    thread ??= openThread()
    let answer = await ask(thread, script, waitMs)
    if (answer.lost && isShared) {
      // It may have been the script before that left it something to fail of.
      thread.terminate()
      thread = openThread()
      answer = await ask(thread, script, waitMs)
    }
    if (answer.lost) {
      thread.terminate()
      thread = undefined
    }
    if (answer.failure !== undefined) failures.set(name, answer.failure)
  }
  thread?.terminate()
  return failures
}

function openThread(): Worker {
  return new Worker(new URL('./examine-worker.ts', import.meta.url).href)
}

async function ask(thread: Worker, script: Script, waitMs: number): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const lose = (reason: string) => {
    const advice = `While it is imported, scripts/${script.name}.ts is to declare its table and to do nothing else.`
    resolve({ failure: unusableScript(script.name, reason, advice), lost: true })
  }
  const timer = setTimeout(() => lose(`importing it has not ended after ${waitMs / 1000} s`), waitMs)
  thread.onmessage = ({ data: { failure } }: MessageEvent<Examined>) =>
    resolve({ failure: failure && new Failure(failure), lost: false })
  thread.onerror = ({ message }) => lose(`importing it failed: ${firstError(message)}`)
  thread.addEventListener('close', () => lose('it ends the process while it is imported'))
  thread.postMessage(script)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** What an error says, without the source lines and the stack that Bun prints with it. */
function firstError(printed: string): string {
  return /^\s*\w*error: ([^\n]*)/im.exec(printed)?.[1] ?? printed.replace(/\s+/g, ' ')
}
