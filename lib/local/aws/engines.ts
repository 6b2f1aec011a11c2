import { type Engine, openEngine } from './engine.ts'

/** Engines that queries use one after the other: to open one costs more than most queries do. */
export interface Engines {
  /** One that nobody else uses, and with nothing in it. */
  take(): Promise<Engine>
  /** For the next query, as empty as it was. */
  giveBack(engine: Engine): void
  close(): void
}

/** As many as are usually at work at once. */
const mostIdle = 2

export function createEngines(folder: string): Engines {
  const idle: Engine[] = []
  let closed = false
  return {
    take: async () => idle.pop() ?? (await openEngine(folder)),
    giveBack(engine) {
      if (closed || idle.length === mostIdle) engine.close()
      else idle.push(engine)
    },
    close() {
      closed = true
      for (const engine of idle.splice(0)) engine.close()
    },
  }
}
