/** The one call that makes a version of an Iceberg table what readers see, and the truth about it afterwards. */
import type { Table, TableInput } from '@aws-sdk/client-glue'
import { icebergTableInput } from '../../aws/table-input.ts'
import { type Documentation, tableComment } from '../../declare/documentation.ts'
import { runAgainAdvice } from '../../failure/exit-code.ts'
import { Failure } from '../../failure/failure.ts'
import { currentSchema, type TableMetadata, type TableVersion } from '../../iceberg/metadata.ts'
import { metadataFile } from '../../iceberg/metadata-file.ts'
import { documentedOver } from '../documentation.ts'
import type { TablePlace } from '../names.ts'
import { parameterPrefix } from '../parameters.ts'
import { icebergColumns } from './columns.ts'
import { metadataFolder } from './layout.ts'
import { placeOf, writeObjects } from './objects.ts'

/**
 * Writes the metadata under a name of its own; nobody sees it before Glue is told.
 * @param by the load or the rollback that makes it
 * @returns what Glue is to be told
 */
export async function writeVersion(
  place: TablePlace,
  {
    by,
    metadata,
    previous,
    live,
    documentation,
    onKey,
    signal,
  }: {
    readonly by: string
    readonly metadata: TableMetadata
    readonly previous: TableVersion | undefined
    readonly live: Table | undefined
    /** What it says now; undefined: nothing new. */
    readonly documentation?: Documentation
    readonly onKey: (key: string) => void
    readonly signal: AbortSignal
  },
): Promise<TableInput> {
  const { config, table } = place
  const folder = `s3://${config.bucket}/${metadataFolder(config.prefix, table, by)}`.slice(0, -1)
  const file = metadataFile(metadata, previous, folder)
  onKey(placeOf(file.path).key)
  await writeObjects(place, [file], signal)
  const columns = icebergColumns(currentSchema(metadata))
  const { described } = documentedOver(live, documentation, {
    // Other writers drop the copy that Glue has.
    said: previous?.metadata.properties ?? live?.Parameters ?? {},
    comment: tableComment(metadata.properties?.['comment']),
    columns: Object.fromEntries(
      columns.flatMap(({ name, comment }) => (comment === undefined ? [] : [[name, comment]])),
    ),
  })
  const told = Object.entries(metadata.properties ?? {}).filter(([name]) => name.startsWith(parameterPrefix))
  return icebergTableInput(
    {
      ...{ name: table, location: metadata.location, metadata: file.file, owned: parameterPrefix },
      ...{ columns, ...(described && { described }) },
      // A copy, for people: other writers drop it.
      parameters: Object.fromEntries(told),
    },
    live,
  )
}

export function unknownOutcome(
  { config, table }: Pick<TablePlace, 'config' | 'table'>,
  load: string,
  reason: string,
  cause: unknown,
): Failure {
  return new Failure({
    exit: 5,
    act: 'tell whether it published',
    thing: `${config.glueDatabase}.${table}`,
    reason,
    advice: `${runAgainAdvice} Until then the summary of the table's current snapshot tells: ${load} as dracula.load means published. Delete nothing before.`,
    cause,
  })
}
