/**
 * Tells of a rollback in OpenLineage, once it is known which load it goes back to. It is a job of its own: it reads no
 * relation, and what the table is made of stays what the job of its loads says.
 */
import type { LakeConfig, LineageConfig } from '../config/config.ts'
import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { PublishedTable } from '../lake/published.ts'
import type { StoredRecord } from '../lake/recorded.ts'
import { glueName, objectsName } from './datasets.ts'
import { facets } from './facets.ts'
import type { OutputDataset } from './outputs.ts'
import { type RunEvent, runEvent } from './run-event.ts'
import { sendEvent } from './send.ts'

export interface FollowedRollback {
  /** The table's name. */
  readonly table: string
  readonly lake: Pick<LakeConfig, 'glueDatabase' | 'bucket' | 'prefix'>
  readonly catalog: CatalogPlace | undefined
  /** What it goes back to. */
  readonly record: Pick<StoredRecord, 'load' | 'rows' | 'bytes' | 'columns' | 'objects'>
  /** What readers see before it: comments stay as they are. */
  readonly published: Pick<PublishedTable, 'columns'>
  readonly began: Date
}

export interface EndedRollback {
  /** Why it failed, without secrets; undefined: it has not. */
  readonly message: string | undefined
  /** Whether somebody has stopped it. */
  readonly interrupted: boolean
}

/** @returns why it was not told, a sentence each */
export async function tellRollback(
  followed: FollowedRollback,
  { message, interrupted }: EndedRollback,
  { lineage, scrub }: { readonly lineage: LineageConfig; readonly scrub: (text: string) => string },
): Promise<readonly string[]> {
  const { table, lake, began } = followed
  const runId = Bun.randomUUIDv7()
  const job = `${lake.glueDatabase}.${table}.rollback`
  const send = (type: RunEvent['type'], time: Date) => {
    const outputs = [outputOf(followed, type === 'COMPLETE')]
    const said = type === 'START' ? undefined : message
    return sendEvent(
      lineage,
      runEvent({ type, time, runId, job, jobType: 'ROLLBACK', message: said, outputs }, lineage),
      scrub,
    )
  }
  const ended = new Date()
  const failed = interrupted ? 'ABORT' : 'FAIL'
  const reasons = [
    await send('START', began),
    await send(message === undefined ? 'COMPLETE' : failed, ended),
  ].flatMap((each) => each ?? [])
  return [...new Set(reasons)].map((reason) => `OpenLineage was not told: ${reason}.`)
}

/** The same dataset as that of a load, with the columns, rows and version that readers have again. */
function outputOf(
  { table, lake, catalog, record, published: now }: FollowedRollback,
  published: boolean,
): OutputDataset {
  const objects = objectsName(lake, table)
  const glue = glueName(lake, table, catalog)
  const { namespace } = glue ?? objects
  const { load, rows: rowCount, bytes: size, columns } = record
  const comments = new Map(now.columns.map(({ name, comment }) => [name, comment]))
  const fields = columns.map(({ name, athena }) => ({ name, type: athena, description: comments.get(name) }))
  return {
    ...(glue ?? objects),
    facets: facets({
      dataSource: { name: namespace, uri: namespace },
      schema: { fields },
      symlinks: glue && { identifiers: [{ ...objects, type: 'LOCATION' }] },
      version: published ? { datasetVersion: load } : undefined,
    }),
    ...(published && {
      outputFacets: facets({ outputStatistics: { rowCount, size, fileCount: record.objects.length } }),
    }),
  }
}
