/** A reader who asks all the time, and what it was told. */
import { textOf } from './digest.ts'
import type { Lane } from './lane.ts'
import type { Look } from './reader.ts'
import type { Subject } from './subjects.ts'

export interface Watched {
  /** How often it asked. */
  readonly looks: number
  /** What it could not read, or was in no generation. */
  readonly wrong: readonly string[]
  /** Generations in the order in which they were seen; 0: there was no table. */
  readonly generations: readonly number[]
}

export interface Watch {
  stop(): Promise<Watched>
}

/** It rests so many times as long as it looked: the machine is the loads' as well. */
const rests = 6
/** Milliseconds. */
const leastRest = 40

export function startWatch(lane: Lane, subject: Subject): Watch {
  const wrong: string[] = []
  const generations: number[] = []
  let looks = 0
  let stopped = false

  async function watch(): Promise<void> {
    while (!stopped) {
      looks++
      const began = performance.now()
      try {
        const seen = generationOf(lane, subject, await lane.reader.look(subject.name))
        if (typeof seen === 'string') wrong.push(seen)
        else if (generations.at(-1) !== seen) generations.push(seen)
      } catch (error) {
        wrong.push(`a reader failed: ${error instanceof Error ? error.message : error}`)
      }
      await Bun.sleep(Math.max(leastRest, rests * (performance.now() - began)))
    }
  }
  const watching = watch()
  return {
    async stop() {
      stopped = true
      await watching
      return { looks, wrong: [...new Set(wrong)], generations }
    },
  }
}

/** 0: there is no table. @returns in words what is wrong, where the rows are those of no generation */
export function generationOf(
  lane: Lane,
  subject: Subject,
  { pointer, digest, files }: Look,
): number | string {
  if (pointer === undefined) return 0
  const found = lane.known(subject).generations.get(textOf(digest))
  return (
    found ?? `readers see ${textOf(digest)}, which are the rows of no generation, in ${files.length} files`
  )
}
