/** A thread that reads slices, as the thread that started it sees it. */
import { watchSilence } from '../../concurrency/silence.ts'
import { Failure } from '../../failure/failure.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import type { LakeFile } from '../../lake/lake.ts'
import {
  aliveEveryMs,
  type FirstToThread,
  type FromThread,
  type Joining,
  type ScriptOfTable,
  type ToThread,
} from './messages.ts'
import { failureFrom } from './plain-failure.ts'
import type { SliceReader } from './slice-reader.ts'

/** One that lives has told so by then, unless it is in a loop. */
const silentMs = 3 * aliveEveryMs

/** How long a connection may take to close: longer than the server may to confirm that it stopped. */
const stopTimeoutMs = 7_000

/**
 * Starts it, and has it import the script and join the snapshot.
 * @param closing aborts when it is not wanted any more, opened or not
 * @returns a Failure (3) where it can import no such script
 * @throws Failure as `joinSnapshot`
 */
export async function openThread(
  joining: Joining,
  script: ScriptOfTable,
  closing: AbortSignal,
): Promise<SliceReader | Failure> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url).href)
  const { port1: port, port2 } = new MessageChannel()
  const tell = (message: ToThread) => port.postMessage(message)
  const ended = Promise.withResolvers<void>()
  let hear: (message: FromThread) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  let failure: Failure | undefined
  let heardMs = performance.now()
  const forget = watchSilence(() => performance.now() - heardMs > silentMs)

  function lose(reason: string): void {
    failure ??= lost(script.name, reason)
    reject(failure)
  }
  function end(reason: string): void {
    lose(reason)
    ended.resolve()
  }
  port.onmessage = (event) => {
    const data: FromThread = event.data
    heardMs = performance.now()
    if (data.kind === 'stopped') ended.resolve()
    else if (data.kind === 'lost') lose(data.reason)
    else hear(data)
  }
  worker.onerror = ({ message }) => end(/^error: (.*)/m.exec(message)?.[1] ?? 'it broke')
  worker.addEventListener('close', () => end('it ended'))
  const first: FirstToThread = { port: port2 }
  worker.postMessage(first, [port2])

  let closed: Promise<void> | undefined
  function close(): Promise<void> {
    closed ??= stop()
    return closed
  }

  async function stop(): Promise<void> {
    closing.removeEventListener('abort', close)
    tell({ kind: 'stop' })
    const timer = setTimeout(ended.resolve, stopTimeoutMs)
    await ended.promise
    clearTimeout(timer)
    // What it was asked last it may not answer any more.
    lose('it was told to stop')
    forget()
    port.close()
    worker.terminate()
  }
  closing.addEventListener('abort', close, { once: true })

  /** What it answers to a message. */
  function answer<T>(
    message: ToThread,
    take: (told: FromThread, resolve: (value: T) => void) => void,
  ): Promise<T> {
    const asked = Promise.withResolvers<T>()
    reject = asked.reject
    hear = (told) => {
      if (told.kind === 'failed') reject(failureFrom(told.failure))
      else take(told, asked.resolve)
    }
    if (failure === undefined) tell(message)
    else reject(failure)
    return asked.promise
  }

  try {
    const unusable = await answer<Failure | undefined>({ kind: 'open', joining, script }, (told, resolve) => {
      if (told.kind === 'opened') resolve(undefined)
      if (told.kind === 'unusable') resolve(failureFrom(told.failure))
    })
    if (unusable !== undefined) {
      await close()
      return unusable
    }
  } catch (error) {
    await close()
    throw error
  }

  let hasLookups = false
  return {
    async read(slice, { lookups, openFile, observe }) {
      if (!hasLookups) tell({ kind: 'lookups', lookups: lookups.shared })
      hasLookups = true
      const files = new Map<string, LakeFile>()
      /** Each file is written in the order in which its bytes are told of, and waits for no other. */
      const written = new Map<string, Promise<unknown>>()
      let isOver = false
      try {
        const facts = await answer<SliceFacts>({ kind: 'read', slice }, (told, resolve) => {
          if (told.kind === 'progress') observe(told)
          else if (told.kind === 'done') resolve(told.facts)
          else if (told.kind === 'write' || told.kind === 'finish') {
            const before = written.get(told.file) ?? Promise.resolve()
            written.set(told.file, before.then(() => write(told)).catch(reject))
          }
        })
        return { storing: 0, stored: Promise.resolve(facts) }
      } catch (error) {
        isOver = true
        // A file that is being opened or completed could not be dropped.
        await Promise.all(written.values())
        await Promise.all([...files.values()].map((file) => file.abort()))
        throw error
      }

      async function write(told: Extract<FromThread, { readonly kind: 'write' | 'finish' }>): Promise<void> {
        if (isOver) return
        const file = files.get(told.file) ?? openFile(told.file)
        files.set(told.file, file)
        if (told.kind === 'write') {
          await file.write(told.bytes)
          tell({ kind: 'taken', bytes: told.bytes.length })
          return
        }
        tell({ kind: 'kept', file: told.file, object: await file.finish() })
        files.delete(told.file)
        written.delete(told.file)
      }
    },
    close,
  }
}

function lost(table: string, reason: string): Failure {
  return new Failure({
    exit: 1,
    act: 'read in a thread',
    thing: table,
    reason,
    advice: `Run it with --connections 1; if it ends so too, correct scripts/${table}.ts.`,
  })
}
