/**
 * Tells of a load in OpenLineage: START once it is known from where to where it goes, COMPLETE when readers see it, FAIL, or
 * ABORT where somebody has stopped it. Loaded only where OPENLINEAGE_URL is set.
 *
 * I want to…                          → file
 * change what an event says of inputs → inputs.ts, datasets.ts
 * change what it says of the table    → outputs.ts, column-lineage.ts
 * change the form of an event         → run-event.ts, facets.ts
 * know what tells of many loads       → batch.ts
 * change what is told of a rollback   → rollback.ts
 * change how events are sent          → send.ts
 */
import type { Config, LineageConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { LoadFacts } from '../lake/facts.ts'
import type { Reads } from '../load/events.ts'
import type { Ending, Follower } from '../load/follower.ts'
import { inputDatasets } from './inputs.ts'
import { outputDataset } from './outputs.ts'
import { type RunEvent, runEvent } from './run-event.ts'
import { sendEvent } from './send.ts'

export interface FollowedLoad {
  readonly table: Table
  readonly config: Config
  readonly scrub: (text: string) => string
}

export function openLineage({ table, config, scrub }: FollowedLoad, lineage: LineageConfig): Follower {
  const runId = Bun.randomUUIDv7()
  const began = new Date()
  let catalog: CatalogPlace | undefined
  let reads: Reads | undefined
  let facts: LoadFacts | undefined
  let started: Promise<string | undefined> | undefined

  function event(type: RunEvent['type'], time: Date, message?: string): object {
    const job = `${config.lake.glueDatabase}.${table.name}`
    const outputs = [outputDataset({ table, config, catalog, facts, published: type === 'COMPLETE' })]
    const inputs = inputDatasets(config.database, table, reads)
    return runEvent({ type, time, runId, job, jobType: 'LOAD', message, inputs, outputs }, lineage)
  }

  /** The order of events is that of a run. */
  function start(): Promise<string | undefined> {
    started ??= sendEvent(lineage, event('START', began), scrub)
    return started
  }

  async function end(ending: Ending): Promise<readonly string[]> {
    const time = new Date()
    const last =
      ending.kind === 'loaded'
        ? event('COMPLETE', time)
        : event(ending.interrupted ? 'ABORT' : 'FAIL', time, ending.message)
    const reasons = [await start(), await sendEvent(lineage, last, scrub)].flatMap((each) => each ?? [])
    return [...new Set(reasons)].map((reason) => `OpenLineage was not told: ${reason}.`)
  }

  return {
    observe(told) {
      if (told.kind === 'route') {
        ;({ catalog } = told)
        // Whatever becomes of it, the end tells.
        start().catch(() => {})
      } else if (told.kind === 'reads') reads = told
      else if (told.kind === 'written') ({ facts } = told)
    },
    end,
  }
}
