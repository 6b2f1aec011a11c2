/** What Postgres has is what readers of the lake get: every type and awkward value, through the script itself. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { findTables } from '../../lib/declare/find-tables.ts'
import type { Table } from '../../lib/table.ts'
import { download } from '../support/download.ts'
import { differences, postgresWords, type Words } from '../support/postgres-words.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { everyTypeSql } from './every-type.ts'
import evenRows from './scripts/even_rows.ts'
import everyType from './scripts/every_type.ts'
import parcels from './scripts/parcels.ts'

setDefaultTimeout(300_000)

const everyTypeScript = 'test/load/scripts/every_type.ts'

let standIn: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, folder] = await Promise.all([openStandIn({ scale: 0.01 }), temporaryFolder()])
  await standIn.sql.unsafe(everyTypeSql).simple()
})

afterAll(async () => {
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

/** Values of every type: nothing changes them, whichever way they are loaded. */
let words: Promise<Words> | undefined

describe.each(['zstd', 'gzip', 'none'])('with --codec %s', (codec) => {
  let path: string
  let expected: Words
  beforeAll(async () => {
    const summary = (await standIn.run(everyTypeScript, ['--codec', codec])).summary()
    expect(summary).toMatchObject({ rows: 4005, warnings: [] })
    path = (await download(standIn, summary, folder.path))[0] ?? ''
    words ??= postgresWords(standIn.sql, everyType.columns, 'every_type')
    expected = await words
  })

  for (const [reader, read] of Object.entries(readers)) {
    test(`${reader} reads every value as Postgres has it`, async () => {
      expect(differences(await read(path, everyType.columns), expected)).toEqual([])
    })
  }
})

describe('every table of scripts/', async () => {
  const copies = (await findTables([])).filter(isCopy)
  for (const { name, columns, source } of copies) {
    test.concurrent(`${name}, awkward rows and all`, async () => {
      const summary = (await standIn.run(name)).summary()
      expect(summary).toMatchObject({ crawled: true, warnings: [] })
      const [path = ''] = await download(standIn, summary, folder.path)
      const expected = await postgresWords(standIn.sql, columns, 'name' in source ? source.name : '')
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
  const expected = await postgresWords(standIn.sql, columns, 'every_type', where?.replace(/--.*/, ''))
  expect(expected['id']?.length).toBe(2003)
  const [path = ''] = await download(standIn, summary, folder.path)
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
  // 32 MB make a row group of uncompressed pages, and a file ends with one.
  await standIn.sql.unsafe(`
    create table parcels (id integer not null, body text not null);
    insert into parcels select i, repeat(md5(i::text), 32768) from generate_series(1, 80) as i`)
  const summary = (
    await standIn.run('test/load/scripts/parcels.ts', ['--codec', 'none', '--max-file-size', '1KiB'])
  ).summary()
  expect(summary.files.map((file) => file.split('/').at(-1))).toEqual([
    'parcels-00000.parquet',
    'parcels-00001.parquet',
    'parcels-00002.parquet',
  ])
  const hashed = ({ id = [], body = [] }: Words): Words => ({
    id,
    body: body.map((text) => String(Bun.hash(text ?? ''))),
  })
  const expected = hashed(await postgresWords(standIn.sql, parcels.columns, 'parcels'))
  const paths = await download(standIn, summary, folder.path)
  for (const read of Object.values(readers)) {
    const found: Words = { id: [], body: [] }
    for (const path of paths) {
      const { id = [], body = [] } = hashed(await read(path, parcels.columns))
      found['id']?.push(...id)
      found['body']?.push(...body)
    }
    expect(differences(found, expected)).toEqual([])
  }
  expect(await standIn.readersSee('parcels')).toMatchObject({ rows: 80, counted: 80 })
})

test('no rows: a file with the schema, which a crawler and Athena understand', async () => {
  await standIn.sql`create table nothing_yet (id integer not null, body text not null)`
  const summary = (await standIn.run('test/load/scripts/nothing_yet.ts', ['--catalog', 'crawler'])).summary()
  expect(summary).toMatchObject({ rows: 0, published: true, crawled: true })
  const [path = '', ...more] = await download(standIn, summary, folder.path)
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

/** The others are held against SQL of their own, in derived.test.ts. */
function isCopy({ derive, filter, where, source }: Table): boolean {
  const computes = filter !== undefined || Object.keys(derive).length > 0
  return !computes && where === undefined && source.query === undefined
}
