/** The one call that makes a load visible, be it a new one or an earlier one again, and the truth about it afterwards. */
import type { TableInput } from '@aws-sdk/client-glue'
import type { Aws } from '../../aws/clients.ts'
import type { TableName } from '../../aws/glue.ts'
import { type GlueColumn, type TableContent, tableInput } from '../../aws/table-input.ts'
import type { Documentation } from '../../declare/documentation.ts'
import { commandLine } from '../../failure/command-line.ts'
import { runAgainAdvice } from '../../failure/exit-code.ts'
import { Failure } from '../../failure/failure.ts'
import { documentedOver } from '../documentation.ts'
import { type Edit, editTable } from '../edit-table.ts'
import type { CommitOutcome, CommitTerms } from '../lake.ts'
import { parameterPrefix, toParameters } from '../parameters.ts'
import { pinParameters } from '../pin.ts'
import { isNewer, type Pin, type Published, type PublishedLoad } from '../published.ts'
import { refuseUnmanaged } from '../unmanaged.ts'
import { publishedOf } from './published.ts'

export interface Publication extends TableName {
  readonly load: PublishedLoad
  /** `s3://bucket/…/<load>/` */
  readonly location: string
  readonly columns: readonly GlueColumn[]
  /** Heeded until the call is sent. */
  readonly signal: AbortSignal
}

export interface NewPublication extends Publication {
  /** Take over a plain table of that name that Dracula has not made. */
  readonly adopt: boolean
  /** Absent: what is said of the table stays as it is. */
  readonly documentation?: Documentation
  /** Called with what is about to be replaced, each time it was read; throws what forbids it. */
  readonly permit?: CommitTerms['permit'] | undefined
}

/**
 * Points the published table at a load: of two that race, the newer snapshot stays; what a rollback has pinned stays in
 * any case.
 * @throws Failure exit 5 when the outcome is unknown; 2 for a table we may not replace; as `awsFailure` when refused
 */
export function publish(aws: Aws, publication: NewPublication): Promise<CommitOutcome> {
  const { database, table, load, signal } = publication
  const edit: Edit<CommitOutcome> = {
    act: 'publish',
    settledBy(live) {
      const now = publishedOf(live)
      if (now.kind !== 'managed') return undefined
      // The second: it was, and has been rolled back since.
      if (now.load === load.load || now.pin?.replaces === load.load) return { outcome: 'published' }
      if (now.pin !== undefined) return { outcome: 'pinned', to: now, pin: now.pin }
      return isNewer(now, load) ? { outcome: 'lost', to: now } : undefined
    },
    replacementOf(live) {
      const now = publishedOf(live)
      if (now.kind === 'unmanaged') refuseUnmanaged(now, publication)
      if (now.kind === 'managed') publication.permit?.(now, publication.load)
      return contentOf(publication, documentedOver(live, publication.documentation), live)
    },
    written: () => ({ outcome: 'published' }),
    unknown: (reason, cause) =>
      unknownOutcome(publication, reason, cause, {
        advice: `${runAgainAdvice} Until then the parameter dracula.load of the Glue table tells: ${load.load} means published. Delete nothing before.`,
      }),
  }
  return editTable(aws, { database, table }, edit, signal)
}

export type AgainOutcome =
  | { readonly outcome: 'published' }
  /** What is published is no longer what it was to replace. */
  | { readonly outcome: 'changed'; readonly to: Published }

/**
 * Points the published table at an earlier load and pins it there: it replaces that very load, newer as it is, or nothing.
 * @param over the load it replaces
 * @throws as {@link publish}
 */
export function publishAgain(
  aws: Aws,
  publication: Publication & { readonly over: string; readonly pin: Pin },
): Promise<AgainOutcome> {
  const { database, table, load, over, pin, signal } = publication
  const edit: Edit<AgainOutcome> = {
    act: 'publish',
    settledBy(live) {
      const now = publishedOf(live)
      if (now.kind === 'managed' && now.pin?.rollback === pin.rollback) return { outcome: 'published' }
      return now.kind === 'managed' && now.load === over ? undefined : { outcome: 'changed', to: now }
    },
    replacementOf(live) {
      const { parameters } = documentedOver(live, undefined)
      return contentOf(publication, { parameters: { ...parameters, ...pinParameters(pin) } }, live)
    },
    written: () => ({ outcome: 'published' }),
    unknown: (reason, cause) =>
      unknownOutcome(publication, reason, cause, {
        advice: `Look at the parameter dracula.pinned_by of the Glue table: ${pin.rollback} means rolled back. Running it again is safe with the load named: ${commandLine(`rollback ${table} ${load.load}`)}`,
      }),
  }
  return editTable(aws, { database, table }, edit, signal)
}

function contentOf(
  { table: name, load, location, columns }: Publication,
  { parameters: more, described }: Pick<TableContent, 'parameters' | 'described'>,
  live: Parameters<typeof tableInput>[1],
): TableInput {
  const parameters = { ...toParameters(load, new Date()), ...more }
  return tableInput(
    { name, location, columns, parameters, owned: parameterPrefix, ...(described && { described }) },
    live,
  )
}

function unknownOutcome(
  { database, table }: TableName,
  reason: string,
  cause: unknown,
  { advice }: { readonly advice: string },
): Failure {
  const thing = `${database}.${table}`
  return new Failure({ exit: 5, act: 'tell whether it published', thing, reason, advice, cause })
}
