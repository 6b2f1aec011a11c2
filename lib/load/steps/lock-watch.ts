/** The lock watch: a load that somebody waits behind for too long ends, and lets them pass. */
import type { DatabaseConfig } from '../../config/config.ts'
import type { SourceName } from '../../declare/selection.ts'
import { formatSource } from '../../declare/selection.ts'
import { Failure } from '../../failure/failure.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import type { Snapshot } from '../../postgres/snapshot.ts'
import { watchWaiters } from '../../postgres/waiters.ts'
import { createPatience, type Waited } from './patience.ts'

/** The time from one look to the next. */
const pauseMs = 1_000

/** After two looks in a row that failed, though one before them had not. */
const longPauseMs = 30_000

export interface LockWatchOptions {
  readonly database: DatabaseConfig
  readonly table: { readonly name: string; readonly source: SourceName }
  readonly load: string
  /** undefined: as long as it takes. */
  readonly yieldAfterMs: number | undefined
  readonly warn: (message: string) => void
  /** Ends the load for this reason, as a signal from outside would. */
  readonly stop: (reason: Failure) => void
}

/** Whoever holds the locks, on what kind of server. */
export type Watched = Pick<Snapshot, 'backend' | 'serverVersion' | 'replica'>

export interface LockWatch {
  /** From now on it stops nothing. Never throws. */
  close(): Promise<void>
}

/**
 * Watches, over a connection of its own, who waits for a lock behind the load, and stops the load once somebody has
 * waited longer than `yieldAfterMs`. It begins a second later: a load that is over by then has no second connection.
 * Where it cannot watch it says so once, and the load goes on.
 */
export function watchLocks(options: LockWatchOptions, snapshot: Watched): LockWatch {
  const { yieldAfterMs } = options
  // On a replica only replay waits, and max_standby_streaming_delay says how long it does.
  if (yieldAfterMs === undefined || snapshot.replica) return { close: async () => {} }
  return watchOver(options, snapshot, yieldAfterMs)
}

function watchOver(
  { database, table, load, warn, stop }: LockWatchOptions,
  { backend, serverVersion }: Watched,
  yieldAfterMs: number,
): LockWatch {
  const watch = watchWaiters(database, {
    applicationName: `dracula-watch/${table.name}/${load}`,
    backend,
    serverVersion,
  })
  const patience = createPatience()
  const pause = Math.min(pauseMs, yieldAfterMs)
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(look, pause)
  let open = true
  let seen = false
  let failed = 0
  let warned = false

  function blind(reason: string): void {
    if (!warned) warn(`nobody watches whether a migration waits behind this load: ${reason}`)
    warned = true
  }

  async function look(): Promise<void> {
    timer = undefined
    let next: number | undefined = pause
    try {
      const waiters = await watch.look()
      if (!open) return
      failed = 0
      if (waiters === undefined) {
        // Several servers behind one name; or the reader has died, and then the load is about to.
        blind('it was led to another server than the one it reads from')
        next = undefined
      } else {
        seen = true
        const longest = patience.longest(waiters, performance.now())
        if (longest !== undefined && longest.ms > yieldAfterMs) return stop(yieldTo(table.source, longest))
      }
    } catch (error) {
      if (!open) return
      failed++
      if (failed === 1) {
        // A connection that somebody ended says nothing about the next one.
        next = 0
      } else {
        blind(postgresFailure(error, 'look at', 'pg_locks').summary)
        // Refused from the beginning, it would be refused again, and each time the server's log would say so.
        next = seen ? longPauseMs : undefined
      }
    }
    if (next !== undefined) timer = setTimeout(look, next)
  }

  return {
    async close() {
      open = false
      clearTimeout(timer)
      await watch.close()
    },
  }
}

function yieldTo(source: SourceName, { waiter, ms }: Waited): Failure {
  const { pid, user, application, mode, relation } = waiter
  const who = application === '' ? user : `${user}, ${application}`
  const what = relation === undefined ? 'the end of its transaction' : `${mode} on ${relation}`
  return new Failure({
    exit: 1,
    act: 'go on reading',
    thing: formatSource(source),
    reason: `it let process ${pid} (${who}) pass, which had waited ${(ms / 1_000).toFixed(1)} s behind it for ${what}`,
    advice: 'Run it again when that is done, or give it more time with --yield-after.',
  })
}
