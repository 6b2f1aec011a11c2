/** One table's columns: as its load has recorded them, and as Athena reads them. */

import { queryCalls, runQuery } from '../../lib/aws/athena.ts'
import type { Call } from '../../lib/aws/calls.ts'
import type { Aws } from '../../lib/aws/clients.ts'
import { readTableCalls } from '../../lib/aws/glue.ts'
import { getText, getTextCalls } from '../../lib/aws/objects.ts'
import type { LakeConfig } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { recordKey, tableFolder } from '../../lib/lake/layout.ts'
import { readPublished } from '../../lib/lake/open.ts'
import type { LoadRecord } from '../../lib/lake/record.ts'
import type { TableVerdict } from '../check.ts'
import { agrees } from '../measures/agree.ts'
import { type Comparison, measureQueries, whatIsNotCompared } from '../measures/measure.ts'

/** One table in the JSON of the check. */
export interface ComparedTable extends TableVerdict {
  readonly status: 'ok' | 'differs' | 'unstable' | 'not published' | 'not ours' | 'no fingerprint'
  readonly load: string | null
  /** Compared. */
  readonly columns: number
  readonly differences: readonly Difference[]
  /**
   * What is left out, such as `sum of amount`, which may have more digits than Athena's decimals, or all of a column whose
   * source gives other values each time it is read.
   */
  readonly not_compared: readonly string[]
  /** What the source calls that may give other values each time it is read, as `random()`. */
  readonly volatile: readonly string[]
  readonly bytes_scanned: number
}

export interface Difference extends Comparison {
  /** The value as Athena prints it. */
  readonly lake: string | null
}

export interface Comparing {
  readonly aws: Aws
  readonly lake: LakeConfig
  readonly signal: AbortSignal
}

/** A load published meanwhile is compared from the start; this many times. */
const attempts = 3

const queryTimeoutMs = 15 * 60_000

/** @throws Failure when something cannot be read, or (1) loads follow one another faster than that */
export async function compareColumns(table: string, comparing: Comparing): Promise<ComparedTable> {
  const { aws, lake, signal } = comparing
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const published = await readPublished(aws, lake, table, signal)
    if (published.kind === 'absent') return uncompared(table, 'not published', null, 'it is not published')
    if (published.kind === 'unmanaged') {
      const finding = 'the lake has an unmanaged table of that name: Dracula has not made it'
      return uncompared(table, 'not ours', null, finding)
    }
    const { load } = published
    const [compared] = await Promise.allSettled([compareLoad(table, load, comparing)])
    const now = await readPublished(aws, lake, table, signal)
    if (now.kind !== 'managed' || now.load !== load) continue
    if (compared.status === 'rejected') throw compared.reason
    return compared.value
  }
  throw new Failure({
    exit: 1,
    act: 'compare the columns of',
    thing: table,
    reason: `${attempts} times another load was published before they were compared`,
    advice: 'Run the check when no load is under way.',
  })
}

async function compareLoad(
  table: string,
  load: string,
  { aws, lake, signal }: Comparing,
): Promise<ComparedTable> {
  const key = recordKey(lake.prefix, table, load)
  const { fingerprint, volatile } = measuredIn(await getText(aws, { bucket: lake.bucket, key, signal }), key)
  if (fingerprint === null) {
    return uncompared(table, 'no fingerprint', load, 'its load has recorded no fingerprint')
  }
  if (Object.values(fingerprint).every(({ unstable }) => unstable === true)) {
    const finding = 'nothing can be compared, as its source gives other values each time it is read'
    const why = volatile.length === 0 ? '' : `: it calls ${volatile.join(', ')}`
    return { ...uncompared(table, 'unstable', load, finding + why), volatile }
  }
  const differences: Difference[] = []
  let scanned = 0
  for (const { sql, comparisons } of measureQueries(table, fingerprint)) {
    const { rows, bytesScanned } = await runQuery(aws, {
      sql,
      database: lake.glueDatabase,
      workgroup: lake.workgroup,
      output: lake.athenaOutput,
      timeoutMs: queryTimeoutMs,
      signal,
    })
    scanned += bytesScanned
    for (const [index, comparison] of comparisons.entries()) {
      const answer = rows[0]?.[index] ?? null
      if (!agrees(comparison, answer)) differences.push({ ...comparison, lake: answer })
    }
  }
  return {
    table,
    status: differences.length === 0 ? 'ok' : 'differs',
    load,
    columns: Object.values(fingerprint).filter(({ unstable }) => unstable !== true).length,
    differences,
    not_compared: whatIsNotCompared(fingerprint),
    bytes_scanned: scanned,
    volatile,
    findings: [...differences.map(finding), ...(differences.length === 0 ? [] : maybeVolatile(volatile))],
  }
}

export function compareColumnsCalls(lake: LakeConfig, table: string): Call[] {
  const { bucket, prefix, glueDatabase: database, workgroup, athenaOutput: output } = lake
  const folder = { bucket, key: tableFolder(prefix, table) }
  return [
    ...readTableCalls({ database, table }),
    ...getTextCalls(bucket, recordKey(prefix, table, '<load>')),
    ...queryCalls({ database, table, workgroup, output, folder }),
  ]
}

/**
 * What a load has recorded of its columns; null: it was not asked for a fingerprint.
 * @throws Failure (1) for what is no load record
 */
function measuredIn(text: string, key: string): Pick<LoadRecord, 'fingerprint' | 'volatile'> {
  try {
    const record: Partial<LoadRecord> = JSON.parse(text)
    // Earlier versions have looked for no functions.
    return { fingerprint: record.fingerprint ?? null, volatile: record.volatile ?? [] }
  } catch (cause) {
    throw new Failure({
      exit: 1,
      act: 'read the load record',
      thing: key,
      reason: 'it is no JSON',
      advice: 'Load the table again.',
      cause,
    })
  }
}

const words: Readonly<Record<Comparison['measure'], string>> = {
  values: 'number of values',
  nulls: 'number of nulls',
  nan: 'number of NaN',
  true: 'number of true',
  min: 'least value',
  max: 'greatest value',
  sum: 'sum',
  length: 'total length',
}

function finding({ column, of, measure, recorded, lake }: Difference): string {
  const whose = of === 'values' ? column : `${column}'s elements`
  return `the ${words[measure]} of ${whose} was ${describeValue(recorded)} in Postgres and is ${describeValue(lake)} in the lake`
}

/** A difference may be none of the lake's doing. */
function maybeVolatile(volatile: readonly string[]): string[] {
  if (volatile.length === 0) return []
  return [`its source calls ${volatile.join(', ')}, which may give other values each time it is read`]
}

/** A text may be long, and may have lines of its own. */
function describeValue(text: string | null): string {
  if (text === null) return 'null'
  const start = Array.from(text).slice(0, 60).join('')
  return /^[-+\w.:]+( [\d:.]+)?$/.test(text) && text === start
    ? text
    : JSON.stringify(text === start ? text : `${start}…`)
}

function uncompared(
  table: string,
  status: ComparedTable['status'],
  load: string | null,
  finding: string,
): ComparedTable {
  const nothing = { columns: 0, differences: [], not_compared: [], volatile: [], bytes_scanned: 0 }
  return { table, status, load, ...nothing, findings: [finding] }
}
