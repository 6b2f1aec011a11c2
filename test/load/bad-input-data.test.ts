/** Values that have no place in the column they are declared for: the load stops, and names them. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readDatabase } from '../../lib/config/config.ts'
import { load } from '../../lib/load/load.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import type { Columns } from '../../lib/table.ts'
import * as vocabulary from '../../lib/table.ts'
import { dryRun } from '../support/load-options.ts'
import { since } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

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

/** A dry run with columns as they are pasted. */
function loadWith(name: string, columns: string): Promise<LoadSummary> {
  const words = Object.keys(vocabulary)
  const declared = new Function(...words, `return { ${columns} }`)(...Object.values(vocabulary)) as Columns
  const config = { database: readDatabase(lake.env), lake: undefined }
  return load(
    vocabulary.table({ name, columns: declared }),
    config,
    dryRun,
    () => {},
    new AbortController().signal,
  )
}

describe('a value', () => {
  test.concurrent.each([
    // Too many digits before the point, too many after it, and neither number at all.
    ['numeric', 'numeric(6, 2)', '12345.67', '12345.67', 'numeric(6,2)'],
    ['numeric', 'numeric(6, 2)', '-1.005', '-1.005', 'numeric(6,2)'],
    ['numeric', 'numeric(18, 6)', '1234567890123.5', '1234567890123.5', 'numeric(18,6)'],
    ['numeric', 'numeric(38, 0)', `1${'0'.repeat(38)}`, `1${'0'.repeat(38)}`, 'numeric(38,0)'],
    ['numeric', 'numeric(6, 2)', 'NaN', 'NaN', 'numeric(6,2)'],
    // Before PostgreSQL 14 no numeric was infinite.
    ...since(14, [['numeric', 'numeric(6, 2)', '-Infinity', '-Infinity', 'numeric(6,2)'] as const], []),
    ['numeric(6, 2)', 'numeric(6, 2)', 'NaN', 'NaN', 'numeric(6,2)'],
    ['date', 'date', 'infinity', 'infinity', 'date'],
    ['date', 'date', '10000-01-01', '10000-01-01', 'date'],
    ['date', 'date', '0044-03-15 BC', '0044-03-15 BC', 'date'],
    ['timestamp', 'timestamp', '-infinity', '-infinity', 'timestamp'],
    ['timestamp', 'timestamp', '10000-01-01 00:00', '10000-01-01 00:00:00', 'timestamp'],
    ['timestamp', 'timestamp', '0001-12-31 23:59:59.5 BC', '0001-12-31 23:59:59.5 BC', 'timestamp'],
    ['timestamptz', 'timestamptz', '294276-12-31 00:00Z', 'of a year beyond 270000', 'timestamptz'],
    ['timestamptz', 'timestamptz', 'infinity', 'infinity', 'timestamptz'],
    ['numeric[]', 'array(numeric(6, 2))', '{1,null,12345.67}', '{1, null, 12345.67}', 'numeric(6,2)[]'],
    ['date[]', 'array(date)', '{infinity}', '{infinity}', 'date[]'],
    ['integer[]', 'array(integer)', '{{1},{2}}', 'of 2 dimensions', 'integer[]'],
  ])('of %s declared as %s stops the load: %s', async (type, declared, value, told, spelt) => {
    const table = `value_${Bun.hash.crc32(`${type} ${declared} ${value}`)}`
    await lake.sql.unsafe(`
      create table ${table} (id int not null, held ${type});
      insert into ${table} values (1, null), (2, '${value}')`)
    const script = await scripts.write(table, `id: integer, held: nullable(${declared})`)
    const { message } = await expectRefusal(lake, table, () => lake.run(script), {
      exit: 3,
      says: [
        `Cannot read "${table}.held": the value ${told} in row 2 of the stream does not fit ${spelt}`,
        'Do: Find such rows with: ',
      ],
    })
    const [, find = '', line = ''] =
      /rows with: (.*); then correct the value, or write in .*\.ts: (.*,) Retry/.exec(message) ?? []
    expect(await lake.sql.unsafe(find)).toMatchObject([{ id: 2 }])
    expect(await loadWith(table, `id: integer, ${line}`)).toMatchObject({ rows: 2 })
  })

  test.concurrent.each([
    [
      `price numeric default 1`,
      'price: numeric(3, 1)',
      `update keyed set price = 1234.567 where id = 7`,
      `the value 1234.567 in the row with id 7, day 2026-01-02 does not fit numeric(3,1)`,
      'price: numeric(7, 3),',
    ],
    [
      `price numeric default 'NaN'`,
      `price: nullable(lossy(numeric(3, 1), 'null'))`,
      `update keyed set price = -12345 where id = 7`,
      `the value -12345 in the row with id 7, day 2026-01-02 does not fit numeric(3,1)`,
      `price: lossy(numeric(6, 1), 'null'),`,
    ],
    [
      `price numeric[] default '{1.5,null}'`,
      'price: array(numeric(3, 1))',
      `update keyed set price = '{1,null,22.25,1000}' where id = 7`,
      `the value {1, null, 22.25, 1000} in the row with id 7, day 2026-01-02 does not fit numeric(3,1)[]`,
      'price: array(numeric(6, 2)),',
    ],
    [
      `price date[] default '{2026-01-01}'`,
      'price: array(date)',
      `update keyed set price = '{infinity}' where id = 7`,
      `the value {infinity} in the row with id 7`,
      `price: array(lossy(date, 'null')),`,
    ],
    [
      `price int[] default '{1}'`,
      'price: array(integer)',
      `update keyed set price = '{{1},{2}}' where id = 7`,
      `the value of 2 dimensions in the row with id 7, day 2026-01-02 does not fit integer[]`,
      'price: text,',
    ],
    [
      `price int default 1`,
      `price: integer`,
      `alter table keyed rename to keyed_under; alter table keyed_under alter price drop not null; update keyed_under set price = null where id = 7;
       create view keyed as select * from keyed_under`,
      `row 10 of the stream has null where integer NOT NULL is declared`,
      'price: nullable(integer),',
    ],
  ])('of %s is told with its key, and the line to paste', async (type, declared, change, told, line) => {
    const table = `keyed_${Bun.hash.crc32(type + declared)}`
    await lake.sql.unsafe(`
      create table ${table} (day date not null, id int not null, ${type} not null, primary key (id, day));
      insert into ${table} select '2026-01-02', g from generate_series(1, 10) g;
      ${change.replaceAll('keyed', table)}`)
    const failure: unknown = await loadWith(table, `id: integer, day: date, ${declared}`).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ exit: 3 })
    const { message } = failure as Error
    expect(message).toContain(`Cannot read "${table}.price": ${told}`)
    expect(message).toEndWith(`orrect the value, or write in scripts/${table}.ts: ${line}`)
    expect(await loadWith(table, `id: integer, day: date, ${line}`)).toMatchObject({ rows: 10 })
  })

  test.concurrent('that comes after parts were uploaded stops the load, and the parts are dropped', async () => {
    await lake.sql.unsafe(`
      create table late (id int not null, body text not null, price numeric);
      insert into late select g, repeat(md5(g::text), 32768), case when g = 100 then 100 end
      from generate_series(1, 100) g`)
    const script = await scripts.write('late', 'id: integer, body: text, price: nullable(numeric(4, 2))')
    await expectRefusal(lake, 'late', () => lake.run(script, ['--codec', 'none']), {
      exit: 3,
      says: ['Cannot read "late.price": the value 100 in row 100 of the stream does not fit numeric(4,2)'],
    })
    const parts = lake.faults.log.filter(
      ({ operation, subject }) => operation === 'UploadPart' && subject.includes('/late/'),
    )
    expect(parts.length).toBeGreaterThan(0)
  })

  test.concurrent('that only some rows lack stops the load where the declaration has it NOT NULL', async () => {
    await lake.sql.unsafe(`
      create table gaps_under as select g as id, nullif(g, 3) as held from generate_series(1, 5) g;
      create view gaps as select * from gaps_under`)
    const script = await scripts.write('gaps', 'id: integer, held: integer')
    await expectRefusal(lake, 'gaps', () => lake.run(script), {
      exit: 3,
      says: [
        'Cannot read "gaps.held": row 3 of the stream has null where integer NOT NULL is declared',
        'Do: Find such rows with: select * from "public"."gaps" where "held" is null; then correct the value, or write in scripts/gaps.ts: held: nullable(integer),',
      ],
    })
  })

  test.concurrent('that a dry run finds is told just so', async () => {
    await lake.sql.unsafe(`create table dry as select 1 as id, 'infinity'::date as held`)
    const script = await scripts.write('dry', 'id: nullable(integer), held: nullable(date)')
    await expectRefusal(lake, 'dry', () => lake.run(script, ['--dry-run']), {
      exit: 3,
      says: ['dry: dry run failed. Cause: Cannot read "dry.held": the value infinity'],
    })
  })
})

