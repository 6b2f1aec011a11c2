/** Athena: the workgroup, where its results go, and one query. */

import type { WorkGroup } from '@aws-sdk/client-athena'
import { queryCalls, runQuery } from '../../aws/athena.ts'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { formatSize } from '../../cli/size.ts'
import type { LakeConfig } from '../../config/config.ts'
import { liveTablesCalls } from '../../lake/hive/published.ts'
import { tableFolder } from '../../lake/layout.ts'
import { publishedTablesOf } from '../../lake/open.ts'
import { readWorkgroup, readWorkgroupCalls, resultsOf } from '../../lake/workgroup.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'

const queryTimeoutMs = 120_000

export async function examineAthena(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding[]> {
  const find = (check: string, work: () => Promise<string | Finding>) => findingOf(check, signal, work)
  let workgroup: WorkGroup | undefined
  const findings = [
    await find('athena workgroup', async () => {
      workgroup = await readWorkgroup(aws, lake.workgroup, signal)
      return examineWorkgroup(workgroup)
    }),
  ]
  if (workgroup === undefined || workgroup.State === 'DISABLED') return findings
  const { BytesScannedCutoffPerQuery: limit } = workgroup.Configuration ?? {}
  findings.push(await find('athena scan limit', () => examineLimit(aws, lake, limit, signal)))
  const output = examineOutput(workgroup, lake)
  findings.push(output)
  if (output.status === 'missing') return findings
  findings.push(await find('athena query', () => query(aws, lake, signal)))
  return findings
}

/** The first that keeps microseconds (Athena User Guide, "Athena engine version 3"). */
const leastEngine = 3

function examineWorkgroup({ Name, State, Configuration }: WorkGroup): Finding {
  const check = 'athena workgroup'
  if (State !== 'ENABLED')
    return missing(
      check,
      `${Name} is ${State?.toLowerCase() ?? 'in no state'}`,
      'Enable it, or name another.',
    )
  const engine = Configuration?.EngineVersion?.EffectiveEngineVersion ?? 'of an unknown engine version'
  const version = Number(/^Athena engine version (\d+)/.exec(engine)?.[1])
  if (!(version >= leastEngine)) {
    const fix = `Set the engine version of the workgroup to Athena engine version ${leastEngine}: others have no SQL, or no microseconds.`
    return missing(check, `${Name} runs ${engine}`, fix)
  }
  const payer = Configuration?.RequesterPaysEnabled === true ? ', requester pays' : ''
  return ok(check, `${Name}, ${engine}${payer}`)
}

/** Whether it stops the queries of `checks/columns.ts`, which read a table whole. */
async function examineLimit(
  aws: Aws,
  lake: LakeConfig,
  limit: number | undefined,
  signal: AbortSignal,
): Promise<string | Finding> {
  if (limit === undefined) return 'none'
  const sizes = [...(await publishedTablesOf(aws, lake, signal))].flatMap(([name, published]) =>
    published.kind === 'managed' ? [{ name, bytes: published.bytes ?? 0 }] : [],
  )
  const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes)
  if (largest === undefined || largest.bytes <= limit) return `${formatSize(limit)} a query`
  const found = `workgroup ${lake.workgroup} stops queries at ${formatSize(limit)}, and ${largest.name} has ${formatSize(largest.bytes)}`
  return warning(
    'athena scan limit',
    found,
    "Raise the workgroup's data usage limit, or do without checks/columns.ts.",
  )
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

/** What it asks, and the only answer that is right. */
const question = {
  sql: "select 1, cast(timestamp '2026-11-22 04:12:33.123456' as varchar)",
  answer: ['1', '2026-11-22 04:12:33.123456'],
} as const

async function query(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<string | Finding> {
  const { glueDatabase: database, workgroup, athenaOutput: output } = lake
  const { rows } = await runQuery(aws, {
    sql: question.sql,
    database,
    workgroup,
    output,
    timeoutMs: queryTimeoutMs,
    signal,
  })
  const [row] = rows
  const isRight =
    rows.length === 1 &&
    row?.length === question.answer.length &&
    question.answer.every((value, at) => row[at] === value)
  if (isRight) return `${question.sql} gave ${question.answer.join(' and ')}`
  const given = rows.length === 0 ? 'no row' : rows.map((each) => each.join(' and ')).join('; ')
  const fix = 'Use a workgroup of Athena engine version 3; see what stands between Athena and this machine.'
  return missing('athena query', `${question.sql} gave ${given}`, fix)
}

export function examineAthenaCalls(lake: LakeConfig): Call[] {
  const { bucket, prefix, glueDatabase: database, workgroup, athenaOutput: output } = lake
  const folder = { bucket, key: tableFolder(prefix, '_doctor') }
  return [
    ...readWorkgroupCalls(workgroup),
    ...liveTablesCalls(database),
    ...queryCalls({ database, table: '_doctor', workgroup, output, folder }),
  ]
}
