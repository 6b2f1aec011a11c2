/** The objects an Iceberg load would write and the calls it would make, as a dry run tells them. */
import { recordKey } from '../layout.ts'
import type { LoadNames } from '../names.ts'
import { planned } from '../plan.ts'
import type { PlannedLake } from '../planned.ts'
import { icebergLoadCalls } from './calls.ts'
import { accountKey, dataFolder } from './layout.ts'

/** How many manifests there are, and what the snapshot is called, is known once it is made. */
export function plannedIceberg(names: Omit<LoadNames, 'load'>): PlannedLake {
  const { lake, table, files } = names
  const { bucket, prefix } = lake
  const load = '<load>'
  const folder = dataFolder(prefix, table, load)
  const keys = files.map(({ name }) => folder + name)
  const notes = [accountKey(prefix, table, load), recordKey(prefix, table, load)]
  return planned(bucket, [...keys, ...notes], icebergLoadCalls({ ...names, load }))
}
