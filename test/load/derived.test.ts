/**
 * What scripts compute, held against another formulation of the same rules: `derived/<table>.sql` says in plain SQL
 * what readers of the table are to see, and the same database answers it.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type { GlueColumn } from '../../lib/aws/table-input.ts'
import { changeEvents } from '../../lib/local/change-events.ts'
import * as types from '../../lib/table.ts'
import type { Column } from '../../lib/types/type.ts'
import { bring, findLiveFiles } from '../iceberg/live-files.ts'
import { download } from '../support/download.ts'
import { postgresWords, type Words } from '../support/postgres-words.ts'
import { type Columns, readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const folder = join(import.meta.dir, 'derived')
const tables = (await Array.fromAsync(new Bun.Glob('*.sql').scan(folder)))
  .map((file) => file.slice(0, -'.sql'.length))
  .toSorted()

let standIn: TestStandIn
let files: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, files] = await Promise.all([openStandIn({ scale: 0.02 }), temporaryFolder()])
  await standIn.sql`create schema expected`
  for (const table of tables) {
    const query = await Bun.file(join(folder, `${table}.sql`)).text()
    await standIn.sql.unsafe(`create view expected.${table} as ${query}`)
  }
})

afterAll(async () => {
  await standIn?.close()
  await files?.[Symbol.asyncDispose]()
})

test('thirteen tables are computed', () => {
  expect(tables).toHaveLength(13)
})

for (const table of tables) {
  test.concurrent(`${table} is what the SQL makes of it, in every row and column`, async () => {
    const summary = (await standIn.run(table, ['--catalog', 'declared'])).summary()
    const seen = await standIn.readersSee(table)
    const published = seen?.columns ?? []
    expect(published.toSorted(byName)).toEqual(await expectedColumns(table, published))

    const columns = columnsOf(published)
    expect(await valuesWithoutPlace(table, columns)).toEqual([])
    const expected = await expectedRows(table, columns)
    expect(expected['id']?.length).toBe(summary.rows)
    expect(seen).toMatchObject({ load: summary.load, counted: summary.rows })
    // How many amounts want a rate is told.
    for (const name of Object.keys(columns).filter((each) => each.endsWith('_usd'))) {
      const nulls = expected[name]?.filter((value) => value === null).length ?? 0
      expect(nulls).toBeGreaterThan(1)
      expect([name, summary.nulls[name]]).toEqual([name, nulls])
    }

    const paths = await download(standIn, summary, files.path)
    await expectRows(paths, columns, expected)
  })
}

/** Partitions by the reason they were read for. */
const dirty = {
  events: { changed: 2, new: 1, count: 3 },
  events_emails: { changed: 2, new: 1, count: 3 },
}

test('events are again what the SQL makes of them once a hundredth has changed, and only days that have are read', async () => {
  const { removed, moved, late, ...others } = await changeEvents(standIn.env['DATABASE_URL']!)
  for (const count of [removed, moved, late, ...Object.values(others)]) expect(count).toBeGreaterThan(0)
  for (const [table, reasons] of Object.entries(dirty)) {
    // Over two connections, each on a thread of its own, which reads what is looked up within its partitions.
    const summary = (await standIn.run(table, ['--connections', '2'])).summary()
    expect(summary.warnings).toEqual([])
    expect({ table, reasons: summary.partitions?.reasons }).toEqual({ table, reasons })
    const columns = columnsOf((await standIn.readersSee(table))?.columns ?? [])
    const live = await findLiveFiles(standIn, table)
    expect(new Set(live.map(({ uri }) => uri.split('/').at(-2))).size).toBe(2)
    await expectRows(await bring(standIn, live, files.path), columns, await expectedRows(table, columns))
  }
})

function columnsOf(published: readonly GlueColumn[]): Columns {
  return Object.fromEntries(published.map(({ name, type }) => [name, columnOf(type)]))
}

