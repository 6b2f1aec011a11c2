/** Which tables fail, by the states that the lake keeps of them. */
import type { Call } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import { findText, getTextCalls, listCalls, listObjects } from '../aws/objects.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import type { LakeConfig } from '../config/config.ts'
import { stateKey, statesFolder } from '../lake/layout.ts'
import { parseState } from './state.ts'

export interface Failing {
  /** `load`, or the name of a check. */
  readonly what: string
  /** When it failed first: ISO 8601. */
  readonly since: string
  /** How often it has failed since. */
  readonly failures: number
}

/** Objects at a time. */
const atOnce = 8

/** By table; one that is well is not there. @throws Failure (2) when refused, (1) when AWS does not answer */
export async function readFailing(
  aws: Aws,
  { bucket, prefix }: LakeConfig,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Failing[]>> {
  const folder = `${statesFolder(prefix)}tables/`
  const listed = await listObjects(aws, { bucket, prefix: folder, signal })
  const read = await inParallel(atOnce, listed, async ({ key }) => {
    const table = key.slice(folder.length).replace(/\.json$/, '')
    const { states } = parseState(await findText(aws, { bucket, key, signal }))
    const failing = Object.entries(states).filter(([, { status }]) => status === 'failing')
    return [table, failing.map(([what, { since, failures }]) => ({ what, since, failures }))] as const
  })
  return new Map(read.filter(([, failing]) => failing.length > 0))
}

export function readFailingCalls({ bucket, prefix }: LakeConfig, table: string): Call[] {
  return [
    ...listCalls(bucket, `${statesFolder(prefix)}tables/`),
    ...getTextCalls(bucket, stateKey(prefix, { table })),
  ]
}
