/**
 * Processes that load table after table, as starting one costs more than loading a small table. Each has one table at a
 * time, and is replaced when it ends, falls stuck, grows or loses an error: no table but its own is harmed by that.
 */
import { join } from 'node:path'
import type { Told } from '../../cli/parent.ts'
import { scriptFile } from '../../declare/find-tables.ts'
import { type Child, startChild } from '../many/child.ts'
import type { Finished } from '../many/run-script.ts'
import type { LoaderReport, LoadRequest } from './loader.ts'

export interface Pool {
  /** Loads a table whose script only declares. When the signal aborts it is told to stop, and still waited for. */
  load(table: string): Promise<Finished>
  /** Lets the processes end. */
  close(): Promise<void>
}

interface Loader {
  readonly child: Child
  /** What is told of the table it loads. */
  hear(told: Told): void
}

const loaderPath = join(import.meta.dir, 'loader.ts')

/** A process that ends before it has begun has done nothing: the table is given to another, so often at the most. */
const attempts = 3

export interface PoolOptions {
  /** Flags of the loads. */
  readonly flags: readonly string[]
  readonly signal: AbortSignal
  /** Milliseconds; a process that has told nothing for so long is ended. */
  readonly stuckAfterMs: number
  /** Whatever else is made of what its processes tell. */
  heard(told: Told, table: string): void
}

export function openPool({ flags, signal, stuckAfterMs, heard }: PoolOptions): Pool {
  const idle: Loader[] = []
  const open = new Set<Loader>()

  function start(): Loader {
    const loader: Loader = {
      child: startChild([loaderPath], { stuckAfterMs, heard: (told) => loader.hear(told) }),
      hear: () => {},
    }
    open.add(loader)
    void loader.child.ended.then(() => {
      open.delete(loader)
      const at = idle.indexOf(loader)
      if (at >= 0) idle.splice(at, 1)
    })
    return loader
  }

  async function loadBy(loader: Loader, table: string): Promise<Finished & Partial<LoaderReport>> {
    const { child } = loader
    const { promise: reported, resolve } = Promise.withResolvers<{ json: object } & Partial<LoaderReport>>()
    let begun = false
    child.renew()
    loader.hear = (told) => {
      heard(told, table)
      begun ||= told.kind === 'begun'
      if (told.kind === 'report') resolve(told)
    }
    const stop = () => child.stop('SIGTERM')
    signal.addEventListener('abort', stop)
    try {
      const request: LoadRequest = { table, script: scriptFile(table), flags }
      child.send(request)
      const end = await Promise.race([reported, child.ended])
      const { lastLine } = child
      if (!('json' in end)) return { ...end, json: undefined, begun, lastLine }
      if (end.spent) child.release()
      else idle.push(loader)
      return { ...end, exit: null, stuck: false, begun: true, lastLine }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    async load(table) {
      for (let attempt = 1; ; attempt++) {
        const { stray, ...finished } = await loadBy(idle.pop() ?? start(), table)
        const undone = !finished.begun && !finished.stuck
        if (attempt === attempts || signal.aborted || !(undone || stray)) return finished
      }
    },
    async close() {
      for (const { child } of open) child.release()
      await Promise.all([...open].map(({ child }) => child.ended))
    },
  }
}
