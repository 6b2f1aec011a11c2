/** A thread that reads slices, as the thread that started it sees it. */
import { Failure } from '../../failure/failure.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import type { LakeFile } from '../../lake/lake.ts'
import type { FromThread, Joining, ScriptOfTable, ToThread } from './messages.ts'
import { failureFrom } from './plain-failure.ts'
import type { SliceReader } from './slice-reader.ts'

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
  const tell = (message: ToThread) => worker.postMessage(message)
  const ended = Promise.withResolvers<void>()
  let hear: (message: FromThread) => void = () => {}
  let lose: (reason: unknown) => void = () => {}
  let isLost = false

  function end(reason: string): void {
    isLost = true
    lose(lost(script.name, reason))
    ended.resolve()
  }
  worker.onmessage = ({ data }: MessageEvent<FromThread>) => {
    if (data.kind === 'stopped') ended.resolve()
    else hear(data)
  }
  worker.onerror = ({ message }) => end(message.replace(/\s+/g, ' ').trim())
  worker.addEventListener('close', () => end('it ended'))

  const stop = () => {
    if (!isLost) tell({ kind: 'stop' })
  }
  closing.addEventListener('abort', stop, { once: true })

  async function close(): Promise<void> {
    closing.removeEventListener('abort', stop)
    if (!closing.aborted) stop()
    const timer = setTimeout(ended.resolve, stopTimeoutMs)
    await ended.promise
    clearTimeout(timer)
    isLost = true
    // What it was asked last it may not answer any more.
    lose(lost(script.name, 'it was told to stop'))
    worker.terminate()
  }

  /** What it answers to a message. */
  function answer<T>(
    message: ToThread,
    take: (told: FromThread, resolve: (value: T) => void) => void,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    lose = reject
    hear = (told) => {
      if (told.kind === 'failed') reject(failureFrom(told.failure))
      else take(told, resolve)
    }
    if (isLost) reject(lost(script.name, 'it has ended'))
    else tell(message)
    return promise
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
      /** Files are written in the order in which they are told of. */
      let written: Promise<unknown> = Promise.resolve()
      let isOver = false
      try {
        return await answer<SliceFacts>({ kind: 'read', slice }, (told, resolve) => {
          if (told.kind === 'progress') observe(told)
          else if (told.kind === 'done') resolve(told.facts)
          else if (told.kind === 'abort') void files.get(told.file)?.abort()
          else if (told.kind === 'write' || told.kind === 'finish') {
            written = written.then(() => write(told)).catch(lose)
          }
        })
      } catch (error) {
        isOver = true
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
