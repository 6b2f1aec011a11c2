import type { Call } from '../aws/calls.ts'
import { readWorkgroup, readWorkgroupCalls, resultsOf } from '../aws/workgroup.ts'
import type { LakeConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import type { Load, Target } from './load.ts'

/**
 * Before anything is read: the workgroup that step 6 counts in is there, takes queries, and has a place for results.
 * @throws Failure (2) if not, or if it may not be looked at
 */
export async function requireWorkgroup(
  { signal }: Pick<Load, 'signal'>,
  { aws, lake }: Target,
): Promise<void> {
  const { workgroup: name, athenaOutput } = lake
  const results = resultsOf(await readWorkgroup(aws, name, signal), athenaOutput)
  if ('output' in results) return
  throw new Failure({ exit: 2, act: 'query Athena in', thing: name, ...results })
}

export function requireWorkgroupCalls({ workgroup }: LakeConfig): Call[] {
  return readWorkgroupCalls(workgroup)
}
