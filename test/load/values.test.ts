/** What Postgres has is what readers of the lake get: every type and awkward value, through the script itself. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { Column } from '../../lib/columns.ts'
import type { LoadSummary } from '../../lib/load/types.ts'
import { quoteName } from '../../lib/postgres/relation.ts'
import { findTables } from '../../lib/tables.ts'
import { type Columns, readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import evenRows from './scripts/even_rows.ts'
import everyType from './scripts/every_type.ts'
import parcels from './scripts/parcels.ts'

setDefaultTimeout(60_000)

const everyTypeScript = 'test/load/scripts/every_type.ts'

let standIn: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, folder] = await Promise.all([openStandIn({ scale: 0.01 }), temporaryFolder()])
  await standIn.sql.file(join(import.meta.dir, 'every-type.sql')).simple()
})

afterAll(async () => {
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

/** Brings the files of a load here. */
async function download({ aws }: TestStandIn, { files, load }: LoadSummary): Promise<string[]> {
  return Promise.all(
    files.map(async (uri) => {
      const { hostname: Bucket, pathname } = new URL(uri)
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
      const path = join(folder.path, `${load}-${pathname.split('/').at(-1)}`)
      await Bun.write(path, (await Body?.transformToByteArray()) ?? '')
      return path
    }),
  )
}

type Words = Record<string, (string | null)[]>

/** What Postgres says of every value, in the words that all readers are brought to. */
async function postgresWords(columns: Columns, relation: string, where = 'true'): Promise<Words> {
  const names = Object.keys(columns)
  const list = names.map((name) => {
    const column = columns[name]!
    return `${sqlWords(column, quoteName(column.source ?? name))} as ${quoteName(name)}`
  })
  const rows = await standIn.sql.begin(async (sql) => {
    await sql`set local timezone to 'UTC'`
    return await sql.unsafe(
      `select ${list.join(', ')} from ${relation} where ${where} order by ${relation}.ctid`,
    )
  })
  return Object.fromEntries(
    names.map((name) => [name, rows.map((row) => readerWords(columns[name]!, row[name]))]),
  )
}

function sqlWords({ parquet: { physical, logical }, element }: Column, name: string): string {
  if (element !== undefined) {
    const words = `select coalesce(json_agg(${sqlWords(element, 'element')} order by place), '[]')::text`
    return `case when ${name} is not null then (${words} from unnest(${name}) with ordinality as each (element, place)) end`
  }
  if (logical.kind === 'date') return `(${name} - date '1970-01-01')::text`
  if (logical.kind === 'timestamp') return `trunc(extract(epoch from ${name}) * 1000000)::text`
  if (logical.kind === 'decimal') return `round(${name}, ${logical.scale})::text`
  if (physical === 'BYTE_ARRAY' && logical.kind === 'none') return `encode(${name}, 'hex')`
  // A cast would take the blanks off a char(n), which the server prints.
  if (logical.kind === 'string') {
    const padded = `pg_typeof(${name}) = 'bpchar'::regtype and ${name} is not null`
    return `case when ${padded} then format('%s', ${name}) else ${name}::text end`
  }
  return physical === 'DOUBLE' ? `${name}::float8::text` : `${name}::text`
}

/** Floats as JavaScript prints them; a float4 is printed as the double it becomes. */
function readerWords({ parquet: { physical }, element }: Column, words: string | null): string | null {
  if (words === null) return null
  if (element !== undefined) {
    const elements = JSON.parse(words) as (string | null)[]
    return JSON.stringify(elements.map((each) => readerWords(element, each)))
  }
  if (physical === 'DOUBLE') return String(Number(words))
  return physical === 'FLOAT' ? String(Math.fround(Number(words))) : words
}

/** The first few. */
function differences(found: Words, expected: Words): string[] {
  const all = Object.entries(expected).flatMap(([name, values]) => {
    const there = found[name] ?? []
    const count =
      there.length === values.length ? [] : [`${name}: ${there.length} values of ${values.length}`]
    return [
      ...count,
      ...values.flatMap((value, row) =>
        there[row] === value ? [] : [`${name}, row ${row + 1}: ${shown(there[row])}, not ${shown(value)}`],
      ),
    ]
  })
  return all.slice(0, 20)
}

function shown(value: string | null | undefined): string {
  return JSON.stringify(value)?.slice(0, 100) ?? 'nothing'
}

