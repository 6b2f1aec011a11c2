/** Takes a rollback's pin from an Iceberg table's properties, and changes nothing else of it. */
import type { Table } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import { awsFailure } from '../../aws/failure.ts'
import { nextUpdate } from '../../iceberg/metadata.ts'
import { type Edit, editTable, editTableCalls } from '../edit-table.ts'
import type { Unpinned } from '../lake.ts'
import { newLoadId } from '../load-id.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { withoutPin } from '../pin.ts'
import type { Pin, PublishedTable } from '../published.ts'
import { readBaseCalls, settledBase } from './base.ts'
import { metadataFolder } from './layout.ts'
import { writeObjectsCalls } from './objects.ts'
import { writeVersion } from './publish.ts'

/**
 * Doing it twice does no harm, so where the outcome is unknown it may simply be done again.
 * @throws Failure as `awsFailure` when refused, or (1) when the table never stops changing
 */
export function unpin(place: TablePlace, signal: AbortSignal): Promise<Unpinned> {
  const name = { database: place.config.glueDatabase, table: place.table }
  let taken: Pin | undefined
  let unpinned: PublishedTable | undefined
  const look = (live: Table | undefined) => settledBase(place, live)
  const edit: Edit<Unpinned> = {
    act: 'unpin',
    async settledBy(live) {
      const { published } = await look(live)
      if (published.kind === 'managed' && published.pin !== undefined) return undefined
      return { published, pin: taken }
    },
    async replacementOf(live) {
      const { published, version } = await look(live)
      if (published.kind !== 'managed' || version === undefined)
        throw new Error('Only a managed table is pinned.')
      taken = published.pin
      const { metadata } = version
      const properties = withoutPin(metadata.properties ?? {})
      const next = { ...metadata, properties, 'last-updated-ms': nextUpdate(metadata, Date.now()) }
      unpinned = { ...published, pin: undefined }
      return writeVersion(place, {
        by: newLoadId(),
        metadata: next,
        previous: version,
        live,
        onKey() {},
        signal,
      })
    },
    written: () => ({ published: unpinned ?? { kind: 'absent' }, pin: taken }),
    unknown: (_, cause) => awsFailure(cause, 'unpin', `${name.database}.${name.table}`),
  }
  return editTable(place.aws, name, edit, signal)
}

export function unpinCalls(names: LoadNames): Call[] {
  const { lake, table, load } = names
  return [
    ...readBaseCalls(names),
    ...writeObjectsCalls(lake, metadataFolder(lake.prefix, table, load)),
    ...editTableCalls({ database: lake.glueDatabase, table }, false),
  ]
}