describe('an empty source', () => {
  async function emptied(table: string): Promise<string> {
    await lake.sql.unsafe(`create table ${table} (id int not null); insert into ${table} values (1), (2)`)
    const script = await scripts.write(table, 'id: integer')
    expect((await lake.run(script)).exit).toBe(0)
    await lake.sql.unsafe(`delete from ${table}`)
    return script
  }

  test.concurrent('does not replace rows', async () => {
    const script = await emptied('drained')
    await expectRefusal(lake, 'drained', () => lake.run(script), {
      exit: 3,
      says: ['drained', 'the source has no rows, and readers now see 2', 'load it with --allow-empty'],
    })
  })

  test.concurrent('replaces rows when it is meant to', async () => {
    const script = await emptied('cleared')
    const { exit } = await lake.run(script, ['--allow-empty'])
    expect({ exit, ...(await lake.readersSee('cleared')) }).toMatchObject({ exit: 0, rows: 0, counted: 0 })
  })

  test.concurrent('is published where readers see none yet', async () => {
    await lake.sql`create table newborn (id int not null)`
    const script = await scripts.write('newborn', 'id: integer')
    const { exit } = await lake.run(script)
    expect({ exit, ...(await lake.readersSee('newborn')) }).toMatchObject({ exit: 0, rows: 0, counted: 0 })
  })
})
