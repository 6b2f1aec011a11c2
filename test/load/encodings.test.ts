/** Databases in other encodings than UTF8: names, values and figures of them are in the lake what they are there. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { compareColumns } from '../../checks/columns/compare.ts'
import { parseLimit } from '../../checks/limit.ts'
import { countRows } from '../../checks/row-counts/count.ts'
import { compareSchema } from '../../checks/schema/compare.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import { load } from '../../lib/load/load.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { bytea, integer, jsonb, named, nullable, table, text } from '../../lib/table.ts'
import { download } from '../support/download.ts'
import { dryRun } from '../support/load-options.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

async function databaseIn(encoding: string): Promise<string> {
  const name = `in_${encoding.toLowerCase()}`
  await lake.sql.unsafe(
    `create database ${name} encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`,
  )
  const url = new URL(lake.env['DATABASE_URL'] ?? '')
  url.pathname = `/${name}`
  return url.href
}

/** Letters whose order is another one by the bytes of their encoding than by those of UTF-8. */
const words: Readonly<Record<string, readonly string[]>> = {
  LATIN1: ['é', 'ÿ', 'z', 'Ä', '¡', 'ñandú', 'plain'],
  LATIN2: ['ş', 'Ł', 'ą', 'ß', '˙', 'plain'],
  WIN1252: ['€', 'ÿ', 'Œ', '™', 'plain'],
  KOI8R: ['а', 'я', 'ю', 'Ъ', '█', 'plain'],
  EUC_JP: ['漢字', 'かな', 'ｶﾅ', '亜', 'plain'],
  // A letter of one character there is two in UTF-8.
  EUC_JIS_2004: ['か゚き゚', '漢', 'ㇷ゚', 'か゚'.repeat(300), 'plain'],
}

describe.each(Object.keys(words))('in a database in %s', (encoding) => {
  test('a load and all checks give what is there', async () => {
    const url = await databaseIn(encoding)
    const values = words[encoding] ?? []
    const database = readDatabase({ DATABASE_URL: url })
    const sql = connectPostgres(database, { max: 1 })
    const [letter = ''] = values
    await sql.unsafe(`
      create type "${letter}_mood" as enum ('${letter}', 'calm');
      create table "${letter}_words" (
        id int primary key, "${letter}" text not null, mood "${letter}_mood", doc jsonb, raw bytea, moods "${letter}_mood"[]
      );
      comment on table "${letter}_words" is '${letter}'`)
    for (const [id, value] of values.entries()) {
      await sql.unsafe(
        `insert into "${letter}_words" values ($1, $2, $3, $4::text::jsonb, convert_to($2, 'UTF8'))`,
        [id, value, id === 0 ? letter : null, JSON.stringify({ [letter]: value })],
      )
    }

    const name = `words_${encoding.toLowerCase()}`
    const where = `"${letter}" <> 'plain' and "${letter}" in (${values.map((each) => `'${each}'`).join()})`
    const script = await scripts.write(
      name,
      `id: integer, word: named('${letter}', text), mood: nullable(text), doc: nullable(jsonb), raw: nullable(bytea)`,
      `from: '${letter}_words', where: ${JSON.stringify(where)}, ignore: ['moods']`,
    )
    const run = await lake.run(script, ['--catalog', 'declared', '--fingerprint'], { DATABASE_URL: url })
    const summary = run.summary()
    const kept = values.filter((each) => each !== 'plain')
    expect(summary).toMatchObject({ rows: kept.length, warnings: [] })

    const declared = table({
      name,
      from: `${letter}_words`,
      where,
      columns: {
        id: integer,
        word: named(letter, text),
        mood: nullable(text),
        doc: nullable(jsonb),
        raw: nullable(bytea),
      },
      ignore: ['moods'],
    })
    await using folder = await temporaryFolder()
    const [path = ''] = await download(lake, summary, folder.path)
    const read = await readers['DuckDB']!(path, declared.output)
    expect(read['word']).toEqual(kept)
    expect(read['mood']?.[0]).toBe(letter)
    expect(read['doc']?.map((each) => Object.values(JSON.parse(each ?? '{}'))[0] as string)).toEqual(kept)
    expect(read['raw']).toEqual(kept.map((each) => Buffer.from(each).toString('hex')))

    const { signal } = new AbortController()
    const [aws, config] = [lake.aws, readLake(lake.env)]
    expect(await compareColumns(name, { aws, lake: config, signal })).toMatchObject({
      status: 'ok',
      findings: [],
    })
    const counting = {
      aws,
      lake: config,
      source: { sql, database, mode: 'exact' as const },
      limit: parseLimit('0'),
      signal,
    }
    expect(await countRows(declared, counting)).toMatchObject({ status: 'ok', source: kept.length })
    const reader = await openReader(database, { applicationName: 'test', signal })
    await reader.query('begin')
    expect(await compareSchema(reader, declared)).toMatchObject({ status: 'ok' })
    await reader.close()
    await sql.end()
  })
})

test('no comment stops a load, though it has bytes that mean nothing', async () => {
  const url = await databaseIn('WIN1250')
  const sql = connectPostgres(readDatabase({ DATABASE_URL: url }), { max: 1 })
  await sql.unsafe(`create table told (id int not null, word text);
    comment on table told is E'\\x81'; comment on column told.id is 'plain'; comment on column told.word is E'\\x81\\x83'`)
  await sql.end()
  const script = await scripts.write('told', 'id: integer, word: nullable(text)')
  const { plan } = (await lake.run(script, ['--dry-run'], { DATABASE_URL: url })).summary()
  expect(plan?.comment).toBeNull()
  expect(plan?.columns.map(({ comment }) => comment)).toEqual(['plain', null])
})

async function refusalIn(url: string): Promise<unknown> {
  const config = { database: readDatabase({ DATABASE_URL: url }), lake: undefined }
  const declared = table({ name: 'items', columns: { word: nullable(text) } })
  const options = { ...dryRun, connectWithinMs: 0 }
  return load(declared, config, options, () => {}, new AbortController().signal).catch(
    (error: unknown) => error,
  )
}

test('an encoding that the server converts to no UTF8 is refused, by its name', async () => {
  const refused = await refusalIn(await databaseIn('MULE_INTERNAL'))
  expect(refused).toMatchObject({ exit: 3 })
  expect(String(refused)).toContain(
    'conversion between UTF8 and MULE_INTERNAL is not supported. Dump the database and restore it into one of another encoding, as UTF8.',
  )
})

test('bytes that are no character of UTF8 are refused', async () => {
  const url = await databaseIn('WIN1257')
  const sql = connectPostgres(readDatabase({ DATABASE_URL: url }), { max: 1 })
  await sql`create table items as select chr(129) as word`
  await sql.end()
  const refused = await refusalIn(url)
  expect(refused).toMatchObject({ exit: 3 })
  expect(String(refused)).toContain('has no equivalent in encoding "UTF8". Correct the value in the database')
})
