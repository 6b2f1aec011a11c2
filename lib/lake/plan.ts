/** The plan of a load, from the objects it would write and the calls it would make. */
import { type Call, describeResource } from '../aws/calls.ts'
import type { PlannedLake } from './planned.ts'

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
