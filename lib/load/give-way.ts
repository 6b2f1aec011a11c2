/** A good neighbour: a load that somebody waits behind for too long ends, and lets them pass. */

import { sourceInWords } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import { postgresFailure } from '../postgres/failure.ts'
import type { Snapshot } from '../postgres/snapshot.ts'
import { watchWaiters } from '../postgres/waiters.ts'
import type { Load } from './load.ts'
import { createPatience, type Waited } from './patience.ts'

/** From one look to the next. */
const pauseMs = 1_000

/** After a look that failed though one before it had not. */
const longPauseMs = 30_000

export interface Neighbourhood {
  /** From now on it stops nothing. Never throws. */
  close(): Promise<void>
}

/**
 * Watches, over a connection of its own, who waits for a lock behind the load, and stops the load once somebody has
 * waited longer than `yieldAfterMs`. It begins a second later: a load that is over by then has no second connection.
 * Where it cannot watch it says so once, and the load goes on.
 */
export function giveWay(load: Load, snapshot: Snapshot): Neighbourhood {
  const { yieldAfterMs } = load.options
  // On a replica only replay waits, and max_standby_streaming_delay says how long it does.
  if (yieldAfterMs === undefined || snapshot.replica) return { close: async () => {} }
  return watchOver(load, snapshot, yieldAfterMs)
}

function watchOver(load: Load, { backend, serverVersion }: Snapshot, yieldAfterMs: number): Neighbourhood {
  const { table, id, config, warn, stop } = load
  const watch = watchWaiters(config.database, {
    applicationName: `dracula-watch/${table.name}/${id}`,
    backend,
    serverVersion,
  })
  const patience = createPatience()
  const pause = Math.min(pauseMs, yieldAfterMs)
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(look, pause)
  let open = true
  let seen = false
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
      if (waiters === undefined) {
        // Several servers behind one name; or the reader has died, and then the load is about to.
        blind('it was led to another server than the one it reads from')
        next = undefined
      } else {
        seen = true
        const longest = patience.longest(waiters, performance.now())
        if (longest !== undefined && longest.ms > yieldAfterMs) return stop(letPass(load, longest))
      }
    } catch (error) {
      if (!open) return
      blind(postgresFailure(error, 'look at', 'pg_locks').summary)
      // Refused from the beginning, it would be refused again, and each time the server's log would say so.
      next = seen ? longPauseMs : undefined
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

function letPass({ table }: Load, { waiter, ms }: Waited): Failure {
  const { pid, user, application, mode, relation } = waiter
  const who = application === '' ? user : `${user}, ${application}`
  const what = relation === undefined ? 'the end of its transaction' : `${mode} on ${relation}`
  return new Failure({
    exit: 1,
    act: 'go on reading',
    thing: sourceInWords(table.source),
    reason: `it let process ${pid} (${who}) pass, which had waited ${(ms / 1_000).toFixed(1)} s behind it for ${what}`,
    advice: 'Run it again when that is done, or give it more time with --yield-after.',
  })
}
