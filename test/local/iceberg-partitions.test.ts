/** Partitions of Iceberg tables in the stand-in: which files a query opens, and what it believes without opening any. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import type { DataFile } from '../../lib/iceberg/data-file.ts'
import { columns, epochDays, events, rowsOf } from '../iceberg/events.ts'
import { randomFrom } from '../support/random.ts'
import { type IcebergTarget, openIcebergTarget } from './iceberg-target.ts'

setDefaultTimeout(300_000)

let target: IcebergTarget
beforeAll(async () => {
  target = await openIcebergTarget()
})
afterAll(() => target.close())

const { id, created_at, local_at, born, kind, n } = columns
const narrow: TableDeclaration = { ...events, columns: { id, created_at, local_at, born, kind, n } }
const first = epochDays + 9556
const rowsFor = (day: number | null, count: number, seed: number) =>
  rowsOf(day, count, seed).map((row) => row.slice(0, 6))
const moment = (day: number, rest = '00:00:00') =>
  `timestamp '${new Date(day * 86_400_000).toISOString().slice(0, 10)} ${rest} UTC'`

async function remove(path: string): Promise<void> {
  await target.s3.send(
    new DeleteObjectCommand({ Bucket: target.bucket, Key: path.slice(`s3://${target.bucket}/`.length) }),
  )
}

async function pathsOf({ name }: { readonly name: string }): Promise<string[]> {
  return (await target.query(`select file_path from "${name}$files" order by lower_bounds[1]`)).map(
    ([path]) => path!,
  )
}

describe('a table by days', () => {
  test('is read without the files of days that cannot match', async () => {
    const table = await target.newTable(narrow)
    await table.replace(
      'all',
      [0, 1, 2, null].map((day, at) => rowsFor(day === null ? null : first + day, 10 + at, at + 1)),
    )
    await target.publish(table)
    const [, second = '', , dateless = ''] = await pathsOf(table)
    await remove(second)
    const count = async (where: string) =>
      (await target.query(`select count(id) from ${table.name} where ${where}`))[0]?.[0]
    for (const [where, rows] of [
      [`created_at < ${moment(first, '12:00:00')}`, undefined],
      [`created_at >= ${moment(first)} and created_at < ${moment(first + 1)}`, '10'],
      [`created_at >= ${moment(first + 2)}`, '12'],
      [`${moment(first + 2)} <= created_at`, '12'],
      [`created_at between ${moment(first + 2)} and ${moment(first + 5)}`, '12'],
      [`created_at in (${moment(first)}, ${moment(first + 2)})`, '2'],
      [`cast(created_at as date) = date '2026-03-01'`, '10'],
      [`date_trunc('day', created_at) = ${moment(first + 2)}`, '12'],
      ['created_at is null', '13'],
      [`created_at is null or created_at < ${moment(first + 1)}`, '23'],
      [`created_at < ${moment(first + 1)} and n is not null`, '10'],
    ] as const) {
      const found = await count(where)
      expect([where, found]).toEqual([where, rows ?? expect.any(String)])
    }
    for (const where of [
      `created_at < ${moment(first + 1, '00:00:01')}`,
      'created_at is not null',
      `n = 1 or created_at is null`,
      `created_at <> ${moment(first)}`,
    ]) {
      expect(await target.failure(`select count(id) from ${table.name} where ${where}`)).toMatch(
        /^ICEBERG_CANNOT_OPEN_SPLIT/,
      )
    }
    // Neither is a file opened that has rows of the one half of a join alone.
    const join = `select count(a.id) from ${table.name} a, ${table.name} b where a.id = b.id and a.created_at is null and b.created_at is null`
    expect(await target.query(join)).toEqual([['13']])
    await remove(dateless)
    expect(await target.failure(join)).toMatch(/^ICEBERG_CANNOT_OPEN_SPLIT/)
  })

  test('is counted by manifests where whole days are wanted, and by files where parts of them are', async () => {
    const table = await target.newTable(narrow)
    const more = (file: DataFile) => ({ ...file, rows: file.rows + 5 })
    await table.replace('all', [rowsFor(first, 10, 1), rowsFor(first + 1, 10, 2), rowsFor(null, 10, 3)], {
      alter: more,
    })
    await target.publish(table)
    const count = async (where: string, what = '*') =>
      (await target.query(`select count(${what}) from ${table.name} where ${where}`))[0]?.[0]
    const day = `created_at >= ${moment(first)} and created_at < ${moment(first + 1)}`
    expect(await count(day)).toBe('15')
    expect(await count(day, 'id')).toBe('10')
    expect(await count(`${day} and created_at >= ${moment(first, '00:00:01')}`)).toBe('9')
    expect(await count('created_at is null')).toBe('15')
    expect(await count(`(${day}) or created_at is null`)).toBe('30')
    expect(await count(`${day} and n is not null`)).toBe('10')
  })
})

describe('a table by values', () => {
  test('has the value that its manifest says, whatever the file holds', async () => {
    const table = await target.newTable({
      ...narrow,
      partitionBy: [{ column: 'kind', transform: 'identity' }],
    })
    const rows = (value: string, count: number, seed: number) =>
      rowsFor(first, count, seed).map((row) => row.with(4, value))
    const claim = (file: DataFile) => (file.rows === 3 ? { ...file, partition: ["cli'ck"], rows: 4 } : file)
    await table.replace('all', [rows('view', 3, 1), rows('größe', 5, 2)], { alter: claim })
    await target.publish(table)
    const { name } = table
    const grouped = (what: string) => `select kind, ${what} from ${name} group by kind order by kind`
    expect(await target.query(grouped('count(*)'))).toEqual([
      ["cli'ck", '4'],
      ['größe', '5'],
    ])
    expect(await target.query(grouped('count(id)'))).toEqual([
      ["cli'ck", '3'],
      ['größe', '5'],
    ])
    expect(await target.query(`select count(*), count(kind) from ${name} where kind = 'cli''ck'`)).toEqual([
      ['4', '4'],
    ])
    expect(await target.query(`select count(id) from ${name} where kind = 'view'`)).toEqual([['0']])
    // A plan breaks such a text into lines that look like conditions.
    expect(await target.query(`select count(id) from ${name} where kind <> 'a\nkind is null\nb'`)).toEqual([
      ['8'],
    ])
  })
})

test('no partition is left out that has rows wanted, whatever the condition', async () => {
  const random = randomFrom(7)
  const declarations: TableDeclaration['partitionBy'][] = [
    [{ column: 'created_at', transform: 'day' }],
    [{ column: 'local_at', transform: 'month' }],
    [{ column: 'born', transform: 'year' }],
    [{ column: 'id', transform: 'truncate[7]' }],
    [
      { column: 'kind', transform: 'identity' },
      { column: 'n', transform: 'truncate[500000000]' },
    ],
  ]
  for (const partitionBy of declarations) {
    const table = await target.newTable({ ...narrow, partitionBy })
    const keyOf = (row: readonly unknown[]) => {
      const [number, at, local, date, word, integer] = row as [bigint, bigint, bigint, number, string, number]
      const days = (micros: bigint) => Math.floor(Number(micros) / 86_400_000_000)
      const dateOf = (value: number) => new Date((value + epochDays) * 86_400_000).toISOString()
      switch (partitionBy[0]?.column) {
        case 'created_at':
          return at === null ? 'null' : days(at)
        case 'local_at':
          return dateOf(days(local)).slice(0, -17)
        case 'born':
          return date === null ? 'null' : dateOf(date).slice(0, -20)
        case 'id':
          return Number(number / 7n)
        default:
          return `${word} ${Math.floor(integer / 500_000_000)}`
      }
    }
    const rows = [first - 1, first, first + 1, null]
      .flatMap((day, at) => rowsFor(day, 6, at))
      .map((row) => row.with(5, Number(row[5]) >> 1))
    await table.replace('all', [...Map.groupBy(rows, keyOf).values()])
    await target.publish(table)
    const comparison = () => random.pick(['=', '<', '<=', '>', '>=', '<>'])
    const number = () => random.integer(4) * 1_000_000 + random.integer(6)
    const date = () =>
      moment(first + random.integer(4) - 1, random.pick(['00:00:00', '23:59:59.999999', '07:00:00']))
    const leaf = (): string =>
      random.pick([
        () => `created_at ${comparison()} ${date()}`,
        () =>
          `local_at ${comparison()} timestamp '20${10 + random.integer(10)}-0${1 + random.integer(9)}-01 00:00:00'`,
        () => `born ${comparison()} date '${1900 + random.integer(200)}-01-01'`,
        () => `id ${comparison()} ${number()}`,
        () => `id in (${number()}, ${number()}, ${number()})`,
        () => `id between ${number()} and ${number()}`,
        () => `kind ${comparison()} '${random.pick(['click', 'view', 'größe', 'x'])}'`,
        () => `n ${comparison()} ${random.integer(2 ** 31) - 2 ** 30}`,
        () => `${random.pick(['created_at', 'born', 'kind'])} is ${random.pick(['', 'not '])}null`,
        () => `cast(created_at as date) ${comparison()} date '2026-03-0${1 + random.integer(3)}'`,
      ])()
    const condition = (depth: number): string =>
      depth === 0 || random() < 0.3
        ? leaf()
        : `${random.pick(['', '', 'not '])}(${condition(depth - 1)} ${random.pick(['and', 'or'])} ${condition(depth - 1)})`
    const conditions = Array.from({ length: 6 }, () => condition(2))
    // A condition on nothing that a plan hands down.
    const [whole = []] = await target.query(
      `select ${conditions.flatMap((where) => [`count(*) filter (where ${where})`, `sum(id) filter (where ${where})`]).join(', ')} from ${table.name}`,
    )
    for (const [at, where] of conditions.entries()) {
      const [rows, sum] = whole.slice(2 * at)
      const from = `from ${table.name} where ${where}`
      const found = [
        await target.query(`select count(*), sum(id) ${from}`),
        await target.query(`select count(*) ${from}`),
      ]
      expect([partitionBy, where, found]).toEqual([partitionBy, where, [[[rows!, sum!]], [[rows!]]]])
    }
  }
})
