/** Athena: the workgroup, where its results go, and one query. */
import { GetWorkGroupCommand, type WorkGroup } from '@aws-sdk/client-athena'
import { runQuery } from '../../aws/athena.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure } from '../../aws/failure.ts'
import type { LakeConfig } from '../../config.ts'
import { allowedBy } from './allowed-by.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'

const queryTimeoutMs = 120_000

export async function examineAthena(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding[]> {
  const find = (check: string, work: () => Promise<string | Finding>) =>
    findingOf(check, signal, () => allowedBy('iam', work))
  let workgroup: WorkGroup | undefined
  const findings = [
    await find('athena workgroup', async () => {
      workgroup = await readWorkgroup(aws, lake.workgroup, signal)
      if (workgroup?.State === 'ENABLED') return lake.workgroup
      return missing('athena workgroup', `${lake.workgroup} is disabled`, 'Enable it, or name another.')
    }),
  ]
  if (workgroup === undefined || findings.some(({ status }) => status === 'missing')) return findings
  findings.push(examineOutput(workgroup, lake))
  if (findings.some(({ status }) => status === 'missing')) return findings
  findings.push(await find('athena query', () => query(aws, lake, signal)))
  return findings
}

async function readWorkgroup(aws: Aws, name: string, signal: AbortSignal): Promise<WorkGroup | undefined> {
  try {
    const answer = await aws.athena.send(new GetWorkGroupCommand({ WorkGroup: name }), {
      abortSignal: signal,
    })
    return answer.WorkGroup
  } catch (error) {
    throw awsFailure(error, 'read the workgroup', name)
  }
}

/** Where results go, by Athena's own precedence (Athena User Guide, "Override client-side settings"). */
function examineOutput({ Configuration }: WorkGroup, lake: LakeConfig): Finding {
  const check = 'athena output'
  const own = Configuration?.ResultConfiguration?.OutputLocation
  const { athenaOutput: ours, workgroup } = lake
  if (Configuration?.ManagedQueryResultsConfiguration?.Enabled === true) {
    if (ours === undefined) return ok(check, 'kept by Athena itself')
    const fix = 'Unset DRACULA_ATHENA_OUTPUT: Athena refuses a place for results of such a workgroup.'
    return missing(check, `workgroup ${workgroup} keeps its results itself`, fix)
  }
  if (Configuration?.EnforceWorkGroupConfiguration === true && ours !== undefined && own !== ours) {
    const fix = 'Unset DRACULA_ATHENA_OUTPUT, or let the workgroup allow it.'
    return warning(check, `workgroup ${workgroup} enforces ${own ?? 'a place of its own'}, not ${ours}`, fix)
  }
  const output = ours ?? own
  if (output !== undefined) return ok(check, output)
  const fix = 'Set DRACULA_ATHENA_OUTPUT to s3://bucket/prefix/, or give the workgroup a place.'
  return missing(check, `workgroup ${workgroup} has no place for results, and none is set`, fix)
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
