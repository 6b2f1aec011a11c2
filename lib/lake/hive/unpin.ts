/** Takes a rollback's pin from the published table, and changes nothing else of it. */
import type { Call } from '../../aws/calls.ts'
import { awsFailure } from '../../aws/failure.ts'
import { tableInput } from '../../aws/table-input.ts'
import { type Edit, editTable, editTableCalls } from '../edit-table.ts'
import type { Unpinned } from '../lake.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { parameterPrefix } from '../parameters.ts'
import { withoutPin } from '../pin.ts'
import type { Pin } from '../published.ts'
import { publishedOf } from './published.ts'

/**
 * Doing it twice does no harm, so where the outcome is unknown it may simply be done again.
 * @throws Failure as `awsFailure` when refused, or (1) when the table never stops changing
 */
export function unpin({ aws, config, table }: TablePlace, signal: AbortSignal): Promise<Unpinned> {
  const name = { database: config.glueDatabase, table }
  let taken: Pin | undefined
  const edit: Edit<Unpinned> = {
    act: 'unpin',
    settledBy(live) {
      const published = publishedOf(live)
      if (published.kind === 'managed' && published.pin !== undefined) return undefined
      return { published, pin: taken }
    },
    replacementOf(live) {
      const published = publishedOf(live)
      if (published.kind !== 'managed') throw new Error('Only a managed table is pinned.')
      taken = published.pin
      const parameters = withoutPin(live?.Parameters ?? {})
      const { location, columns } = published
      return tableInput({ name: table, location, columns, parameters, owned: parameterPrefix }, live)
    },
    written(live) {
      const published = publishedOf(live)
      return {
        published: published.kind === 'managed' ? { ...published, pin: undefined } : published,
        pin: taken,
      }
    },
    unknown: (_, cause) => awsFailure(cause, 'unpin', `${name.database}.${name.table}`),
  }
  return editTable(aws, name, edit, signal)
}

export function unpinCalls({ lake, table }: Pick<LoadNames, 'lake' | 'table'>): Call[] {
  return editTableCalls({ database: lake.glueDatabase, table }, false)
}
