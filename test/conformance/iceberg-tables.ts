#!/usr/bin/env bun
/**
 * The tables that `iceberg.py` has other readers read, in states one after the other, with what has to be in each of them.
 *
 *     bun test/conformance/iceberg-tables.ts write <folder>                 tables, and expected.json
 *     bun test/conformance/iceberg-tables.ts continue <metadata file>       reads what another writer made of a table,
 *                                                                           replaces a day on top of it, prints both
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import { liveFiles } from '../../lib/iceberg/live-files.ts'
import { currentSchema, currentSnapshot, type TableMetadata } from '../../lib/iceberg/metadata.ts'
import { metadataFile } from '../../lib/iceberg/metadata-file.ts'
import { parseMetadata } from '../../lib/iceberg/metadata-json.ts'
import { replacePartitions } from '../../lib/iceberg/replace-partitions.ts'
import { rollBack } from '../../lib/iceberg/roll-back.ts'
import type { SingleValue } from '../../lib/iceberg/single-value.ts'
import { transformOf } from '../../lib/iceberg/transform.ts'
import * as t from '../../lib/table.ts'
import type { Column } from '../../lib/types/type.ts'
import { columns, epochDays, events, rowsOf } from '../iceberg/events.ts'
import { type LocalTable, localTable } from '../iceberg/local-table.ts'
import { randomFrom } from '../support/random.ts'
import { isList, type Scalar, type Value } from '../support/wire.ts'

interface State {
  readonly name: string
  readonly metadata: string
  /** Values as text, by column; absent columns are null. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows of the snapshots that are there, oldest first. */
  readonly snapshots: readonly number[]
  /** Files that hold a row of these days since 1970 and no other. */
  readonly filesOfDays?: Readonly<Record<string, number>>
}

type Columns = Readonly<Record<string, Column>>

/** A value as `iceberg.py` writes it. */
function words(column: Column, value: Value): unknown {
  if (value === null) return null
  if (isList(value)) return value.map((each) => words(column.element!, each))
  return scalarWords(column, value)
}

function scalarWords(
  { values, parquet: { physical, logical } }: Column,
  value: Exclude<Scalar, null>,
): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (values.kind === 'date') return String(Number(value) + epochDays)
  if (values.kind === 'timestamp')
    return String(BigInt(value as bigint) + BigInt(epochDays) * 86_400_000_000n)
  if (logical.kind === 'decimal') return String(BigInt(String(value).replace('.', '')))
  if (physical === 'DOUBLE' || physical === 'FLOAT') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value as number)
    return bytes.toString('hex')
  }
  return String(value)
}

function rowsIn(declared: Columns, rows: readonly (readonly Value[])[]) {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(declared).map(([name, column], at) => [name, words(column, row[at]!)])),
  )
}

function stateOf(name: string, table: LocalTable, rows: State['rows'], more: Partial<State> = {}): State {
  const snapshots = (table.metadata.snapshots ?? []).map(({ summary }) => Number(summary['total-records']))
  return { name, metadata: table.version.file, rows, snapshots, ...more }
}

async function writeEvents(folder: string): Promise<State[]> {
  const table = await localTable(folder, events)
  const states: State[] = []
  const days = new Map([20_000, 20_001, 20_002, -3, null].map((day, at) => [day, rowsOf(day, 1500 + at, at)]))
  const all = (declared: Columns = columns) => [...days.values()].flatMap((rows) => rowsIn(declared, rows))
  await table.replace('all', [...days.values()])
  states.push(stateOf('events, whole', table, all(), { filesOfDays: { '-3': 1, '20001': 1, '19000': 0 } }))
  const first = currentSnapshot(table.metadata)!

  days
    .set(20_001, rowsOf(20_001, 40, 11))
    .set(20_003, rowsOf(20_003, 30, 12))
    .delete(-3)
  await table.replace([[20_001], [20_003], [-3]], [days.get(20_001)!, days.get(20_003)!])
  states.push(
    stateOf('events, three days replaced', table, all(), {
      filesOfDays: { '-3': 0, '20001': 1, '20003': 1 },
    }),
  )

  await table.replace([[20_002]], [])
  days.delete(20_002)
  states.push(stateOf('events, a day gone', table, all()))

  const { kind, tiny: _, note, ...rest } = columns
  const declared: TableDeclaration = {
    ...events,
    columns: {
      ...rest,
      ...{ n: t.bigint, share: t.doublePrecision, amount: t.nullable(t.numeric(20, 2)) },
      ...{ sort: kind, note, extra: t.nullable(t.text) },
    },
    renamed: { sort: 'kind' },
  }
  const evolved = (rows: readonly (readonly Value[])[]): Value[][] =>
    rows.map((row) => {
      const named = Object.fromEntries(Object.keys(columns).map((name, at) => [name, row[at]!]))
      const changed: Record<string, Value> = {
        ...named,
        n: BigInt(named['n'] as number),
        sort: named['kind']!,
      }
      return Object.keys(declared.columns).map((name) => (name === 'extra' ? 'later' : changed[name]!))
    })
  const newest = evolved(rowsOf(20_003, 25, 13))
  days.delete(20_003)
  await table.replace([[20_003]], [newest], {
    declared,
    docs: { comment: 'One row per event.', columns: { extra: 'What came later.' } },
  })
  const old = all().map(({ kind: sort, tiny: __, ...row }) => ({ ...row, sort, extra: null }))
  const expected = [...old, ...rowsIn(declared.columns, newest)]
  states.push(stateOf('events, other columns', table, expected))

  const before = table.version
  const rolledBack = metadataFile(
    rollBack('events', table.metadata, first['snapshot-id'], Date.now()),
    table.version,
  )
  await Bun.write(rolledBack.path.slice('file://'.length), rolledBack.bytes)
  states.push({
    ...stateOf('events, rolled back', table, states[0]!.rows),
    metadata: rolledBack.file,
  })
  await table.publish(before.metadata)
  return states
}

