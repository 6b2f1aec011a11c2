/**
 * What is wrong with scripts, before any is imported here: a file of `scripts/` may be no table, may not parse, may end
 * or kill the process, or never come to its own end.
 */
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'
import type { Examined, Script } from './examine-process.ts'
import { unusableScript } from './unusable.ts'

/** A declaration takes milliseconds. */
const patienceMs = 20_000

interface Answer {
  readonly failure: Failure | undefined
  /** Whether the process is of no use any more. */
  readonly lost: boolean
}

export interface Examination {
  /** One script after another, whoever asks. @returns what is wrong with one that is no table */
  examine(name: string): Promise<Failure | undefined>
  close(): void
}

/** @returns by name of its script, what is wrong with each that is no table */
export async function examineScripts(
  names: readonly string[],
  folder: string,
  waitMs = patienceMs,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>()
  const { examine, close } = openExamination(folder, waitMs)
  for (const name of names) {
    const failure = await examine(name)
    if (failure !== undefined) failures.set(name, failure)
  }
  close()
  return failures
}

/** Until it is closed a process stays open, which is another after a script that has harmed it. */
export function openExamination(folder: string, waitMs = patienceMs): Examination {
  let examiner: Examiner | undefined
  let turn: Promise<unknown> = Promise.resolve()

  async function examine(name: string): Promise<Failure | undefined> {
    const script = { path: join(folder, `${name}.ts`), name }
    const isShared = examiner !== undefined
    examiner ??= openExaminer()
    let answer = await examiner.ask(script, waitMs)
    if (answer.failure !== undefined && isShared) {
      // It may have been the script before that left it something to fail of.
      close()
      examiner = openExaminer()
      answer = await examiner.ask(script, waitMs)
    }
    if (answer.lost) close()
    return answer.failure
  }

  function close(): void {
    examiner?.close()
    examiner = undefined
  }

  return {
    examine(name) {
      const examined = turn.then(() => examine(name))
      turn = examined.catch(() => {})
      return examined
    },
    close,
  }
}

interface Examiner {
  ask(script: Script, waitMs: number): Promise<Answer>
  close(): void
}

function openExaminer(): Examiner {
  let hear: (examined: Examined) => void = () => {}
  const child = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, 'examine-process.ts')], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    serialization: 'json',
    ipc: (examined: Examined) => hear(examined),
  })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  void child.exited.then(() => process.off('exit', kill))

  async function ask(script: Script, waitMs: number): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const lose = (reason: string) => {
      const advice = `While it is imported, scripts/${script.name}.ts is to declare its table and to do nothing else.`
      resolve({ failure: unusableScript(script.name, reason, advice), lost: true })
    }
    const timer = setTimeout(() => lose(`importing it has not ended after ${waitMs / 1000} s`), waitMs)
    hear = ({ failure, lost }) => {
      if (lost !== undefined) lose(`importing it failed: ${lost.replace(/\s+/g, ' ')}`)
      else resolve({ failure: failure && new Failure(failure), lost: false })
    }
    void child.exited.then(() => {
      const killed = child.signalCode
      lose(
        killed === null
          ? 'it ends the process while it is imported'
          : `the process that imported it was killed by ${killed}`,
      )
    })
    child.send(script)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  return { ask, close: kill }
}
