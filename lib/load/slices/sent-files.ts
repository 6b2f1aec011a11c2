/** Files of a thread: their bytes go to the thread that started it, some megabytes ahead of what it has taken. */
import type { WrittenObject } from '../../lake/facts.ts'
import type { LakeFile } from '../../lake/lake.ts'
import type { FromThread, ToThread } from './messages.ts'

export interface SentFiles {
  open(name: string): LakeFile
  /** Takes what the other thread answers. */
  hear(answer: Extract<ToThread, { readonly kind: 'taken' | 'kept' }>): void
}

/** Many pages go at once: a message costs as much as encoding some rows. */
const messageBytes = 1024 * 1024
/** On their way at the most. */
const aheadBytes = 4 * 1024 * 1024

export function createSentFiles(tell: (message: FromThread, transfer?: ArrayBuffer[]) => void): SentFiles {
  let ahead = 0
  let room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  const finishing = new Map<string, PromiseWithResolvers<WrittenObject>>()

  function open(file: string): LakeFile {
    let gathered: Uint8Array<ArrayBuffer> = new Uint8Array(messageBytes)
    let used = 0

    function send(bytes: Uint8Array<ArrayBuffer>): void {
      ahead += bytes.length
      tell({ kind: 'write', file, bytes }, [bytes.buffer])
    }

    function flush(): void {
      if (used === 0) return
      send(gathered.slice(0, used))
      used = 0
    }

    return {
      write(bytes) {
        if (used + bytes.length > messageBytes) flush()
        if (bytes.length > messageBytes) {
          send(bytes.slice())
        } else {
          gathered.set(bytes, used)
          used += bytes.length
        }
        if (ahead <= aheadBytes) return undefined
        room ??= Promise.withResolvers<void>()
        return room.promise
      },
      finish() {
        flush()
        gathered = new Uint8Array(0)
        const kept = Promise.withResolvers<WrittenObject>()
        finishing.set(file, kept)
        tell({ kind: 'finish', file })
        return kept.promise
      },
      async abort() {
        // The other thread drops it, once it learns of the failure, and answers no more.
        finishing.get(file)?.reject(new Error(`${file} was given up`))
      },
    }
  }

  return {
    open,
    hear(answer) {
      if (answer.kind === 'kept') {
        finishing.get(answer.file)?.resolve(answer.object)
        finishing.delete(answer.file)
        return
      }
      ahead -= answer.bytes
      if (ahead > aheadBytes / 2) return
      room?.resolve()
      room = undefined
    },
  }
}