async function writeExpired(folder: string): Promise<State[]> {
  const table = await localTable(folder, events)
  for (let at = 0; at < 5; at++) {
    await table.replace(at === 0 ? 'all' : [[20_000 + at]], [rowsOf(20_000 + at, 10 + at, at)])
  }
  await table.replace([[20_001]], [rowsOf(20_001, 5, 20)])
  await table.expire((snapshot) => (snapshot['sequence-number'] ?? 0) > 5)
  const rows = [0, 2, 3, 4].flatMap((at) => rowsOf(20_000 + at, 10 + at, at))
  return [stateOf('events, expired', table, rowsIn(columns, [...rows, ...rowsOf(20_001, 5, 20)]))]
}

async function writePartitioned(folder: string): Promise<State[]> {
  const states: State[] = []
  const byKind = (kind: string) => rowsOf(20_000, 30, 3).map((row) => row.with(4, kind))
  for (const [name, partitionBy, files] of [
    ['month', [{ column: 'created_at', transform: 'month' }], [rowsOf(20_000, 20, 1), rowsOf(-40, 20, 2)]],
    ['year', [{ column: 'created_at', transform: 'year' }], [rowsOf(20_000, 20, 1), rowsOf(-1, 20, 2)]],
    ['ranges', [{ column: 'id', transform: 'truncate[1000000]' }], [rowsOf(1, 20, 1), rowsOf(2, 20, 2)]],
    ['value', [{ column: 'kind', transform: 'identity' }], [byKind('größe'), byKind('🧛'), byKind('')]],
    ['date', [{ column: 'born', transform: 'month' }], [rowsOf(1, 20, 1).map((row) => row.with(3, -4000))]],
    [
      'decimal',
      [{ column: 'small', transform: 'identity' }],
      [byKind('a').map((row) => row.with(7, '-12.500'))],
    ],
    [
      'large decimal',
      [{ column: 'big', transform: 'identity' }],
      [byKind('a').map((row) => row.with(9, '-12.5000'))],
    ],
    ['boolean', [{ column: 'ok', transform: 'identity' }], [byKind('a').map((row) => row.with(12, true))]],
    [
      'int ranges',
      [{ column: 'n', transform: 'truncate[1000]' }],
      [byKind('a').map((row) => row.with(5, -5))],
    ],
    [
      'two',
      [
        { column: 'kind', transform: 'identity' },
        { column: 'created_at', transform: 'day' },
      ],
      [byKind('a'), byKind('b')],
    ],
    ['nothing', [], [rowsOf(1, 20, 1), rowsOf(null, 20, 2)]],
    ['no rows', [], []],
  ] as const) {
    const table = await localTable(join(folder, name), { ...events, partitionBy })
    await table.replace('all', files)
    states.push(stateOf(`partitioned by ${name}`, table, rowsIn(columns, files.flat())))
  }
  return states
}

/** Transform, type, value and what becomes of it. */
function transformed(): string[][] {
  const random = randomFrom(5)
  const made: string[][] = []
  const add = (transform: string, type: string, value: SingleValue) =>
    made.push([transform, type, String(value), String(transformOf(transform, type)!(value))])
  for (let at = 0; at < 1000; at++) {
    const micros = BigInt(random.integer(2 ** 31)) * 100_003_217n - 60_000_000_000_000_000n
    for (const transform of ['day', 'month', 'year']) {
      add(transform, at % 2 === 0 ? 'timestamptz' : 'timestamp', micros)
      add(transform, 'date', random.integer(3_000_000) - 700_000)
    }
    add(`truncate[${1 + random.integer(100_000)}]`, 'int', random.integer(2 ** 31) - 2 ** 30)
    add(
      `truncate[${1 + random.integer(2 ** 31 - 1)}]`,
      'long',
      (BigInt(random.integer(2 ** 31)) - 2n ** 30n) * 2n ** 30n,
    )
  }
  return made
}

async function write(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const states = [
    ...(await writeEvents(join(folder, 'events'))),
    ...(await writeExpired(join(folder, 'expired'))),
    ...(await writePartitioned(folder)),
  ]
  await Bun.write(join(folder, 'expected.json'), JSON.stringify({ states, transforms: transformed() }))
}

/** A day of a table that somebody else has changed since is taken away, on top of what they did. */
async function goOn(file: string): Promise<void> {
  const read = (path: string) => Bun.file(path.replace('file://', '')).bytes()
  const metadata: TableMetadata = parseMetadata('events', await Bun.file(file.replace('file://', '')).text())
  const rowsNow = async (of: TableMetadata) =>
    (await liveFiles('events', of, currentSnapshot(of)!, read)).reduce(
      (sum, entry) => sum + entry.file.rows,
      0,
    )
  const before = await rowsNow(metadata)
  const staged = await replacePartitions({
    ...{ table: 'events', metadata, partitions: [[20_000]], files: [], read, now: Date.now() },
  })
  const next = metadataFile(staged.metadata, { file, metadata })
  for (const { path, bytes } of [...staged.objects, next]) await Bun.write(path.replace('file://', ''), bytes)
  const removed = staged.removed.reduce((sum, { rows }) => sum + rows, 0)
  const { fields } = currentSchema(next.metadata)
  console.log(
    JSON.stringify({
      before,
      removed,
      after: await rowsNow(next.metadata),
      file: next.file,
      columns: fields.length,
    }),
  )
}

const [command, path = ''] = process.argv.slice(2)
if (command === 'write') await write(path)
else if (command === 'continue') await goOn(path)
else process.exit(2)
