/** The objects a load would write and the calls it would make, as a dry run tells them. */
import { type Call, describeResource } from '../../aws/calls.ts'
import type { PlannedLake } from '../planned.ts'
import { loadCalls } from './calls.ts'
import { loadFolder, recordKey } from './layout.ts'
import type { HiveNames } from './names.ts'

export function plannedHive(names: Omit<HiveNames, 'load'>): PlannedLake {
  const { lake, table, files } = names
  const load = '<load>'
  const folder = loadFolder(lake.prefix, table, load)
  const keys = files.map(({ name }) => folder + name)
  return planned(lake.bucket, [...keys, recordKey(lake.prefix, table, load)], loadCalls({ ...names, load }))
}

/** @param keys of the objects it writes */
export function planned(bucket: string, keys: readonly string[], calls: readonly Call[]): PlannedLake {
  const own = calls.filter(({ by, trouble }) => by === undefined && trouble !== true)
  return {
    objects: keys.map((key) => `s3://${bucket}/${key}`),
    calls: own.map(({ call, on, when }) => ({
      call: [call].flat().join(' or '),
      on: describeResource(on),
      when: when ?? null,
    })),
  }
}