describe.each(['zstd', 'gzip', 'none'])('with --codec %s', (codec) => {
  let path: string
  let expected: Words
  beforeAll(async () => {
    const summary = (await standIn.run(everyTypeScript, ['--codec', codec])).summary()
    expect(summary).toMatchObject({ rows: 4005, warnings: [] })
    path = (await download(standIn, summary))[0] ?? ''
    expected = await postgresWords(everyType.columns, 'every_type')
  })

  for (const [reader, read] of Object.entries(readers)) {
    test(`${reader} reads every value as Postgres has it`, async () => {
      expect(differences(await read(path, everyType.columns), expected)).toEqual([])
    })
  }
})

describe('every table of scripts/', async () => {
  for (const { name, columns, source } of await findTables([])) {
    test.concurrent(`${name}, awkward rows and all`, async () => {
      const summary = (await standIn.run(name)).summary()
      expect(summary).toMatchObject({ crawled: true, warnings: [] })
      const [path = ''] = await download(standIn, summary)
      const expected = await postgresWords(columns, source.name)
      expect(expected['id']?.length).toBe(summary.rows)
      for (const read of Object.values(readers)) {
        expect(differences(await read(path, columns), expected)).toEqual([])
      }
      expect(await standIn.readersSee(name)).toMatchObject({ load: summary.load, counted: summary.rows })
    })
  }
})

test('only the rows of the condition, and the columns in the order of the declaration', async () => {
  const { columns, where } = evenRows
  const summary = (await standIn.run('test/load/scripts/even_rows.ts')).summary()
  const expected = await postgresWords(columns, 'every_type', where?.replace(/--.*/, ''))
  expect(expected['id']?.length).toBe(2003)
  const [path = ''] = await download(standIn, summary)
  for (const read of Object.values(readers)) {
    expect(differences(await read(path, columns), expected)).toEqual([])
  }
  const seen = await standIn.readersSee('even_rows')
  expect(seen?.columns).toEqual([
    { name: 'as_text', type: 'string' },
    { name: 'id', type: 'int' },
  ])
  expect(seen).toMatchObject({ rows: 2003, counted: 2003 })
})

test('several files, each whole in itself and together the table', async () => {
  // 48 MB make a row group, and a file ends with one.
  await standIn.sql.unsafe(`
    create table parcels (id integer not null, body text not null);
    insert into parcels select i, repeat(md5(i::text), 32768) from generate_series(1, 120) as i`)
  const summary = (await standIn.run('test/load/scripts/parcels.ts', ['--max-file-size', '1KiB'])).summary()
  expect(summary.files.map((file) => file.split('/').at(-1))).toEqual([
    'parcels-00000.parquet',
    'parcels-00001.parquet',
    'parcels-00002.parquet',
  ])
  const hashed = ({ id = [], body = [] }: Words): Words => ({
    id,
    body: body.map((text) => String(Bun.hash(text ?? ''))),
  })
  const expected = hashed(await postgresWords(parcels.columns, 'parcels'))
  const paths = await download(standIn, summary)
  for (const read of Object.values(readers)) {
    const found: Words = { id: [], body: [] }
    for (const path of paths) {
      const { id = [], body = [] } = hashed(await read(path, parcels.columns))
      found['id']?.push(...id)
      found['body']?.push(...body)
    }
    expect(differences(found, expected)).toEqual([])
  }
  expect(await standIn.readersSee('parcels')).toMatchObject({ rows: 120, counted: 120 })
})

test('no rows: a file with the schema, which a crawler and Athena understand', async () => {
  await standIn.sql`create table nothing_yet (id integer not null, body text not null)`
  const summary = (await standIn.run('test/load/scripts/nothing_yet.ts', ['--catalog', 'crawler'])).summary()
  expect(summary).toMatchObject({ rows: 0, published: true, crawled: true })
  const [path = '', ...more] = await download(standIn, summary)
  expect(more).toEqual([])
  for (const read of Object.values(readers)) {
    expect(await read(path, parcels.columns)).toEqual({ id: [], body: [] })
  }
  expect(await standIn.readersSee('nothing_yet')).toMatchObject({
    rows: 0,
    counted: 0,
    columns: [
      { name: 'id', type: 'int' },
      { name: 'body', type: 'string' },
    ],
  })
})
