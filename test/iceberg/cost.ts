/** What a commit costs in a table of 3,650 days: metadata of files that are not there, with metrics as real ones have. */
import { createMetadata } from '../../lib/iceberg/create.ts'
import { expireSnapshots } from '../../lib/iceberg/expire.ts'
import { currentSchema, defaultSpec } from '../../lib/iceberg/metadata.ts'
import { metadataFile } from '../../lib/iceberg/metadata-file.ts'
import { type ParquetFile, parquetDataFile } from '../../lib/iceberg/parquet-file.ts'
import { type NewObject, readAlso } from '../../lib/iceberg/read-object.ts'
import { replacePartitions } from '../../lib/iceberg/replace-partitions.ts'
import type { ColumnMetrics } from '../../lib/parquet/file-metrics.ts'
import type { Column } from '../../lib/types/type.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { columns, events } from './events.ts'

export interface Cost {
  /** Written: manifests, their list, the table's metadata. */
  readonly bytes: number
  readonly objects: number
  readonly reads: number
  readonly milliseconds: number
}

const firstDay = 16_000
export const days = 3650

/** @param replaced which days, counted from the first, are replaced once all are there */
export async function commitCost(replaced: readonly number[]): Promise<Cost> {
  const store = new Map<string, Uint8Array>()
  const random = randomFrom(1)
  let reads = 0
  const read = async (path: string) => {
    reads++
    return store.get(path)
  }
  let metadata = createMetadata(events, { location: 's3://lake/tables/events/iceberg', now: 0 })
  let previous: ReturnType<typeof metadataFile> | undefined

  async function commit(at: readonly number[], load: string): Promise<Cost> {
    const made = at.map((day) => fileOf(firstDay + day, load, random))
    const start = performance.now()
    reads = 0
    const files = made.map((file) => parquetDataFile(file, currentSchema(metadata), defaultSpec(metadata)))
    const partitions = previous === undefined ? 'all' : at.map((day) => [firstDay + day])
    const staged = await replacePartitions({ table: 'events', metadata, partitions, files, read, now: 0 })
    const expired = await expireSnapshots(staged.metadata, {
      ...{ keep: () => false, now: 0 },
      read: readAlso(staged.objects, read),
    })
    previous = metadataFile(expired.metadata, previous)
    metadata = previous.metadata
    const objects: NewObject[] = [...staged.objects, previous]
    const milliseconds = performance.now() - start
    for (const { path, bytes } of objects) store.set(path, bytes)
    const bytes = objects.reduce((sum, object) => sum + object.bytes.length, 0)
    return { bytes, objects: objects.length, reads, milliseconds }
  }

  await commit(
    Array.from({ length: days }, (_, day) => day),
    '20260301T020000Z-6f2a',
  )
  return commit(replaced, '20260302T020000Z-91c4')
}

function fileOf(day: number, load: string, random: Random): ParquetFile {
  const rows = 1000 + random.integer(200)
  return {
    path: `s3://lake/tables/events/iceberg/data/${load}/events-${day}-00000.parquet`,
    rows,
    bytes: 100_000 + random.integer(50_000),
    metrics: {
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, metricsOf(name, column, day, rows, random)]),
      ),
      rowGroupOffsets: [4],
    },
  }
}

function metricsOf(
  name: string,
  { parquet: { physical, length = 0 } }: Column,
  day: number,
  rows: number,
  random: Random,
): ColumnMetrics {
  const isDay = name === 'created_at'
  const [min, max] = [0, 1].map((side) => {
    if (isDay) return int64(BigInt(day) * 86_400_000_000n + BigInt(side * 86_399_000_000))
    if (physical === 'INT64') return int64(BigInt(day * 1_000_000 + side * 100_000 + random.integer(1000)))
    if (physical === 'INT32')
      return Buffer.from(Int32Array.of(side * 1_000_000 + random.integer(1000)).buffer)
    if (physical === 'BOOLEAN') return Buffer.of(side)
    if (physical === 'DOUBLE') return Buffer.from(Float64Array.of(side + random()).buffer)
    if (physical === 'FLOAT') return Buffer.from(Float32Array.of(side + random()).buffer)
    if (physical === 'FIXED_LEN_BYTE_ARRAY') return Buffer.alloc(length, side)
    return Buffer.from(`${side}${random.integer(2 ** 31)}`.repeat(4))
  })
  return {
    bytes: 1000 + random.integer(50_000),
    values: rows,
    nulls: isDay ? 0 : random.integer(20),
    min: min!.toString('base64'),
    max: max!.toString('base64'),
  }
}

function int64(value: bigint): Buffer {
  return Buffer.from(BigInt64Array.of(value).buffer)
}

if (import.meta.main) {
  const from = (first: number, step: number) => Array.from({ length: 36 }, (_, at) => first + at * step)
  for (const [what, replaced] of [
    [
      'all 3,650 days',
      from(0, 1)
        .flatMap((at) => Array.from({ length: 102 }, (_, day) => at * 102 + day))
        .slice(0, days),
    ],
    ['the last 36 days', from(days - 36, 1)],
    ['36 days among all', from(0, 100)],
  ] as const) {
    const { bytes, objects, reads, milliseconds } = await commitCost(replaced)
    console.log(
      `${what}: ${Math.round(milliseconds)} ms, ${Math.round(bytes / 1000)} KB written in ${objects} objects, ${reads} read`,
    )
  }
}
