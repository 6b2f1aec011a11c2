/** Which partitions the expression of a GetPartitions means. */
import type { Answering } from '../engine.ts'
import { duckType, identifier, literal, parseHiveType } from '../hive-type.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueColumn, GluePartition } from './catalog.ts'

/**
 * The partitions that a GetPartitions `Expression` keeps: a condition in SQL over the partition keys, each of its
 * declared type. A value that its type does not hold, as Hive's default partition, reads as null.
 * @throws ServiceError InvalidInputException
 */
export async function matching(
  engine: Answering,
  keys: readonly GlueColumn[],
  partitions: readonly GluePartition[],
  expression: string,
): Promise<GluePartition[]> {
  if (keys.length === 0 || partitions.length === 0) return []
  const rows = partitions.map(({ values }, index) => `(${[index, ...values.map(literal)].join(', ')})`)
  const typed = keys.map(
    ({ name, type }, index) =>
      `try_cast(v${index} as ${duckType(parseHiveType(type))}) as ${identifier(name)}`,
  )
  const raw = keys.map((_, index) => `v${index}`).join(', ')
  const sql = `with keys as (select position, ${typed.join(', ')} from (values ${rows.join(', ')}) as raw(position, ${raw}))
    select position from keys where (${expression}) order by position`
  try {
    const kept = await engine.rows(sql)
    return kept.flatMap(({ position }) => partitions[Number(position)] ?? [])
  } catch (error) {
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new ServiceError('InvalidInputException', `Unsupported expression '${expression}': ${said}`)
  }
}
