/** What the lake's engine says of some partitions of the table that readers see. */
import { quoteIdentifier, runQuery } from '../../aws/athena.ts'
import { Failure } from '../../failure/failure.ts'
import { defaultSpec, schemasOf } from '../../iceberg/metadata.ts'
import { bindFields } from '../../iceberg/partition.ts'
import { partitionText } from '../../iceberg/partition-text.ts'
import type { TablePlace } from '../names.ts'
import { keyOf } from './account.ts'
import { valueIn, valueSql } from './audit-query.ts'
import { readBase } from './base.ts'
import { conditionsOf } from './partition-condition.ts'
import { partitionIn } from './snapshot.ts'

export interface PartitionQuestion {
  /** Which, in the words of an account; one at the least. */
  readonly partitions: readonly { readonly values: readonly (string | null)[] }[]
  /** Expressions over a row in SQL, by the names that they have in `measures`. */
  readonly values: Readonly<Record<string, string>>
  /** Expressions over the rows of a partition in SQL. */
  readonly measures: readonly string[]
  readonly signal: AbortSignal
}

export interface PartitionAnswers {
  /** By `keyOf`, in the order of the measures. */
  readonly answers: ReadonlyMap<string, readonly (string | null)[]>
  readonly bytesScanned: number
}

const timeoutMs = 15 * 60_000

/** @throws Failure as `runQuery` and `readBase`, (3) for a table that is not partitioned so */
export async function partitionAnswers(
  place: TablePlace,
  { partitions, values, measures, signal }: PartitionQuestion,
): Promise<PartitionAnswers> {
  const { aws, config, table } = place
  const { version } = await readBase(place, signal)
  const fields = version && bindFields(defaultSpec(version.metadata), schemasOf(version.metadata))
  const isSame = fields !== undefined && partitions.every((each) => each.values.length === fields.length)
  if (version === undefined || !isSame) throw otherwise(table)
  const inner = [
    ...fields.map((field, at) => `${valueSql(field)} as p${at}`),
    ...Object.entries(values).map(([name, sql]) => `${sql} as ${name}`),
  ]
  const groups = fields.map((_, at) => `p${at}`)
  const wanted = partitions.map((each) => partitionIn(fields, each))
  const answers = new Map<string, readonly (string | null)[]>()
  let bytesScanned = 0
  for (const condition of conditionsOf(fields, wanted)) {
    const rows = `select ${inner.join(', ')} from ${quoteIdentifier(table)} where ${condition}`
    const sql = `select ${[...groups, ...measures].join(', ')} from (${rows}) as r group by ${groups.join(', ')}`
    const answer = await runQuery(aws, {
      ...{ sql, database: config.glueDatabase, workgroup: config.workgroup },
      ...{ output: config.athenaOutput, timeoutMs, signal },
    })
    bytesScanned += answer.bytesScanned
    for (const row of answer.rows) {
      const texts = fields.map((field, at) => {
        const value = valueIn(field, row[at] ?? null)
        return value === undefined ? null : partitionText(field, value)
      })
      answers.set(keyOf({ values: texts }), row.slice(fields.length))
    }
  }
  return { answers, bytesScanned }
}

function otherwise(table: string): Failure {
  return new Failure({
    exit: 3,
    act: 'ask for partitions of',
    thing: table,
    reason: 'the lake has it partitioned otherwise',
    advice: `Load it whole: bun scripts/${table}.ts --full`,
  })
}
