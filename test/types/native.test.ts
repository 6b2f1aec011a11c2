/** Types that come in a form of their own and are text in the lake: the same text that Postgres prints. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Vector } from '../../lib/batch/vector.ts'
import { createVector } from '../../lib/batch/vector.ts'
import { copyQuery } from '../../lib/copy/query.ts'
import { describeSource } from '../../lib/postgres/describe.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import * as vocabulary from '../../lib/table.ts'
import { array, type Column, nullable, table, text } from '../../lib/table.ts'
import { valueAppender } from '../../lib/types/append.ts'
import { describeField, valueReader } from '../../lib/types/field.ts'
import { isColumn } from '../../lib/types/is-column.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { decode } from '../support/decode.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
}, 30_000)

afterAll(() => database?.stop())

/** Values as Postgres takes them, and some hundreds at random beside. */
const types = {
  time: {
    column: vocabulary.time,
    values: ['00:00', '24:00', '23:59:59.999999', '04:05:06.5', '00:00:00.000001', '12:34:56.120'],
    random: `time '00:00' + random() * interval '1 day'`,
    refused: ['4:05:06', '24:00:01', '04:05:06.50', '04:05', '04:05:06+02', ''],
  },
  timetz: {
    column: vocabulary.timetz,
    values: [
      '00:00+00',
      '24:00-15:59:59',
      '23:59:59.999999+15:59:59',
      '04:05:06.5-05:30',
      '01:00+00:00:01',
      '01:00-00:45',
    ],
    random: `(time '00:00' + random() * interval '1 day')::text::time at time zone make_interval(secs => (random() * 100000 - 50000)::int)`,
    refused: ['04:05:06', '04:05:06+2', '04:05:06+16', '04:05:06 +02', '04:05:06+02:5'],
  },
  macaddr: {
    column: vocabulary.macaddr,
    values: ['08:00:2b:01:02:03', 'FF-FF-FF-FF-FF-FF', '0000.0000.0000'],
    random: `substr(md5(random()::text), 1, 12)::macaddr`,
    refused: ['08002b010203', '08:00:2B:01:02:03', '08:00:2b:01:02:03:04:05', '08:00:2b:01:02'],
  },
  macaddr8: {
    column: vocabulary.macaddr8,
    values: ['08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03', '0000.0000.0000.0000'],
    random: `substr(md5(random()::text), 1, 16)::macaddr8`,
    refused: ['08:00:2b:01:02:03', ''],
  },
} as const

test.each(Object.keys(types) as (keyof typeof types)[])(
  'a %s is read in its own form, and is to the last byte the text that Postgres prints',
  async (name) => {
    const { column, values, random } = types[name]
    await database.sql.unsafe(`
      create domain my_${name} as ${name};
      create table ${name}_values (id serial, plain ${name}, own my_${name} not null, list ${name}[]);
      insert into ${name}_values (plain, own, list)
        select v, v, array[v, null, v] from unnest('{${values.join()}}'::${name}[]) v
        union all select null, v, null from unnest('{${values.join()}}'::${name}[]) v
        union all select v, v, '{}' from (select ${random} from generate_series(1, 3000)) r (v);`)
    const read = async (of: Column) => {
      const columns = { plain: nullable(of), own: of, list: nullable(array(of)) }
      const from = { schema: 'public', name: `${name}_values` }
      const declared = { ...table({ name: 'declared', columns }), source: from }
      await using reader = await database.open()
      await openSnapshot(reader, { relations: [from], deadlineMs: 60_000 })
      const query = copyQuery(declared, await describeSource(reader, from))
      const { rows, vectors } = decode(columns, await Array.fromAsync(reader.copy(query).stream))
      return { query, rows, vectors: vectors.map(valuesOf) }
    }
    const natively = await read(column)
    const asText = await read(text)
    expect(natively.query).not.toContain('::')
    expect(asText.query).toContain('::pg_catalog.text')
    expect(natively.rows).toBe(3000 + 2 * values.length)
    expect(natively.vectors).toEqual(asText.vectors)
  },
)

/** All that a file has of it. */
function valuesOf({
  rowCount: rows,
  levelCount: slots,
  valueCount: count,
  definitionLevels: definitions,
  repetitionLevels: repetitions,
  bytes,
  byteCount: used,
  offsets,
}: Vector) {
  return {
    rows,
    slots,
    count,
    definitions: definitions.slice(0, slots),
    repetitions: repetitions.slice(0, slots),
    bytes: bytes.slice(0, used),
    offsets: offsets.slice(0, count + 1),
  }
}

test.each(Object.keys(types) as (keyof typeof types)[])(
  'functions and messages have a %s as Postgres prints it, and give no other text',
  async (name) => {
    const { column, values, refused } = types[name]
    const list = `unnest('{${values.join()}}'::${name}[])`
    const rows = await database.sql.unsafe(
      `select v::text as printed, ${name}_send(v) as sent from ${list} v`,
    )
    const vector = createVector(column)
    for (const { printed, sent } of rows) {
      expect([valueReader(column)(sent, 0), describeField(column, sent, 0)]).toEqual([printed, printed])
      expect(valueAppender(column)(vector, printed)).toBeUndefined()
    }
    expect(vector.valueCount).toBe(values.length)
    for (const given of [...refused, 5, undefined])
      expect(valueAppender(column)(vector, given)).toMatch(/, which is not an? /)
    expect(vector.valueCount).toBe(values.length)
  },
)

test('lib/table.ts tells of every type that scripts may declare', async () => {
  const source = await Bun.file(new URL('../../lib/table.ts', import.meta.url)).text()
  const names = Object.entries(vocabulary).flatMap(([name, value]) => (isColumn(value) ? [name] : []))
  expect(names).toContain('timetz')
  expect(names.filter((name) => !new RegExp(`^ \\* \\|.*\`${name}\``, 'm').test(source))).toEqual([])
})
