/**
 * Tells of a load in OpenLineage: START once it is known from where to where it goes, COMPLETE when readers see it, FAIL, or
 * ABORT where somebody has stopped it. Loaded only where OPENLINEAGE_URL is set.
 *
 * I want to…                          → file
 * change what an event says of inputs → inputs.ts, datasets.ts
 * change what it says of the table    → outputs.ts, column-lineage.ts
 * use another version of a facet      → facets.ts
 * change how events are sent          → send.ts
 */
import packageFile from '../../package.json' with { type: 'json' }
import type { Config, LineageConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { LoadFacts } from '../lake/facts.ts'
import type { Reads } from '../load/events.ts'
import type { Ending, Follower } from '../load/follower.ts'
import { facets, producer } from './facets.ts'
import { inputDatasets } from './inputs.ts'
import { outputDataset } from './outputs.ts'
import { sendEvent } from './send.ts'

export interface FollowedLoad {
  readonly table: Table
  readonly config: Config
  readonly scrub: (text: string) => string
}

type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT'

export function openLineage({ table, config, scrub }: FollowedLoad, lineage: LineageConfig): Follower {
  const runId = Bun.randomUUIDv7()
  const began = new Date()
  let catalog: CatalogPlace | undefined
  let reads: Reads | undefined
  let facts: LoadFacts | undefined
  let started: Promise<string | undefined> | undefined

  function event(eventType: EventType, time: Date, message?: string): object {
    const { name, version } = packageFile
    return {
      eventType,
      eventTime: time.toISOString(),
      producer,
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: {
        runId,
        facets: facets({
          processing_engine: { name, version, openlineageAdapterVersion: version },
          parent: parentOf(lineage),
          errorMessage: message === undefined ? undefined : { message, programmingLanguage: 'TypeScript' },
        }),
      },
      job: {
        namespace: lineage.namespace,
        name: `${config.lake.glueDatabase}.${table.name}`,
        facets: facets({
          jobType: { processingType: 'BATCH', integration: 'DRACULA', jobType: 'LOAD' },
        }),
      },
      inputs: inputDatasets(config.database, table, reads),
      outputs: [outputDataset({ table, config, catalog, facts, published: eventType === 'COMPLETE' })],
    }
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
        void start()
      } else if (told.kind === 'reads') reads = told
      else if (told.kind === 'written') ({ facts } = told)
    },
    end,
  }
}

function parentOf({ parent, root = parent }: LineageConfig): object | undefined {
  if (parent === undefined || root === undefined) return undefined
  return { ...runOf(parent), root: runOf(root) }
}

function runOf({ runId, namespace, name }: NonNullable<LineageConfig['parent']>): object {
  return { run: { runId }, job: { namespace, name } }
}
