/** The objects a load would write and the calls it would make, as a dry run tells them. */
import { describeResource } from '../../aws/calls.ts'
import type { PlannedLake } from '../planned.ts'
import { loadCalls } from './calls.ts'
import { loadFolder, recordKey } from './layout.ts'
import type { HiveNames } from './names.ts'

export function plannedHive(names: Omit<HiveNames, 'load'>): PlannedLake {
  const { lake, table, files } = names
  const load = '<load>'
  const folder = loadFolder(lake.prefix, table, load)
  const keys = files.map(({ name }) => folder + name)
  const calls = loadCalls({ ...names, load }).filter(
    ({ by, trouble }) => by === undefined && trouble !== true,
  )
  return {
    objects: [...keys, recordKey(lake.prefix, table, load)].map((key) => `s3://${lake.bucket}/${key}`),
    calls: calls.map(({ call, on, when }) => ({
      call: [call].flat().join(' or '),
      on: describeResource(on),
      when: when ?? null,
    })),
  }
}
