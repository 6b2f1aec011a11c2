/** The DuckDBs that are open, and which of them is free. */
import { type Answering, type Engine, openEngine } from './engine.ts'

/** Engines that queries use one after the other: to open one costs more than most queries do. */
export interface Engines extends Answering {
  /** One that nobody else uses, and with nothing in it. */
  take(): Promise<Engine>
  /** Keeps an engine for the next query, as empty as it was. */
  giveBack(engine: Engine): void
  close(): void
}

/** How many are usually at work at once. */
const mostIdle = 2

export function createEngines(folder: string): Engines {
  const idle: Engine[] = []
  let closed = false
  const take = async () => idle.pop() ?? (await openEngine(folder))
  const giveBack = (engine: Engine) => {
    if (closed || idle.length === mostIdle) engine.close()
    else idle.push(engine)
  }
  return {
    take,
    giveBack,
    async rows(sql) {
      const engine = await take()
      try {
        return await engine.rows(sql)
      } finally {
        giveBack(engine)
      }
    },
    close() {
      closed = true
      for (const engine of idle.splice(0)) engine.close()
    },
  }
}
