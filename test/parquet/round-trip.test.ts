import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { ParquetEnvelopeReader, ParquetReader } from 'parquetjs-lite'
import { type Codec, codecs } from '../../lib/parquet/compression.ts'
import * as t from '../../lib/table.ts'
import { metadataOf, writeParquet } from '../support/parquet.ts'
import { randomFrom } from '../support/random.ts'
import { readers } from '../support/readers.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { isList, type Scalar, type Value } from '../support/wire.ts'

setDefaultTimeout(300_000)

const postgresEpoch = 946_684_800_000_000n
const characters = ['a', 'ß', '€', '🧛', ' ', '\n', '"', '\\', '𝔘']

type Make = (random: ReturnType<typeof randomFrom>) => Exclude<Scalar, null>

const decimal =
  (precision: number, scale: number): Make =>
  (random) => {
    const digits = Array.from({ length: 1 + random.integer(precision) }, () => random.integer(10)).join('')
    const padded = digits.padStart(scale + 1, '0')
    return `${random.pick(['', '-'])}${scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`}`
  }

/** Every native type, with values from its whole range and, so that dictionaries come into play, from a few. */
const kinds: Readonly<Record<string, { column: t.Column; make: Make }>> = {
  int2: { column: t.smallint, make: (r) => r.integer(65_536) - 32_768 },
  int4: { column: t.integer, make: (r) => r.pick([-(2 ** 31), 2 ** 31 - 1, 0, r.integer(2 ** 31)]) },
  few: { column: t.integer, make: (r) => r.integer(5) },
  int8: {
    column: t.bigint,
    make: (r) => r.pick([-(2n ** 63n), 2n ** 63n - 1n, 0n, BigInt(r.integer(2 ** 31)) * 4_294_967_297n]),
  },
  serial: { column: t.bigint, make: (r) => BigInt(r.integer(2 ** 40)) - 2n ** 39n },
  dec9: { column: t.numeric(9, 2), make: decimal(9, 2) },
  dec18: { column: t.numeric(18, 6), make: decimal(18, 6) },
  dec38: { column: t.numeric(38, 10), make: decimal(38, 10) },
  dec20: { column: t.numeric(20, 0), make: decimal(20, 0) },
  bool: { column: t.boolean, make: (r) => r.integer(2) === 1 },
  text: {
    column: t.text,
    make: (r) => Array.from({ length: r.pick([0, 1, 5, 60, 300]) }, () => r.pick(characters)).join(''),
  },
  word: { column: t.text, make: (r) => r.pick(['USD', 'EUR', 'GBP', '']) },
  uuid: {
    column: t.uuid,
    make: (r) =>
      Array.from({ length: 32 }, () => r.integer(16).toString(16))
        .join('')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  },
  jsonb: { column: t.jsonb, make: (r) => `{"a": ${r.integer(1000)}}` },
  bytea: {
    column: t.bytea,
    make: (r) => Buffer.from(Array.from({ length: r.integer(20) }, () => r.integer(256))),
  },
  date: { column: t.date, make: (r) => r.integer(40_000) - 20_000 },
  timestamp: {
    column: t.timestamp,
    make: (r) =>
      r.pick([-62_135_596_800_000_000n - postgresEpoch, 0n, BigInt(r.integer(2 ** 31)) * 500_003n]),
  },
  timestamptz: { column: t.timestamptz, make: (r) => BigInt(r.integer(2 ** 31)) * 1_000_003n - 10n ** 15n },
  float4: { column: t.real, make: (r) => Math.fround(r.pick([0, 1.5, -3.25e-20, r() * 1e10])) },
  float8: { column: t.doublePrecision, make: (r) => r.pick([0, Number.MIN_VALUE, -1e300, r() - 0.5]) },
}

/** What the value is in the words all readers are brought to. */
function words(kind: string, value: Value): string | null {
  if (value === null) return null
  if (isList(value)) return JSON.stringify(value.map((element) => words(kind, element)))
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  const { values, parquet } = kinds[kind]!.column
  if (values.kind === 'date') return String(Number(value) + 10_957)
  if (values.kind === 'timestamp') return String(BigInt(value as bigint) + postgresEpoch)
  if (parquet.logical.kind === 'decimal')
    return String(value)
      .replace(/^(-?)0+(?=\d)/, '$1')
      .replace(/^-(0(?:\.0+)?)$/, '$1')
  return String(value)
}

const nullPatterns: Readonly<
  Record<string, (row: number, random: ReturnType<typeof randomFrom>) => boolean>
> = {
  none: () => false,
  all: () => true,
  'every other': (row) => row % 2 === 0,
  'in runs': (row) => row % 100 < 37,
  'at random': (_, random) => random() < 0.3,
  'only the first': (row) => row === 0,
}

function data(
  rows: number,
  nulls: string,
  seed: number,
): { columns: Record<string, t.Column>; rows: Value[][] } {
  const random = randomFrom(seed)
  const columns: Record<string, t.Column> = {}
  for (const [name, { column }] of Object.entries(kinds)) {
    columns[name] = t.nullable(column)
    columns[`${name}_required`] = column
    columns[`${name}_list`] = t.nullable(t.array(column))
    columns[`${name}_list_required`] = t.array(column)
  }
  const isNull = nullPatterns[nulls]!
  const made = Array.from({ length: rows }, (_, row) =>
    Object.values(kinds).flatMap(({ make }) => {
      const list = (): Scalar[] =>
        Array.from({ length: random.pick([0, 1, 2, 9]) }, () => (isNull(row, random) ? null : make(random)))
      return [
        isNull(row, random) ? null : make(random),
        make(random),
        isNull(row, random) ? null : list(),
        list(),
      ]
    }),
  )
  return { columns, rows: made }
}

function expected({ columns, rows }: ReturnType<typeof data>): Record<string, (string | null)[]> {
  return Object.fromEntries(
    Object.keys(columns).map((name, at) => [
      name,
      rows.map((row) => words(name.replace(/_.*/, ''), row[at] ?? null)),
    ]),
  )
}

describe.each(Object.keys(nullPatterns))('what is written where nulls are %s', (nulls) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let made: ReturnType<typeof data>
  let path: string
  let wanted: ReturnType<typeof expected>

  beforeAll(async () => {
    folder = await temporaryFolder()
    made = data(600, nulls, 7)
    wanted = expected(made)
    path = join(folder.path, 'test.parquet')
    const { file } = await writeParquet(made.columns, made.rows, { pageBytes: 4096, rowGroupBytes: 300_000 })
    await Bun.write(path, file)
  })

  afterAll(() => folder?.[Symbol.asyncDispose]())

  for (const [reader, read] of Object.entries(readers)) {
    test(`is read back equal by ${reader}`, async () => {
      expect(await read(path, made.columns)).toEqual(wanted)
    })
  }
})

describe('what is written', () => {
  const borders = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 130, 503, 504, 505, 513]
  test.each<[string, readonly Codec[], readonly number[]]>([
    ['sizes around the borders of pages, row groups and runs', ['none'], borders],
    // A codec sees pages, whatever rows they end with: some, none at all, and several row groups of them.
    ['every codec', codecs.filter((codec) => codec !== 'none'), [0, 9, 505]],
  ])('is read back equal for %s', async (_, codecs, counts) => {
    await using folder = await temporaryFolder()
    for (const codec of codecs) {
      for (const count of counts) {
        const made = data(count, 'at random', count)
        const { file, rows } = await writeParquet(made.columns, made.rows, {
          codec,
          batchBytes: 2048,
          pageBytes: 512,
          rowGroupRows: 128,
        })
        expect(rows).toBe(count)
        const path = join(folder.path, `${codec}-${count}.parquet`)
        await Bun.write(path, file)
        const wanted = expected(made)
        for (const read of Object.values(readers)) expect(await read(path, made.columns)).toEqual(wanted)
      }
    }
  })

  test('has row groups and pages of the sizes asked for, and counts that add up', async () => {
    const columns = { id: t.integer, body: t.text }
    const rows: Value[][] = Array.from({ length: 20_000 }, (_, i) => [i * 7919, `${i} ${'x'.repeat(i % 90)}`])
    const { file, rowGroups } = await writeParquet(columns, rows, {
      batchBytes: 8192,
      pageBytes: 16_384,
      rowGroupBytes: 200_000,
    })
    const metadata = metadataOf(file)
    expect(metadata.row_groups).toHaveLength(rowGroups)
    expect(metadata.num_rows).toBe(20_000n)
    expect(metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n)).toBe(20_000n)
    for (const group of metadata.row_groups.slice(0, -1)) {
      expect(Number(group.total_byte_size)).toBeWithin(100_000, 300_000)
      for (const { meta_data } of group.columns) expect(meta_data?.num_values).toBe(group.num_rows)
    }
  })

  test('has a footer and schema that parquetjs-lite reads', async () => {
    const made = data(100, 'at random', 1)
    const { file } = await writeParquet(made.columns, made.rows)
    const envelope = await ParquetEnvelopeReader.openBuffer(file)
    const footer = await envelope.readFooter()
    expect(Number(footer.num_rows)).toBe(100)
    const fields = footer.schema.slice(1).filter(({ name }) => name in made.columns)
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(made.columns))

    // Its schema knows no DECIMAL.
    const columns = { id: t.integer, name: t.nullable(t.text), on: t.date, at: t.timestamptz }
    const reader = await ParquetReader.openBuffer((await writeParquet(columns, [[1, 'a', 0, 0n]])).file)
    expect(Object.keys(reader.schema.fields)).toEqual(Object.keys(columns))
    await reader.close()
  })
})
