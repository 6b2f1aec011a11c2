import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import * as t from '../../lib/table.ts'
import { metadataOf, queryWithDuckdb, writeParquet } from '../support/parquet.ts'
import { randomFrom } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { Value } from '../support/wire.ts'

interface ChunkStatistics {
  readonly nulls: number
  readonly min: unknown
  readonly max: unknown
}

/** Statistics as hyparquet reads them from the footer. */
async function statisticsOf(column: t.Column, ...values: Value[]): Promise<ChunkStatistics> {
  const { file } = await writeParquet(
    { x: column },
    values.map((value) => [value]),
  )
  const statistics = metadataOf(file).row_groups[0]?.columns[0]?.meta_data?.statistics
  return { nulls: Number(statistics?.null_count), min: statistics?.min_value, max: statistics?.max_value }
}

async function extremesOf(column: t.Column, ...values: Value[]): Promise<unknown[]> {
  const { min, max } = await statisticsOf(column, ...values)
  return [min, max]
}

describe('the statistics of a column chunk', () => {
  test('agree with the data for random values of every ordered type, as DuckDB reads both', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'test.parquet')
    const random = randomFrom(3)
    const columns = {
      int2: t.smallint,
      int4: t.nullable(t.integer),
      int8: t.bigint,
      dec9: t.nullable(t.numeric(9, 4)),
      dec18: t.numeric(18, 2),
      dec38: t.nullable(t.numeric(38, 3)),
      float8: t.doublePrecision,
      day: t.date,
      at: t.nullable(t.timestamp),
      name: t.nullable(t.text),
      few: t.text,
    }
    const rows: Value[][] = Array.from({ length: 4000 }, () => {
      const sign = random.pick(['', '-'])
      const maybe = (value: Value): Value => (random() < 0.2 ? null : value)
      return [
        random.integer(65_536) - 32_768,
        maybe(random.integer(2 ** 32) - 2 ** 31),
        BigInt(random.integer(2 ** 32) - 2 ** 31) * 4_294_967_296n + BigInt(random.integer(2 ** 32)),
        maybe(`${sign}${random.integer(100_000)}.${String(random.integer(10_000)).padStart(4, '0')}`),
        `${sign}${random.integer(2 ** 40)}.5`,
        maybe(`${sign}${random.integer(2 ** 50)}${random.integer(2 ** 50)}.125`),
        (random() - 0.5) * 1e9,
        random.integer(50_000) - 25_000,
        maybe(BigInt(random.integer(2 ** 31)) * 1_000_003n - 10n ** 15n),
        maybe(`${random.pick(['ä', 'z', '🧛', 'A', ''])}${random.integer(1e6)}`),
        random.pick(['€', 'a', 'Z']),
      ]
    })
    const { file } = await writeParquet(columns, rows, {
      batchBytes: 4096,
      pageBytes: 2048,
      rowGroupRows: 1024,
    })
    await Bun.write(path, file)
    const groups = metadataOf(file).row_groups
    expect(groups.length).toBeGreaterThan(2)
    let from = 0
    for (const [at, group] of groups.entries()) {
      const to = from + Number(group.num_rows)
      for (const [name, column] of Object.entries(columns)) {
        const type = column.athena === 'string' ? 'varchar' : column.athena
        const [stated] = await queryWithDuckdb(
          path,
          `select stats_min_value::${type}::varchar, stats_max_value::${type}::varchar, stats_null_count
           from parquet_metadata($file) where row_group_id = ${at} and path_in_schema = '${name}'`,
        )
        const [counted] = await queryWithDuckdb(
          path,
          `select min("${name}")::varchar, max("${name}")::varchar, count(*) - count("${name}")
           from read_parquet($file, file_row_number = true) where file_row_number >= ${from} and file_row_number < ${to}`,
        )
        expect({ name, stated }).toEqual({ name, stated: counted })
      }
      from = to
    }
    expect(from).toBe(4000)
  })

  test('count nulls, and state no extremes where all is null', async () => {
    const column = t.nullable(t.text)
    expect(await statisticsOf(column, null, null)).toEqual({ nulls: 2, min: undefined, max: undefined })
    expect(await statisticsOf(column, null, 'a', null)).toEqual({ nulls: 2, min: 'a', max: 'a' })
  })

  test('order strings by their bytes, an empty one first', async () => {
    expect(await extremesOf(t.text, 'b', 'ab', '', 'ä', 'Z')).toEqual(['', 'ä'])
    expect(await extremesOf(t.text, '🧛', '\uffee')).toEqual(['\uffee', '🧛'])
  })

  test('bound long strings: the smallest cut short, the largest cut and raised, at whole characters', async () => {
    const bounds = (value: string) => extremesOf(t.text, value)
    expect(await bounds('x'.repeat(64))).toEqual(['x'.repeat(64), 'x'.repeat(64)])
    expect(await bounds('x'.repeat(65))).toEqual(['x'.repeat(64), `${'x'.repeat(63)}y`])
    expect(await bounds(`${'x'.repeat(62)}🧛x`)).toEqual(['x'.repeat(62), `${'x'.repeat(61)}y`])
    expect(await bounds('🧛'.repeat(20))).toEqual(['🧛'.repeat(16), `${'🧛'.repeat(15)}🧜`])
    expect(await bounds('\u{10ffff}'.repeat(20))).toEqual([undefined, undefined])
    expect(await bounds(`a${'\u{10ffff}'.repeat(20)}`)).toEqual([`a${'\u{10ffff}'.repeat(15)}`, 'b'])
    expect(await bounds(`a${'\ufeff'.repeat(30)}`)).toEqual([
      `a${'\ufeff'.repeat(21)}`,
      `a${'\ufeff'.repeat(20)}\uff00`,
    ])
    expect(await bounds('\u007f'.repeat(65))).toEqual(['\u007f'.repeat(64), `${'\u007f'.repeat(63)}\u0080`])
    expect(await bounds('\ud7ff'.repeat(30))).toEqual(['\ud7ff'.repeat(21), `${'\ud7ff'.repeat(20)}\ue000`])
  })

  test('have both zeros within their bounds, and infinities as they are', async () => {
    const bounds = (...values: number[]) => extremesOf(t.doublePrecision, ...values)
    expect(await bounds()).toEqual([undefined, undefined])
    expect(await bounds(0, 5)).toEqual([-0, 5])
    expect(await bounds(-0, -5)).toEqual([-5, 0])
    expect(await extremesOf(t.real, 0, 0)).toEqual([-0, 0])
    const infinite = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    expect(await bounds(...infinite, 3)).toEqual(infinite)
  })

  test.each([
    ['a double precision', t.doublePrecision],
    ['a real', t.real],
    ['an array of double precision', t.array(t.doublePrecision)],
    ['an array of real', t.array(t.real)],
  ])('state no bounds where %s is NaN, wherever it stands', async (_, column) => {
    const given = (values: number[]) =>
      column.element === undefined ? values : values.map((value) => [value])
    const distinct = Array.from({ length: 5000 }, (_, i) => i / 8)
    expect(await extremesOf(column, ...given(distinct))).toEqual([-0, 4999 / 8])
    for (const values of [
      [Number.NaN],
      [Number.NaN, 1, -2],
      [1, -2, Number.NaN],
      [1, Number.NaN, Infinity],
    ]) {
      expect(await extremesOf(column, ...given(values))).toEqual([undefined, undefined])
    }
    for (const at of [0, 2500, 4999]) {
      expect(await extremesOf(column, ...given(distinct.with(at, Number.NaN)))).toEqual([
        undefined,
        undefined,
      ])
    }
  })
})

