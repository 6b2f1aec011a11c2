/** Athena's workgroup: whether it takes queries, and where it puts their results. */
import { GetWorkGroupCommand, type WorkGroup } from '@aws-sdk/client-athena'
import type { Call } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import { awsFailure, tell } from '../aws/failure.ts'
import { Failure } from '../failure/failure.ts'
import type { TablePlace } from './names.ts'

/** What is wrong with a workgroup, a clause, and what to do about it. */
export interface WorkgroupFault {
  readonly reason: string
  readonly advice: string
}

/** @throws Failure exit 2 when there is none of that name, or access is refused */
export async function readWorkgroup(aws: Aws, name: string, signal: AbortSignal): Promise<WorkGroup> {
  try {
    const { WorkGroup } = await aws.athena.send(new GetWorkGroupCommand({ WorkGroup: name }), {
      abortSignal: signal,
    })
    return { Name: name, ...WorkGroup }
  } catch (error) {
    const failure = awsFailure(error, 'read the workgroup', name)
    // Athena has no error of its own for that: InvalidRequestException, "WorkGroup reports is not found."
    if (!/is not found/i.test(tell(error).message)) throw failure
    const advice = 'Create it, or correct DRACULA_ATHENA_WORKGROUP or AWS_REGION.'
    throw new Failure({ ...failure.detail, exit: 2, advice, cause: error })
  }
}

export function readWorkgroupCalls(workgroup: string): Call[] {
  return [{ call: 'athena:GetWorkGroup', on: { kind: 'workgroup', workgroup } }]
}

/**
 * Where results go, by Athena's own precedence (Athena User Guide, "Override client-side settings").
 * @param ours `s3://…/` of DRACULA_ATHENA_OUTPUT
 */
export function resultsOf(
  { Name = '', State, Configuration }: WorkGroup,
  ours: string | undefined,
): { readonly output: string; readonly overruled: boolean } | WorkgroupFault {
  const own = Configuration?.ResultConfiguration?.OutputLocation
  const enforced = Configuration?.EnforceWorkGroupConfiguration === true
  if (State === 'DISABLED') {
    return {
      reason: `${Name} is disabled`,
      advice: 'Enable it, or name another in DRACULA_ATHENA_WORKGROUP.',
    }
  }
  if (Configuration?.ManagedQueryResultsConfiguration?.Enabled === true) {
    if (ours === undefined) return { output: 'kept by Athena itself', overruled: false }
    return {
      reason: `workgroup ${Name} keeps its results itself`,
      advice: 'Unset DRACULA_ATHENA_OUTPUT: Athena refuses a place for results of such a workgroup.',
    }
  }
  if (enforced && own === undefined) {
    return {
      reason: `workgroup ${Name} enforces its own settings and has no place for results`,
      advice: 'Give the workgroup a place.',
    }
  }
  const output = enforced ? own : (ours ?? own)
  if (output !== undefined) {
    return { output, overruled: enforced && ours !== undefined && own !== ours }
  }
  return {
    reason: `workgroup ${Name} has no place for results, and none is set`,
    advice: 'Set DRACULA_ATHENA_OUTPUT to s3://bucket/prefix/, or give the workgroup a place.',
  }
}

/**
 * Before anything is read: the workgroup that counts is there, takes queries, and has a place for results.
 * @throws Failure (2) if not, or if it may not be looked at
 */
export async function requireWorkgroup({ aws, config }: TablePlace, signal: AbortSignal): Promise<void> {
  const { workgroup: name, athenaOutput } = config
  const results = resultsOf(await readWorkgroup(aws, name, signal), athenaOutput)
  if ('output' in results) return
  throw new Failure({ exit: 2, act: 'query Athena in', thing: name, ...results })
}
