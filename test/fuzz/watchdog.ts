/** The thread of watch.ts: it sees whether the number of the input changes while the main thread is busy. */
import { writeSync } from 'node:fs'

export interface Watched {
  /** In memory that both threads have. */
  readonly current: Float64Array
  readonly limitMs: number
  readonly replay: string
}

addEventListener('message', ({ data }: MessageEvent<Watched>) => {
  const { current, limitMs, replay } = data
  let seen = current[0]
  let since = performance.now()
  setInterval(() => {
    if (current[0] !== seen) {
      seen = current[0]
      since = performance.now()
    } else if (performance.now() - since > limitMs) {
      writeSync(2, `An input takes more than ${limitMs / 1000} s. Have it again with: ${replay} ${seen}\n`)
      process.kill(process.pid, 'SIGKILL')
    }
  }, limitMs / 20)
})
