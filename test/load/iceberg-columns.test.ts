/** Columns of an Iceberg table over its life: each keeps its id, whatever becomes of its name, its type and its source. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { icebergRows } from './iceberg-rows.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(120_000)

let standIn: TestStandIn
let scripts: OwnScripts
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, scripts, folder] = await Promise.all([openStandIn(), openScripts(), temporaryFolder()])
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

const rowsOf = (table: string, sql: string, load?: string) =>
  icebergRows(standIn, folder.path, { table, sql, ...(load !== undefined && { load }) })

const iceberg = "format: 'iceberg'"

describe('a table that is loaded whole', () => {
  const load = async (columns: string) =>
    (await standIn.run(await scripts.write('life', columns, iceberg))).summary().load!

  test('keeps the ids of columns that are widened, renamed, dropped and there again, also after a rollback', async () => {
    await standIn.sql.unsafe(`create table life (id integer primary key, amount numeric(12,2), kind text, ratio real);
      insert into life values (1, 1.25, 'a', 0.5), (2, null, 'b', null)`)
    const all = 'select * from rows order by id'
    const first = await load(
      'id: integer, amount: nullable(numeric(12, 2)), kind: nullable(text), ratio: nullable(real)',
    )
    expect(await rowsOf('life', all)).toEqual({
      ids: { id: 1, amount: 2, kind: 3, ratio: 4 },
      rows: [
        ['1', '1.25', 'a', '0.5'],
        ['2', null, 'b', null],
      ],
    })

    // Widened, renamed, and a new one before the others.
    await standIn.sql.unsafe(`alter table life add city text default 'Rome', alter id type bigint,
      alter amount type numeric(20,2), alter ratio type double precision;
      insert into life values (3000000000, 123456789012345.25, 'c', 0.1, null)`)
    await load(`city: nullable(text), id: bigint, amount: nullable(numeric(20, 2)),
      sort: nullable(named('kind', text)), ratio: nullable(doublePrecision)`)
    expect(await rowsOf('life', all)).toEqual({
      ids: { city: 5, id: 1, amount: 2, sort: 3, ratio: 4 },
      rows: [
        ['Rome', '1', '1.25', 'a', '0.5'],
        ['Rome', '2', null, 'b', null],
        [null, '3000000000', '123456789012345.25', 'c', '0.1'],
      ],
    })
    // The snapshot before is still what it was.
    expect((await rowsOf('life', all, first)).rows).toHaveLength(2)

    const third = await load("id: bigint, sort: nullable(named('kind', text))")
    expect((await rowsOf('life', all, third)).ids).toEqual({ id: 1, sort: 3 })

    const back = await standIn.run('lib/commands/rollback.ts', ['life', first])
    expect(back.exit).toBe(0)
    expect(await rowsOf('life', all)).toEqual({
      ids: { id: 1, amount: 2, kind: 3, ratio: 4 },
      rows: [
        ['1', '1.25', 'a', '0.5'],
        ['2', null, 'b', null],
      ],
    })
    expect(await standIn.readersSee('life')).toMatchObject({ load: first, counted: 2 })
    await standIn.run('lib/commands/rollback.ts', ['life', '--unpin'])

    // The name is free again, and means another column.
    await standIn.sql.unsafe('alter table life drop ratio, add ratio text')
    await load("id: bigint, sort: nullable(named('kind', text)), ratio: nullable(text)")
    expect((await rowsOf('life', all)).ids).toEqual({ id: 1, sort: 3, ratio: 6 })
  })
})
