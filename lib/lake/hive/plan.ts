/** The objects a load would write and the calls it would make, as a dry run tells them. */

import { loadFolder, recordKey } from '../layout.ts'
import type { LoadNames } from '../names.ts'
import { planned } from '../plan.ts'
import type { PlannedLake } from '../planned.ts'
import { loadCalls } from './calls.ts'

export function plannedHive(names: Omit<LoadNames, 'load'>): PlannedLake {
  const { lake, table, files } = names
  const load = '<load>'
  const folder = loadFolder(lake.prefix, table, load)
  const keys = files.map(({ name }) => folder + name)
  return planned(lake.bucket, [...keys, recordKey(lake.prefix, table, load)], loadCalls({ ...names, load }))
}