function expectedRows(table: string, columns: Columns): Promise<Words> {
  return postgresWords(standIn.sql, columns, `expected.${table}`, 'true', 'id')
}

/** Two readers that are not ours find these rows in the files, and no others. */
async function expectRows(paths: readonly string[], columns: Columns, expected: Words): Promise<void> {
  for (const reader of ['DuckDB', 'hyparquet']) {
    const parts: Words[] = []
    for (const path of paths) parts.push(await readers[reader]!(path, columns))
    expect(differencesById(parts, expected)).toEqual([])
  }
}

/** In Athena's words. Where the rules name no digits the SQL has a bare numeric, and any decimal will do. */
async function expectedColumns(table: string, published: readonly GlueColumn[]): Promise<GlueColumn[]> {
  const found = await standIn.sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${`expected.${table}`}::regclass and attnum > 0`
  return found
    .map(({ name, type }) => {
      const isDecimal = (column: GlueColumn) => column.name === name && column.type.startsWith('decimal')
      return { name, type: athenaWords(type) ?? published.find(isDecimal)?.type ?? 'decimal' }
    })
    .toSorted(byName)
}

function athenaWords(type: string): string | undefined {
  if (type === 'numeric') return undefined
  if (type.startsWith('numeric')) return type.replace('numeric', 'decimal')
  const words: Readonly<Record<string, string>> = {
    integer: 'int',
    bigint: 'bigint',
    'double precision': 'double',
    boolean: 'boolean',
    date: 'date',
    'timestamp without time zone': 'timestamp',
    'character varying[]': 'array<string>',
  }
  return words[type] ?? 'string'
}

function columnOf(type: string): Column {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? []
  if (precision !== undefined) return types.numeric(Number(precision), Number(scale))
  const columns: Columns = {
    int: types.integer,
    bigint: types.bigint,
    double: types.doublePrecision,
    boolean: types.boolean,
    date: types.date,
    timestamp: types.timestamp,
    'array<string>': types.array(types.text),
  }
  return columns[type] ?? types.text
}

/** Numerics that have more digits after the point than the column published for them. */
async function valuesWithoutPlace(table: string, columns: Columns): Promise<string[]> {
  const places = Object.entries(columns).flatMap(
    ([
      name,
      {
        parquet: { logical },
      },
    ]) =>
      logical.kind === 'decimal'
        ? [
            `select '${name} ' || ${name} as value from expected.${table} where ${name} <> round(${name}, ${logical.scale})`,
          ]
        : [],
  )
  if (places.length === 0) return []
  const found = await standIn.sql.unsafe<{ value: string }[]>(places.join(' union all '))
  return found.map(({ value }) => value)
}

/** The first few: `id 7, tax: "1.00", not "2.00"`. Rows may lie in any order. @param expected by id */
function differencesById(parts: readonly Words[], expected: Words): string[] {
  const names = Object.keys(expected)
  const found = new Map<string | null, Words[string]>()
  for (const part of parts) {
    for (const [row, id] of (part['id'] ?? []).entries()) {
      if (found.has(id)) return [`id ${id} twice`]
      found.set(
        id,
        names.map((name) => part[name]?.[row] ?? null),
      )
    }
  }
  const ids = expected['id'] ?? []
  const added = new Set(found.keys()).difference(new Set(ids))
  const differences = [...added].map((id) => `id ${id} is not expected`)
  for (const [row, id] of ids.entries()) {
    const values = found.get(id)
    if (values === undefined) differences.push(`id ${id} is missing`)
    for (const [at, name] of names.entries()) {
      const [value, wanted] = [values?.[at] ?? null, expected[name]?.[row] ?? null]
      if (values !== undefined && value !== wanted) {
        differences.push(`id ${id}, ${name}: ${JSON.stringify(value)}, not ${JSON.stringify(wanted)}`)
      }
    }
  }
  return differences.slice(0, 30)
}

function byName(a: GlueColumn, b: GlueColumn): number {
  return a.name < b.name ? -1 : 1
}
