/** The one call that makes a load visible, be it a new one or an earlier one again, and the truth about it afterwards. */

import { CreateTableCommand, type Table, UpdateTableCommand } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure, tell } from '../../aws/failure.ts'
import { findTable, named, readTableCalls, type TableName } from '../../aws/glue.ts'
import { type GlueColumn, tableInput } from '../../aws/table-input.ts'
import { Failure, runAgainAdvice } from '../../failure/failure.ts'
import { isNewer, type Pin, type Published, type PublishedLoad } from '../published.ts'
import { parameterPrefix, toParameters } from './parameters.ts'
import { pinParameters } from './pin.ts'
import { publishedOf } from './published.ts'
import { refuseUnmanaged } from './unmanaged.ts'

export type PublishOutcome =
  | { readonly outcome: 'published' }
  /** What is published is newer than ours, which nobody will read. */
  | { readonly outcome: 'lost'; readonly to: PublishedLoad }
  /** A rollback has pinned the table meanwhile: whatever the snapshots, the load it chose stays. */
  | { readonly outcome: 'pinned'; readonly to: PublishedLoad; readonly pin: Pin }
  /** Of a rollback: what is published is no longer what it was to replace. */
  | { readonly outcome: 'changed'; readonly to: Published }

export interface Publication extends TableName {
  readonly load: PublishedLoad
  /** `s3://bucket/…/<load>/` */
  readonly location: string
  readonly columns: readonly GlueColumn[]
  /** Take over a plain table of that name that is none of ours. */
  readonly adopt: boolean
  /** Of a rollback, which replaces that very load, newer as it is, or nothing, and pins the table. */
  readonly rollback?: { readonly over: string; readonly pin: Pin }
  /** Called with what is about to be replaced, each time it was read; throws what forbids it. */
  readonly permit?: (now: PublishedLoad) => void
  /** Heeded until the call is sent. */
  readonly signal: AbortSignal
}

/** How often somebody else may change the table between our reading and our writing. */
const mostConflicts = 8
const readBacks = 4

/**
 * Points the published table at the load, in one call guarded by the version read just before (Glue API, UpdateTable,
 * `VersionId`): of two loads that race, the newer snapshot stays; what a rollback has pinned stays in any case.
 *
 * Once sent, the call is never aborted: its answer, bounded by the clients' timeouts, is the surest knowledge there is.
 * After an error the table is read back. Ours: published. Newer: lost. Still the old: not published if AWS answered
 * with a refusal. If no answer came, the call may yet be carried out after we looked (at most once, and only while
 * nobody else changes the table), so however often the old one is seen, the outcome is unknown.
 * @throws Failure exit 5 when the outcome is unknown; 2 for a table we may not replace; as `awsFailure` when refused
 */
export async function publish(aws: Aws, publication: Publication): Promise<PublishOutcome> {
  const { database, table, signal } = publication
  const thing = `${database}.${table}`
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    if (signal.aborted) throw awsFailure(abortError(), 'publish', thing)
    let live: Table | undefined
    try {
      live = await findTable(aws, { database, table, signal })
    } catch (error) {
      throw awsFailure(error, 'publish', thing)
    }
    const settled = settledBy(live, publication)
    if (settled !== undefined) return settled
    const now = publishedOf(live)
    if (now.kind === 'unmanaged') refuseUnmanaged(now.unlike, publication)
    if (now.kind === 'ours') publication.permit?.(now)
    try {
      await send(aws, publication, live)
      return { outcome: 'published' }
    } catch (error) {
      const outcome = await readBack(aws, publication, error)
      if (outcome !== undefined) return outcome
      if (!isConflict(error, live)) throw awsFailure(error, 'publish', thing)
    }
    await Bun.sleep(Math.random() * 50 * conflicts)
  }
  const reason = `somebody else changed the table ${mostConflicts} times in the moment between reading and writing it`
  throw new Failure({ exit: 1, act: 'publish', thing, reason, advice: 'Run it again.' })
}

export function publishCalls(name: TableName): Call[] {
  return [
    ...readTableCalls(name),
    { call: ['glue:CreateTable', 'glue:UpdateTable'], on: { kind: 'table', ...name } },
  ]
}

async function send(aws: Aws, publication: Publication, live: Table | undefined): Promise<void> {
  const { database, table, load, location, columns, rollback } = publication
  const parameters = { ...toParameters(load, new Date()), ...(rollback && pinParameters(rollback.pin)) }
  const TableInput = tableInput({ name: table, location, columns, parameters, owned: parameterPrefix }, live)
  if (live === undefined) {
    await aws.glue.send(new CreateTableCommand({ DatabaseName: database, TableInput }))
    return
  }
  const VersionId = live.VersionId
  // SkipArchive: no old version is kept, as an account may hold only so many.
  await aws.glue.send(
    new UpdateTableCommand({ DatabaseName: database, TableInput, VersionId, SkipArchive: true }),
  )
}

function settledBy(live: Table | undefined, { load, rollback }: Publication): PublishOutcome | undefined {
  const now = publishedOf(live)
  if (rollback !== undefined) return settledRollback(now, rollback)
  if (now.kind !== 'ours') return undefined
  // The second: it was, and has been rolled back since.
  if (now.load === load.load || now.pin?.replaces === load.load) return { outcome: 'published' }
  if (now.pin !== undefined) return { outcome: 'pinned', to: now, pin: now.pin }
  return isNewer(now, load) ? { outcome: 'lost', to: now } : undefined
}

function settledRollback(
  now: Published,
  { over, pin }: NonNullable<Publication['rollback']>,
): PublishOutcome | undefined {
  if (now.kind === 'ours' && now.pin?.rollback === pin.rollback) return { outcome: 'published' }
  return now.kind === 'ours' && now.load === over ? undefined : { outcome: 'changed', to: now }
}

/** undefined: the call was refused and the table is as it was. @throws Failure exit 5 */
async function readBack(
  aws: Aws,
  publication: Publication,
  error: unknown,
): Promise<PublishOutcome | undefined> {
  const { database, table, load, rollback } = publication
  const refused = isRefusal(error)
  const { readBack: wait } = await aws.timings()
  let unreadable: unknown
  for (let attempt = 0; attempt < readBacks; attempt++) {
    if (attempt > 0) await Bun.sleep(wait * 2 ** (attempt - 1))
    try {
      const settled = settledBy(await findTable(aws, { database, table }), publication)
      if (settled !== undefined || refused) return settled
      unreadable = undefined
    } catch (failed) {
      unreadable = failed
    }
  }
  throw new Failure({
    exit: 5,
    act: 'tell whether it published',
    thing: `${database}.${table}`,
    reason: `${tell(error).message || tell(error).name}, and ${
      unreadable === undefined
        ? 'the table is still the old one, but the call may yet be carried out'
        : 'the table cannot be read back'
    }`,
    advice:
      rollback === undefined
        ? `${runAgainAdvice} Until then the parameter dracula.load of the Glue table tells: ${load.load} means published. Delete nothing before.`
        : `Look at the parameter dracula.pinned_by of the Glue table: ${rollback.pin.rollback} means rolled back. Running it again is safe with the load named: bun run rollback ${table} ${load.load}`,
    cause: error,
  })
}

/** AWS answered and said no: the call was not carried out, nor will it be. */
function isRefusal(error: unknown): boolean {
  const { status } = tell(error)
  return status !== undefined && status >= 400 && status < 500 && status !== 408
}

function isConflict(error: unknown, live: Table | undefined): boolean {
  return live === undefined
    ? named(error, 'AlreadyExistsException')
    : named(error, 'ConcurrentModificationException', 'EntityNotFoundException')
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
