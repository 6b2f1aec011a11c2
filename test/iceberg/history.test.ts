/** Random changes of a table, held against a plain list of its files after each: nothing is lost, doubled or removed too early. */
import { expect, test } from 'bun:test'
import { createMetadata, type TableDeclaration } from '../../lib/iceberg/create.ts'
import { expireSnapshots } from '../../lib/iceberg/expire.ts'
import { liveFiles } from '../../lib/iceberg/live-files.ts'
import { readManifestList } from '../../lib/iceberg/manifest-list.ts'
import {
  currentSchema,
  currentSnapshot,
  defaultSpec,
  type Snapshot,
  type TableMetadata,
} from '../../lib/iceberg/metadata.ts'
import { formatMetadata, parseMetadata } from '../../lib/iceberg/metadata-json.ts'
import { parquetDataFile } from '../../lib/iceberg/parquet-file.ts'
import { readAlso } from '../../lib/iceberg/read-object.ts'
import { replacePartitions } from '../../lib/iceberg/replace-partitions.ts'
import { rollBack } from '../../lib/iceberg/roll-back.ts'
import * as t from '../../lib/table.ts'
import { randomFrom } from '../support/random.ts'

const declared: TableDeclaration = {
  table: 'lake.events',
  columns: { born: t.nullable(t.date) },
  partitionBy: [{ column: 'born', transform: 'day' }],
}

/** Files by their paths, each with its day. */
type Files = ReadonlyMap<string, number | null>

test('a table is what its changes made of it, and so is each snapshot', async () => {
  const random = randomFrom(1)
  const store = new Map<string, Uint8Array>()
  const read = async (path: string) => store.get(path)
  let metadata = createMetadata(declared, { location: 's3://lake/t', now: 0 })
  let files: Files = new Map()
  const states = new Map<bigint, Files>()
  let count = 0

  function fileOf(day: number | null) {
    const path = `s3://lake/t/data/${count++}.parquet`
    store.set(path, new Uint8Array(0))
    const bound = day === null ? {} : { min: int32(day), max: int32(day) }
    const born = { bytes: 10, values: 5, nulls: day === null ? 5 : 0, ...bound }
    const metrics = { columns: { born }, rowGroupOffsets: [4] }
    return parquetDataFile(
      { path, rows: 5, bytes: 99, metrics },
      currentSchema(metadata),
      defaultSpec(metadata),
    )
  }

  async function replace(days: readonly (number | null)[] | 'all'): Promise<void> {
    const made = (days === 'all' ? Array.from({ length: 500 }, (_, day) => day) : days)
      .filter(() => random() < 0.8)
      .flatMap((day) => Array.from({ length: 1 + random.integer(2) }, () => fileOf(day)))
    const partitions = days === 'all' ? days : days.map((day) => [day])
    const staged = await replacePartitions({
      ...{ table: 'lake.events', metadata, partitions, files: made, read, now: 0 },
    })
    for (const { path, bytes } of staged.objects) store.set(path, bytes)
    const kept = [...files].filter(([, day]) => days !== 'all' && !days.includes(day))
    const stay = new Set(kept.map(([path]) => path))
    const gone = [...files.keys()].filter((path) => !stay.has(path))
    expect(
      staged.removed
        .map(({ path }) => path)
        .toSorted()
        .join(),
    ).toBe(gone.toSorted().join())
    metadata = staged.metadata
    files = new Map([
      ...kept,
      ...made.map(({ path, partition }) => [path, partition[0] as number | null] as const),
    ])
    states.set(staged.snapshot['snapshot-id'], files)
  }

  async function expire(): Promise<void> {
    const keep = () => random() < 0.7
    const expired = await expireSnapshots(metadata, { keep, read: readAlso([], read), now: 0 })
    expect(expired.unreachable.filter((path) => !store.delete(path))).toEqual([])
    for (const snapshot of expired.snapshots) states.delete(snapshot['snapshot-id'])
    metadata = expired.metadata
    const there = [...store.keys()].toSorted()
    expect(there.join()).toBe([...(await reached(metadata, read))].toSorted().join())
  }

  await replace('all')
  for (let step = 0; step < 40; step++) {
    const what = random()
    if (what < 0.05) await replace('all')
    else if (what < 0.15) {
      const { 'snapshot-id': id } = random.pick(metadata.snapshots!)
      metadata = rollBack('lake.events', metadata, id, 0)
      files = states.get(id)!
    } else if (what < 0.3) await expire()
    else if (what < 0.5) await replace([random.pick([null, 500 + step, -step])])
    else {
      const first = random.integer(500)
      const late = Array.from({ length: random.integer(3) }, () => random.integer(500))
      await replace([
        ...new Set([...Array.from({ length: random.integer(20) }, (_, at) => first + at), ...late]),
      ])
    }
    metadata = parseMetadata('lake.events', formatMetadata(metadata))
    await requireState(metadata, currentSnapshot(metadata)!, files)
  }
  for (const snapshot of metadata.snapshots!) {
    await requireState(metadata, snapshot, states.get(snapshot['snapshot-id'])!)
  }

  async function requireState(of: TableMetadata, snapshot: Snapshot, expected: Files): Promise<void> {
    const live = await liveFiles('lake.events', of, snapshot, read)
    const found = live.map(({ file }) => `${file.path} ${file.partition[0]}`).toSorted()
    expect(found.join()).toBe(
      [...expected]
        .map(([path, day]) => `${path} ${day}`)
        .toSorted()
        .join(),
    )
    expect(live).toHaveLength(expected.size)
    const { summary } = snapshot
    expect([summary['total-data-files'], summary['total-records'], summary['total-files-size']]).toEqual(
      [1, 5, 99].map((each) => String(each * expected.size)),
    )
    const manifests = await readManifestList(read, snapshot['manifest-list'])
    expect(manifests.length).toBeLessThan(60)
  }
})

async function reached(metadata: TableMetadata, read: (path: string) => Promise<Uint8Array | undefined>) {
  const paths = new Set<string>()
  for (const snapshot of metadata.snapshots!) {
    paths.add(snapshot['manifest-list'])
    for (const { path } of await readManifestList(read, snapshot['manifest-list'])) paths.add(path)
    for (const { file } of await liveFiles('lake.events', metadata, snapshot, read)) paths.add(file.path)
  }
  return paths
}

function int32(value: number): string {
  return Buffer.from(Int32Array.of(value).buffer).toString('base64')
}
