/** One step of the demo, in a line. */
import { formatDuration } from '../../cli/duration.ts'
import { drawingWanted } from '../../config/config.ts'

/** Says what is done, and how long it took. @param work may tell what it is at, for a terminal */
export async function step<T>(name: string, work: (tell: (what: string) => void) => Promise<T>): Promise<T> {
  const draws = process.stderr.isTTY && drawingWanted()
  const started = performance.now()
  process.stderr.write(`${name} … `)
  const tell = (what: string) => {
    if (draws) process.stderr.write(`\r\x1b[2K${name} … ${what}`.slice(0, process.stderr.columns || 80))
  }
  const result = await work(tell).catch((error: unknown) => {
    process.stderr.write('\n')
    throw error
  })
  tell('')
  process.stderr.write(`${formatDuration(performance.now() - started)}\n`)
  return result
}
