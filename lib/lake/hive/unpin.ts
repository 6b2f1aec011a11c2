import { UpdateTableCommand } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure } from '../../aws/failure.ts'
import { findTable, named, readTableCalls, type TableName } from '../../aws/glue.ts'
import { tableInput } from '../../aws/table-input.ts'
import { Failure } from '../../failure/failure.ts'
import type { Pin, Published } from '../published.ts'
import { parameterPrefix } from './parameters.ts'
import { withoutPin } from './pin.ts'
import { publishedOf } from './published.ts'

export interface Unpinned {
  /** What is published: the same as before. */
  readonly published: Published
  /** The pin that was taken away; undefined: there was none. */
  readonly pin: Pin | undefined
}

/** How often somebody else may change the table between our reading and our writing. */
const mostConflicts = 8

/**
 * Takes a rollback's pin from the published table, and nothing else of it, guarded by the version read just before.
 * Doing it twice does no harm, so an answer that was lost is settled by doing it again.
 * @throws Failure as `awsFailure` when refused, or (1) when the table never stops changing
 */
export async function unpin(
  aws: Aws,
  { database, table, signal }: TableName & { readonly signal: AbortSignal },
): Promise<Unpinned> {
  const thing = `${database}.${table}`
  let pin: Pin | undefined
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    try {
      const live = await findTable(aws, { database, table, signal })
      const published = publishedOf(live)
      if (live === undefined || published.kind !== 'ours' || published.pin === undefined) {
        return { published, pin }
      }
      pin = published.pin
      const parameters = withoutPin(live.Parameters ?? {})
      const TableInput = tableInput({ name: table, ...published, parameters, owned: parameterPrefix }, live)
      const { VersionId } = live
      await aws.glue.send(
        new UpdateTableCommand({ DatabaseName: database, TableInput, VersionId, SkipArchive: true }),
      )
    } catch (error) {
      if (!named(error, 'ConcurrentModificationException')) throw awsFailure(error, 'unpin', thing)
      await Bun.sleep(Math.random() * 50 * conflicts)
    }
  }
  const reason = `somebody else changed the table ${mostConflicts} times in the moment between reading and writing it`
  throw new Failure({ exit: 1, act: 'unpin', thing, reason, advice: 'Run it again.' })
}

export function unpinCalls(name: TableName): Call[] {
  return [...readTableCalls(name), { call: 'glue:UpdateTable', on: { kind: 'table', ...name } }]
}
