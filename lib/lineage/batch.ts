/** The run of a program that loads many tables, of which each load is told to be a part. */
import type { LineageConfig, ParentRun } from '../config/config.ts'
import type { Ending } from '../load/batch.ts'
import { type RunEvent, runEvent } from './run-event.ts'
import { sendEvent } from './send.ts'

export interface LineageBatch {
  /** What loads are to have in their environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Tells how it ended, as a follower of a load does: why it could not, a sentence each. */
  end(ending: Ending): Promise<readonly string[]>
}

/** @param database that readers use: the job is `<database>.*` */
export function openLineageBatch(
  { database, scrub }: { readonly database: string; readonly scrub: (text: string) => string },
  lineage: LineageConfig,
): LineageBatch {
  const run: ParentRun = {
    ...{ namespace: lineage.namespace, name: `${database}.*` },
    runId: Bun.randomUUIDv7(),
  }
  const tell = (type: RunEvent['type'], message?: string) => {
    const { runId, name: job } = run
    const event = runEvent({ type, time: new Date(), runId, job, jobType: 'BATCH', message }, lineage)
    return sendEvent(lineage, event, scrub)
  }
  const started = tell('START')
  // Whatever becomes of it, the end tells.
  started.catch(() => {})
  return {
    variables: {
      OPENLINEAGE_PARENT_ID: idOf(run),
      OPENLINEAGE_ROOT_PARENT_ID: idOf(lineage.root ?? lineage.parent ?? run),
    },
    async end({ exit, message, interrupted }) {
      const reasons = [
        await started,
        await (exit === 0 ? tell('COMPLETE') : tell(interrupted ? 'ABORT' : 'FAIL', message)),
      ].flatMap((each) => each ?? [])
      return [...new Set(reasons)].map((reason) => `OpenLineage was not told: ${reason}.`)
    },
  }
}

function idOf({ namespace, name, runId }: ParentRun): string {
  return `${namespace}/${name}/${runId}`
}
