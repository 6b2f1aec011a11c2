/** Athena: the workgroup, where its results go, and one query. */
import type { WorkGroup } from '@aws-sdk/client-athena'
import { queryCalls, runQuery } from '../../aws/athena.ts'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { tableFolder } from '../../aws/layout.ts'
import { readWorkgroup, readWorkgroupCalls, resultsOf } from '../../aws/workgroup.ts'
import type { LakeConfig } from '../../config.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'

const queryTimeoutMs = 120_000

export async function examineAthena(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding[]> {
  const find = (check: string, work: () => Promise<string | Finding>) => findingOf(check, signal, work)
  let workgroup: WorkGroup | undefined
  const findings = [
    await find('athena workgroup', async () => {
      workgroup = await readWorkgroup(aws, lake.workgroup, signal)
      if (workgroup.State !== 'DISABLED') return lake.workgroup
      return missing('athena workgroup', `${lake.workgroup} is disabled`, 'Enable it, or name another.')
    }),
  ]
  if (workgroup === undefined || findings.some(({ status }) => status === 'missing')) return findings
  findings.push(examineOutput(workgroup, lake))
  if (findings.some(({ status }) => status === 'missing')) return findings
  findings.push(await find('athena query', () => query(aws, lake, signal)))
  return findings
}

function examineOutput(workgroup: WorkGroup, { athenaOutput: ours }: LakeConfig): Finding {
  const check = 'athena output'
  const results = resultsOf(workgroup, ours)
  if ('reason' in results) return missing(check, results.reason, results.advice)
  const { output, overruled } = results
  if (!overruled) return ok(check, output)
  const fix = 'Unset DRACULA_ATHENA_OUTPUT, or let the workgroup allow it.'
  return warning(check, `workgroup ${workgroup.Name} enforces ${output}, not ${ours}`, fix)
}

async function query(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<string> {
  const { glueDatabase: database, workgroup, athenaOutput: output } = lake
  const { rows } = await runQuery(aws, {
    sql: 'select 1',
    database,
    workgroup,
    output,
    timeoutMs: queryTimeoutMs,
    signal,
  })
  return `select 1 gave ${rows[0]?.[0]}`
}

export function examineAthenaCalls(lake: LakeConfig): Call[] {
  const { bucket, prefix, glueDatabase: database, workgroup, athenaOutput: output } = lake
  const folder = { bucket, key: tableFolder(prefix, '_doctor') }
  return [
    ...readWorkgroupCalls(workgroup),
    ...queryCalls({ database, table: '_doctor', workgroup, output, folder }),
  ]
}
