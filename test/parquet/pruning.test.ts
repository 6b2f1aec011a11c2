/** Readers that skip what bounds rule out answer as if they had looked at every row. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type AsyncBuffer, type ParquetQueryFilter, parquetReadObjects, parquetScan } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { type ClusteredTable, clusteredTable } from '../support/clustered.ts'
import { writeParquet } from '../support/parquet.ts'
import { randomFrom } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const rows = 3000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let path: string
let made: ClusteredTable
let file: Buffer<ArrayBuffer>

beforeAll(async () => {
  folder = await temporaryFolder()
  path = join(folder.path, 'test.parquet')
  made = clusteredTable(rows, 5)
  file = (
    await writeParquet(made.columns, made.rows, {
      chunkBytes: 4096,
      batchBytes: 4096,
      pageBytes: 512,
      rowGroupRows: 300,
    })
  ).file
  await Bun.write(path, file)
})

afterAll(() => folder?.[Symbol.asyncDispose]())

describe('DuckDB, which skips row groups', () => {
  let instance: DuckDBInstance
  let connection: DuckDBConnection

  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson()

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    connection = await instance.connect()
    // DuckDB knows bounds of its own tables too, unless told not to use them.
    await ask(`create table held as select * from read_parquet('${path}', file_row_number = true)`)
  })

  afterAll(() => {
    connection?.closeSync()
    instance?.closeSync()
  })

  async function answers(from: string, conditions: readonly string[]): Promise<unknown[]> {
    const each = conditions.map(
      (condition, at) =>
        `select ${at}, count(*), coalesce(sum(file_row_number), 0) from ${from} where ${condition}`,
    )
    const found = await ask(`${each.join(' union all ')} order by 1`)
    return found.map(([at, ...answer]) => [conditions[Number(at)], ...answer])
  }

  async function agrees(conditions: readonly string[]): Promise<void> {
    await ask(`set disabled_optimizers = ''`)
    const found = await answers(`read_parquet('${path}', file_row_number = true)`, conditions)
    await ask(`set disabled_optimizers = 'filter_pushdown,statistics_propagation'`)
    expect(found).toEqual(await answers('held', conditions))
  }

  test.each(Object.keys(clusteredTable(0, 0).columns).filter((name) => !name.endsWith('_list')))(
    'finds in %s what is there, whatever the condition',
    async (name) => {
      const random = randomFrom(1)
      const values = (
        await ask(
          `select distinct "${name}"::varchar, typeof("${name}") from held where "${name}" is not null`,
        )
      )
        .map(([value, type]) => `'${String(value).replaceAll("'", "''")}'::${type}`)
        .sort()
      const float = name.startsWith('float')
        ? ['nan', 'inf', '-inf', '0', '-0'].map((v) => `'${v}'::double`)
        : []
      const some = [...float, values[0]!, values.at(-1)!, random.pick(values)]
      const conditions = some.flatMap((value, at) => [
        ...['=', '<>', '<', '<=', '>', '>=', 'is distinct from'].map((operator) => `x ${operator} ${value}`),
        `x between least(${value}, ${some[at - 1] ?? value}) and greatest(${value}, ${some[at - 1] ?? value})`,
        `x not between ${value} and ${some[at - 1] ?? value}`,
        `x not in (${some.slice(at).join(', ')})`,
        `x in (${some.slice(at).join(', ')})`,
        `not x > ${value}`,
      ])
      conditions.push('x is null', 'x is not null', `x <> ${values[0]} or x is null`)
      await agrees(conditions.map((condition) => condition.replaceAll(/\bx\b/g, `"${name}"`)))
    },
  )

  test('finds lists that are null, empty, or have an element', async () => {
    const lists = Object.keys(made.columns).filter((name) => name.endsWith('_list'))
    await agrees(
      lists.flatMap((name) =>
        ['is null', 'is not null', '= []', '<> []', '= [null]', '< [null]', '> []'].map(
          (condition) => `"${name}" ${condition}`,
        ),
      ),
    )
  })

  test('answers least and greatest from the values, not from bounds that are cut short', async () => {
    const scalars = Object.keys(made.columns).filter((name) => !name.endsWith('_list'))
    const list = scalars.map((name) => `min("${name}")::varchar, max("${name}")::varchar, count("${name}")`)
    await ask(`set disabled_optimizers = ''`)
    const found = await ask(`select ${list} from read_parquet('${path}')`)
    await ask(`set disabled_optimizers = 'filter_pushdown,statistics_propagation'`)
    expect(found).toEqual(await ask(`select ${list} from held`))
  })
})

describe('hyparquet, which skips pages by their index', () => {
  const operators: Readonly<Record<string, (value: Comparable, target: Comparable) => boolean>> = {
    $eq: (value, target) => value === target,
    $ne: (value, target) => value !== target,
    $gt: (value, target) => value !== null && value > target!,
    $gte: (value, target) => value !== null && value >= target!,
    $lt: (value, target) => value !== null && value < target!,
    $lte: (value, target) => value !== null && value <= target!,
  }
  type Comparable = null | number | bigint | string | boolean

  const same = <T>(value: T): T => value
  const parsers = {
    timestampFromMicroseconds: same,
    dateFromDays: same,
    stringFromBytes: (bytes?: Uint8Array) => bytes && Buffer.from(bytes).toString('utf8'),
  } as never

  let read: Record<string, Comparable>[]

  beforeAll(async () => {
    read = await parquetReadObjects({ file: asyncBuffer(), compressors, parsers })
    expect(read).toHaveLength(rows)
  })

  /** Rows that it would read to find those that match. */
  async function rowsSought(pruningFilter: ParquetQueryFilter): Promise<Set<number>> {
    const { ranges } = await parquetScan({ file: asyncBuffer(), compressors, parsers, pruningFilter })
    return new Set(
      ranges.flatMap(({ rowStart, rowEnd }) =>
        Array.from({ length: rowEnd - rowStart }, (_, at) => rowStart + at),
      ),
    )
  }

  function asyncBuffer(): AsyncBuffer {
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length)
    return { byteLength: bytes.byteLength, slice: (from, to) => bytes.slice(from, to) }
  }

  test.each(Object.keys(clusteredTable(0, 0).columns).filter((name) => !/_list$|^bytea/.test(name)))(
    'seeks %s wherever it is, and not everywhere',
    async (name) => {
      const random = randomFrom(2)
      const values = read.map((row) => row[name] ?? null)
      const there = values.filter((value) => value !== null)
      const targets = [there[0]!, random.pick(there)]
      let sought = 0
      for (const target of targets) {
        for (const [operator, matches] of Object.entries(operators)) {
          const found = await rowsSought({ [name]: { [operator]: target } } as ParquetQueryFilter)
          const missed = values.flatMap((value, row) =>
            matches(value, target) && !found.has(row) ? [row] : [],
          )
          expect({ operator, target, missed }).toEqual({ operator, target, missed: [] })
          if (operator === '$eq') sought += found.size
        }
        const outside = await rowsSought({ [name]: { $nin: [target] } } as ParquetQueryFilter)
        expect(values.every((value, row) => value === target || outside.has(row))).toBe(true)
      }
      const everywhere = /^zeros/.test(name)
      if (everywhere) expect(sought).toBe(targets.length * rows)
      else expect(sought).toBeLessThan(targets.length * rows)
    },
  )
})