describe('bigints', () => {
  const far = 2n ** 51n
  test.each([
    { least: -(2n ** 52n), greatest: -(2n ** 52n) + far - 1n, encoding: 'DELTA_BINARY_PACKED' },
    { least: -(2n ** 52n) - 1n, greatest: 0n, encoding: 'PLAIN' },
    { least: 2n ** 53n - far, greatest: 2n ** 53n - 1n, encoding: 'DELTA_BINARY_PACKED' },
    { least: 2n ** 53n - 10_000n, greatest: 2n ** 53n, encoding: 'PLAIN' },
    { least: -1n, greatest: far - 1n, encoding: 'PLAIN' },
    { least: -1n, greatest: far - 2n, encoding: 'DELTA_BINARY_PACKED' },
  ])(
    'from $least to $greatest are $encoding, exact, and within their bounds',
    async ({ least, greatest, encoding }) => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'test.parquet')
      const random = randomFrom(5)
      const between = Array.from({ length: 3000 }, () => {
        const value = least + BigInt(random.integer(2 ** 50)) * 2n
        return value > greatest ? least + ((value - least) % (greatest - least)) : value
      })
      // The farthest come last, in a block of their own kind.
      const values = [...between, greatest, least]
      const { file } = await writeParquet(
        { x: t.bigint },
        values.map((value) => [value]),
      )
      await Bun.write(path, file)
      const chunk = metadataOf(file).row_groups[0]?.columns[0]?.meta_data
      expect(chunk?.encodings).toContain(encoding as never)
      expect([chunk?.statistics?.min_value, chunk?.statistics?.max_value]).toEqual([least, greatest])
      const read = await queryWithDuckdb(path, 'select x from $file')
      expect(read.flat()).toEqual(values.map(String))
    },
  )
})
