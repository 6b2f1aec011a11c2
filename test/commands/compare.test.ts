/** `bun run compare`: another pipeline's table beside ours, with differences of each kind, in Athena of the stand-in. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join, relative } from 'node:path'
import { CreatePartitionCommand, CreateTableCommand, GetTableCommand } from '@aws-sdk/client-glue'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { runQuery } from '../../lib/aws/athena.ts'
import { ensureDatabase } from '../../lib/aws/glue.ts'
import { formOf } from '../../lib/commands/compare/form.ts'
import { keyNames } from '../../lib/commands/compare/key.ts'
import { difference } from '../../lib/commands/compare/rows.ts'
import * as vocabulary from '../../lib/table.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(300_000)

const command = 'lib/commands/compare.ts'
const hashing = { DRACULA_HASH_KEY: '0123456789abcdef'.repeat(2) }
const root = join(import.meta.dir, '../..')

let lake: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let duck: DuckDBInstance

const columns = `{
  id: bigint, code: text, amount: nullable(numeric(14, 2)), rate: nullable(doublePrecision), paid: boolean,
  placed_on: date, created_at: timestamptz, note: nullable(text), tags: nullable(array(integer)), email: hashed(text),
}`

/** Columns that not every table of theirs has. */
const untold = 'paid,created_at,note,tags,email'

/** A script that only declares. */
async function writeScript(name: string, more = ''): Promise<void> {
  const vocabulary =
    'array, bigint, boolean, date, doublePrecision, hashed, integer, nullable, numeric, table, text, timestamptz'
  await Bun.write(
    join(folder.path, `${name}.ts`),
    `import { run } from ${JSON.stringify(join(root, 'lib/run.ts'))}
import { ${vocabulary} } from ${JSON.stringify(join(root, 'lib/table.ts'))}
const declared = table({ name: '${name}', from: 'orders', columns: ${columns}, ${more} })
export default declared
if (import.meta.main) await run(declared)
`,
  )
}

async function load(name: string): Promise<void> {
  const path = relative(root, join(folder.path, `${name}.ts`))
  const { exit, message } = await lake.run(path, ['--catalog', 'declared'], hashing)
  expect([exit, message]).toEqual([0, expect.any(String)])
}

/** What DuckDB writes of a SELECT, as an object. */
async function putParquet(key: string, select: string): Promise<void> {
  const path = join(folder.path, `${key.replaceAll('/', '-')}`)
  const connection = await duck.connect()
  await connection.run(`set TimeZone = 'UTC'; copy (${select}) to '${path}' (format parquet)`)
  connection.closeSync()
  await lake.aws.s3.send(
    new PutObjectCommand({ Bucket: 'lake', Key: key, Body: await Bun.file(path).bytes() }),
  )
}

/** The same as a table of the database `legacy`. @param keys of partitions, which it has none of yet */
async function writeTheirs(
  name: string,
  select: string,
  types: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>> = {},
): Promise<void> {
  const columns = (of: typeof types) => Object.entries(of).map(([Name, Type]) => ({ Name, Type }))
  await putParquet(`legacy/${name}/part.parquet`, select)
  await lake.aws.glue.send(
    new CreateTableCommand({
      DatabaseName: 'legacy',
      TableInput: {
        Name: name,
        TableType: 'EXTERNAL_TABLE',
        PartitionKeys: columns(keys),
        StorageDescriptor: {
          Columns: columns(types),
          Location: `s3://lake/legacy/${name}/`,
          InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    }),
  )
}

const flags = (name: string, ...more: string[]) => [
  'orders',
  '--with',
  `legacy.${name}`,
  '--scripts',
  folder.path,
  ...more,
]

async function compare(name: string, ...more: string[]) {
  const { exit, stdout, message } = await lake.run(command, flags(name, ...more))
  return { exit, message, json: JSON.parse(stdout) }
}

/** What a person sees. */
async function screen(name: string, ...more: string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, join(root, command), ...flags(name, ...more)], {
    env: lake.env,
    stdout: 'pipe',
    stderr: 'ignore',
  })
  return await child.stdout.text()
}

/** To the second. */
async function snapshotOf(table: string): Promise<string> {
  const { snapshotAt = '' } = (await lake.readersSee(table)) ?? {}
  return `${snapshotAt.slice(0, 19).replace('T', ' ')}Z`
}

/** Ours, as another pipeline would have them: five rows. */
const values = `(values
  (1, '7', 1.50, 0.5, true, date '2026-01-01', timestamp '2026-01-01 10:00:00.123456', 'a', [1, 2]),
  (2, '8', 2.25, 'nan', false, date '2026-01-02', timestamp '2026-01-02 10:00:00', 'b ', null),
  (3, '9', null, -0.0, true, date '2026-01-03', timestamp '2026-01-03 10:00:00', null, [null]),
  (4, '10', -4.10, null, false, date '2026-01-04', timestamp '2026-01-04 10:00:00', 'é', []),
  (5, '11', 999999999999.99, 1e300, true, date '2026-01-05', timestamp '2026-01-05 10:00:00', '', [5])
) v(id, code, amount, rate, paid, placed_on, created_at, note, tags)`

beforeAll(async () => {
  ;[lake, folder, duck] = await Promise.all([
    openStandIn({}),
    temporaryFolder(),
    DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' }),
  ])
  await lake.sql.unsafe(`
    create table orders (id bigint primary key, code text not null, amount numeric(14, 2), rate double precision,
      paid boolean not null, placed_on date not null, created_at timestamptz not null, note text, tags integer[],
      email text not null);
    insert into orders values
      (1, '7', 1.50, 0.5, true, '2026-01-01', '2026-01-01 10:00:00.123456Z', 'a', '{1,2}', 'a@example.com'),
      (2, '8', 2.25, 'nan', false, '2026-01-02', '2026-01-02 10:00:00Z', 'b ', null, 'b@example.com'),
      (3, '9', null, 0, true, '2026-01-03', '2026-01-03 10:00:00Z', null, '{null}', 'c@example.com'),
      (4, '10', -4.10, null, false, '2026-01-04', '2026-01-04 10:00:00Z', 'é', '{}', 'd@example.com'),
      (5, '11', 999999999999.99, 1e300, true, '2026-01-05', '2026-01-05 10:00:00Z', '', '{5}', 'e@example.com')`)
  await ensureDatabase(lake.aws, 'legacy')
  await writeScript('orders', `expect: { unique: ['id'] }`)
  await load('orders')
})
afterEach(() => lake.faults.clear())
afterAll(async () => {
  await lake?.close()
  duck?.closeSync()
  await folder?.[Symbol.asyncDispose]()
})

describe('bun run compare', () => {
  test('finds two tables the same whose types and names differ, and says how it has compared them', async () => {
    await writeTheirs(
      'equal',
      `select id::varchar as "ID", code::integer as code, amount::double as amount, rate, paid::integer as "isPaid",
         placed_on::timestamp as placedon, strftime(created_at, '%Y-%m-%dT%H:%M:%S.%fZ') as created_at, note, tags
       from ${values}`,
      {
        id: 'string',
        code: 'int',
        amount: 'double',
        rate: 'double',
        ispaid: 'int',
        placedon: 'timestamp',
        created_at: 'string',
        note: 'string',
        tags: 'array<int>',
      },
    )
    const { exit, message, json } = await compare('equal', '--map', 'paid=isPaid', '--ignore', 'email')
    expect([exit, json.differences]).toEqual([0, []])
    expect(json.rows).toMatchObject({ same_key: 5, differing: 0 })
    expect(message).toStartWith(
      'compare: orders and legacy.equal are the same, but for what was left out: email · ',
    )
    const told = [...json.key, ...json.columns].map(
      ({ column, compared }: { column: string; compared: string }) => [column, compared],
    )
    expect(Object.fromEntries(told)).toEqual({
      id: 'as text',
      code: 'as text',
      amount: 'rounded to 2 decimals',
      rate: null,
      paid: 'true is 1, false is 0',
      placed_on: 'a date is its midnight',
      created_at: 'text read as a timestamp of UTC',
      note: null,
      tags: 'as JSON',
    })
  })

  test('tells each difference with its rows, the first keys and both values', async () => {
    await writeTheirs(
      'different',
      `select case id when 5 then 6 else id end as id, code, case id when 1 then 1.51 else amount end::double as amount,
         case id when 2 then null when 4 then 'nan' else rate end as rate, paid, placed_on, created_at + interval 1 millisecond as created_at,
         case id when 2 then 'b' when 3 then '' when 4 then 'e' || chr(769) else note end as note, tags, 'plain@example.com' as email, 1 as _batch
       from ${values}`,
      {
        id: 'bigint',
        code: 'string',
        amount: 'double',
        rate: 'double',
        paid: 'boolean',
        placed_on: 'date',
        created_at: 'timestamp',
        note: 'string',
        tags: 'array<int>',
        email: 'string',
        _batch: 'int',
      },
    )
    const { exit, json } = await compare('different')
    expect(exit).toBe(4)
    expect(json.differences).toEqual([
      '1 row only in ours',
      '1 row only in theirs',
      '4 rows of the same key with other values',
      'columns only in theirs: _batch',
    ])
    const text = (await screen('different', '--examples', '3')).split('\n')
    expect(text.slice(0, 2)).toEqual([
      `orders and legacy.different differ: ${json.differences.join('; ')}`,
      `ours is lake.orders, load ${json.load} of ${await snapshotOf('orders')}`,
    ])
    expect(text.slice(3, -3).join('\n')).toEqual(`\
  column       ours            theirs      compared                              rows differ
  id           bigint          bigint      as it is                                  the key
  code         varchar         varchar     as it is                                        0
  amount       decimal(14,2)   double      rounded to 2 decimals                           1
  rate         double          double      as it is                                        2
  paid         boolean         boolean     as it is                                        0
  placed_on    date            date        as it is                                        0
  created_at   timestamp       timestamp   as it is                                        4
  note         varchar         varchar     as it is                                        3
  tags         array           array       as JSON                                         0
  email        varchar         varchar     as it is, hashed in ours, not shown             4
  _batch       –               integer     not at all

                                                         ours                    theirs
  rows                                                      5                         5
  rows that the other does not have                         1                         1
  amount, sum                                 999999999999.64           999999999999.65
  created_at, least                   2026-01-01 10:00:00.123   2026-01-01 10:00:00.124
  created_at, greatest                    2026-01-05 10:00:00   2026-01-05 10:00:00.001
  note, not null                                            4                         5

only in ours (id)
  5

only in theirs (id)
  6

amount, in 1 row
  id   ours   theirs
  1    1.50   1.51

rate, in 2 rows
  id   ours   theirs
  2    nan    null
  4    null   nan

created_at, in 4 rows
  id   ours                      theirs
  1    2026-01-01 10:00:00.123   2026-01-01 10:00:00.124
  2    2026-01-02 10:00:00       2026-01-02 10:00:00.001
  3    2026-01-03 10:00:00       2026-01-03 10:00:00.001

note, in 3 rows
  id   ours       theirs
  2    "b "       b
  3    null       ""
  4    "\\u00e9"   "e\\u0301"

email, in 4 rows
  id
  1
  2
  3`)
    expect(text.at(-2)).toMatch(/^7 queries, [\d.]+ kB scanned, about \$0\.00035$/)
  })

  test('compares no rows where keys are repeated, and says which, nor those without a key', async () => {
    await writeTheirs(
      'repeated',
      `select case when id < 3 then 1 when id < 5 then null else id end as id, code from ${values} union all select 5, '5'`,
      { id: 'bigint', code: 'string' },
    )
    const { exit, json } = await compare('repeated', '--ignore', `${untold},amount,rate,placed_on`)
    expect(exit).toBe(4)
    expect(json).toMatchObject({
      equal: false,
      rows: null,
      keys: {
        ours: { rows: 5, without_key: 0, repeated_keys: 0 },
        theirs: { rows: 6, without_key: 2, repeated_keys: 2, rows_of_these: 4, examples: [['1'], ['5']] },
      },
      differences: [
        '2 keys of theirs are those of several rows, so rows were not compared',
        '2 rows of theirs have no whole key',
      ],
    })
    const composite = await compare(
      'repeated',
      '--key',
      'id,code',
      '--ignore',
      `${untold},amount,rate,placed_on`,
    )
    expect(composite.json).toMatchObject({
      rows: {
        same_key: 2,
        only_ours: {
          rows: 3,
          examples: [
            ['2', '8'],
            ['3', '9'],
            ['4', '10'],
          ],
        },
        only_theirs: {
          rows: 2,
          examples: [
            ['1', '8'],
            ['5', '5'],
          ],
        },
      },
      differences: ['2 rows of theirs have no whole key', '3 rows only in ours', '2 rows only in theirs'],
    })
  })

  test('compares what it is told to, as exactly as it is told to', async () => {
    await writeTheirs(
      'late',
      `select id, code, amount::double + 0.004 as amount, rate, placed_on, 9 as dt from ${values}
       union all select 6, '6', 1, 1, date '2026-02-01', 9`,
      { id: 'bigint', code: 'string', amount: 'double', rate: 'double', placed_on: 'date', dt: 'int' },
    )
    const bounded = [
      '--ignore',
      `${untold},dt`,
      '--where',
      "placed_on < date '2026-02-01' -- then both were loaded",
    ]
    expect(await compare('late', ...bounded)).toMatchObject({
      exit: 0,
      message: expect.stringContaining(
        'are the same in the rows that were compared, but for what was left out: paid',
      ),
      json: { rows: { same_key: 5 }, where: { ours: bounded[3], theirs: bounded[3] } },
    })
    expect(await compare('late', '--ignore', `${untold},dt`)).toMatchObject({
      exit: 4,
      json: { differences: ['1 row only in theirs'] },
    })
    // What is not bounded by the words of both has words of its own.
    const own = await compare('late', ...bounded, '--where-theirs', 'dt = 9 and id <> 6', '--no-values')
    expect(own).toMatchObject({ exit: 0, json: { where: { theirs: 'dt = 9 and id <> 6' } } })

    await writeTheirs('off', `select id, amount + 0.01 as amount from ${values}`, {
      id: 'bigint',
      amount: 'decimal(16,2)',
    })
    const only = ['--ignore', `${untold},code,rate,placed_on`]
    expect(await compare('off', ...only)).toMatchObject({
      exit: 4,
      json: { differences: ['4 rows of the same key with other values'], tolerance: null },
    })
    expect(await compare('off', ...only, '--tolerance', '0.009')).toMatchObject({ exit: 4 })
    expect(await compare('off', ...only, '--tolerance', '0.01')).toMatchObject({
      exit: 0,
      json: { tolerance: '0.01' },
    })
  })

  test('compares whole rows where there is no key, each as often as it is there', async () => {
    const select = `select id, code, case id when 3 then 0 else amount end as amount, rate from ${values}`
    await writeTheirs('twice', `${select} union all ${select} where id = 1`, {
      id: 'bigint',
      code: 'string',
      amount: 'decimal(16,3)',
      rate: 'double',
    })
    const { exit, json } = await compare('twice', '--key', '*', '--ignore', `${untold},placed_on`)
    expect(exit).toBe(4)
    expect(json).toMatchObject({
      key: [],
      rows: {
        same_key: 4,
        only_ours: { rows: 1, examples: [['3', '9', null, '0.0']] },
        only_theirs: {
          rows: 2,
          examples: [
            ['1', '7', '1.500', '0.5'],
            ['3', '9', '0.000', '0.0'],
          ],
        },
      },
      differences: ['1 row only in ours', '2 rows only in theirs'],
    })
    expect(await compare('different', '--key', '*', '--ignore', '_batch')).toMatchObject({
      exit: 4,
      json: { rows: { same_key: 0, only_ours: { rows: 5 } } },
    })
    // A text that is no number is not like null.
    await writeTheirs('unread', `select id, coalesce(amount::varchar, 'n/a') as amount from ${values}`, {
      id: 'bigint',
      amount: 'string',
    })
    expect(await compare('unread', '--key', '*', '--ignore', `${untold},code,rate,placed_on`)).toMatchObject({
      exit: 4,
      json: { rows: { same_key: 4, only_ours: { rows: 1 }, only_theirs: { rows: 1 } } },
    })
    const equal = await compare('equal', '--key', '*', '--map', 'paid=ispaid', '--ignore', 'email')
    expect(equal).toMatchObject({ exit: 0, json: { rows: { same_key: 5 } } })
  })

  test('shows no value where it is told not to, and none that is hidden ever', async () => {
    const { exit, stdout, stderr } = await lake.run(command, flags('different', '--no-values'))
    expect(exit).toBe(4)
    const plain = await screen('different')
    for (const text of [stdout + stderr, plain]) expect(text).not.toContain('example.com')
    expect(JSON.parse(stdout)).toMatchObject({
      rows: { differing: 4, only_ours: { rows: 1, examples: [] } },
      columns: expect.arrayContaining([
        expect.objectContaining({
          column: 'amount',
          rows_differ: 1,
          examples: [],
          measures: { values: expect.anything() },
        }),
      ]),
    })
    expect(stdout).not.toContain('999999999999')
  })

  test('prints the queries in a dry run, and asks none of them', async () => {
    const before = lake.faults.log.length
    const { exit, json } = await compare('different', '--dry-run')
    expect(exit).toBe(0)
    const asked = lake.faults.log.slice(before).filter(({ operation }) => operation === 'StartQueryExecution')
    expect(asked.map(({ subject }) => subject).toSorted()).toEqual([
      expect.stringMatching(/^select \* from "lake"."orders" limit 0/),
      expect.stringMatching(/^select \* from "legacy"."different" limit 0/),
    ])
    expect(json.queries).toHaveLength(5)
    expect(await screen('different', '--dry-run')).toContain('full outer join t on o.k0 = t.k0;')
  })

  test('knows the microseconds of Iceberg tables, zones, and partitions of Hive', async () => {
    await writeScript('precise', `format: 'iceberg', expect: { unique: ['id'] }`)
    await load('precise')
    const with_ = (table: string) => ['precise', '--with', table, '--scripts', folder.path]
    const same = await lake.run(command, with_('lake.precise'))
    expect([same.exit, same.message]).toEqual([0, expect.stringContaining('are the same')])
    const plain = await lake.run(command, with_('lake.orders'))
    const moment = (column: { column: string }) => column.column === 'created_at'
    expect([plain.exit, JSON.parse(plain.stdout).columns.find(moment)]).toMatchObject([
      0,
      { type: 'timestamp with time zone', their_type: 'timestamp', compared: 'in UTC, to the millisecond' },
    ])
    await writeTheirs('parted', `select id from ${values}`, { id: 'bigint' }, { code: 'string' })
    for (const [id, code] of [
      [1, '7'],
      [2, '9'],
    ]) {
      await putParquet(`legacy/parted/code=${code}/part.parquet`, `select id from ${values} where id = ${id}`)
      const { Table } = await lake.aws.glue.send(
        new GetTableCommand({ DatabaseName: 'legacy', Name: 'parted' }),
      )
      const StorageDescriptor = {
        ...Table?.StorageDescriptor,
        Location: `s3://lake/legacy/parted/code=${code}/`,
      }
      const PartitionInput = { Values: [`${code}`], StorageDescriptor }
      await lake.aws.glue.send(
        new CreatePartitionCommand({ DatabaseName: 'legacy', TableName: 'parted', PartitionInput }),
      )
    }
    const parted = await compare('parted', '--where', 'id < 3', '--ignore', `${untold},amount,rate,placed_on`)
    expect(parted.json.columns).toMatchObject([
      { column: 'code', rows_differ: 1, examples: [{ key: ['2'], ours: '8', theirs: '9' }] },
    ])
    // The text has the microseconds, and the Iceberg table too.
    const text = await lake.run(command, [
      ...with_('legacy.equal'),
      '--map',
      'paid=ispaid',
      '--ignore',
      'email',
    ])
    expect([text.exit, text.message]).toEqual([0, expect.any(String)])
  })
})

describe('bun run compare refuses', () => {
  const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
    [['orders'], "required option '--with <database.table>' not specified"],
    [['orders', '--with', 'orders'], 'It is a Glue database and a table of it: legacy.orders.'],
    [['orders', '--with', 'a.b.c'], 'It is a Glue database and a table of it'],
    [['ordres', '--with', 'legacy.equal'], '"ordres": no script has that name'],
    [['unpublished', '--with', 'legacy.equal'], 'nothing of it is published in lake'],
    [['orders', '--with', 'legasy.equal'], 'there is no such database in the Glue catalog'],
    [['orders', '--with', 'legacy.eqaul'], 'the database has no such table, the nearest is "equal"'],
    [['orders', '--with', 'legacy.nothing'], 'no column is in both: theirs are foo'],
    [
      ['orders', '--with', 'legacy.equal', '--key', 'idd'],
      'no column of both has that name, the nearest is "id"',
    ],
    [['orders', '--with', 'legacy.equal', '--key', 'email'], 'theirs has no such column'],
    [['orders', '--with', 'legacy.equal', '--key', 'id,'], 'names of columns, with commas between them'],
    [
      ['orders', '--with', 'legacy.equal', '--ignore', 'emial'],
      'no column has that name, the nearest is "email"',
    ],
    [['orders', '--with', 'legacy.equal', '--ignore', 'id'], 'no column of both has that name'],
    [['orders', '--with', 'legacy.equal', '--map', 'paid'], 'It is ours=theirs.'],
    [['orders', '--with', 'legacy.equal', '--map', 'paid=paid'], '"--map paid": no column has that name'],
    [
      ['orders', '--with', 'legacy.equal', '--map', 'paid=ispaid', '--map', 'note=ispaid'],
      'No column is two others',
    ],
    [['orders', '--with', 'legacy.equal', '--where', 'idd > 1'], 'Athena does not take it for'],
    [['orders', '--with', 'legacy.equal', '--where', 'paid'], 'Athena does not take it for legacy.equal'],
    [['orders', '--with', 'legacy.equal', '--where', '1 = 1) limit 1 --'], 'Athena does not take it for'],
    [['orders', '--with', 'legacy.equal', '--where', "note = 'z'"], 'neither table has such a row'],
    [['orders', '--with', 'legacy.equal', '--tolerance', '-1'], 'It is a number such as 0.01'],
    [['orders', '--with', 'legacy.equal', '--tolerance', '1e-3'], 'It is a number such as 0.01'],
    [['orders', '--with', 'legacy.equal', '--examples', '1000'], 'It is a number from 0 to 100'],
    [['orders', '--with', 'legacy.equal', '--key', '*', '--tolerance', '1'], 'whole rows are told apart'],
    [
      ['orders', '--with', 'legacy.unlike', '--key', '*'],
      'no column that is in both has types whose values can be compared',
    ],
    [['orders', '--with', 'legacy.seen'], '"legacy.seen": Athena does not read it: NOT_SUPPORTED'],
    [['keyless', '--with', 'legacy.equal'], 'its script does not say what tells rows apart'],
  ]

  test('what it does not understand or cannot find, in one line', async () => {
    await writeTheirs('nothing', 'select 1 as foo', { foo: 'int' })
    await writeTheirs('unlike', 'select [1] as id', { id: 'array<int>' })
    const TableInput = { Name: 'seen', TableType: 'VIRTUAL_VIEW' }
    await lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'legacy', TableInput }))
    await writeScript('unpublished')
    await writeScript('keyless')
    await load('keyless')
    const found: unknown[] = []
    for (const [args, message] of refusals) {
      const refused = await lake.run(command, [...args, '--scripts', folder.path])
      found.push([refused.exit, refused.message.includes(message) ? message : refused.message])
      expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    expect(found).toEqual(refusals.map(([, message]) => [2, message]))
  })

  test('to go on with the others when one query fails, and stops them', async () => {
    lake.faults.add({
      operation: 'StartQueryExecution',
      match: 'count(*), count(r0)',
      action: { kind: 'query hangs' },
    })
    lake.faults.add({
      operation: 'StartQueryExecution',
      match: 'coalesce(sum(n), 0)',
      times: 1,
      action: { kind: 'query fails', message: 'TYPE_MISMATCH: line 1:8: no such cast' },
    })
    const before = lake.faults.log.length
    const { exit, message } = await compare('equal')
    expect([exit, message]).toEqual([
      2,
      expect.stringContaining('Leave out the column whose values cannot be compared so'),
    ])
    const stopped = lake.faults.log
      .slice(before)
      .filter(({ operation }) => operation === 'StopQueryExecution')
    expect(stopped.length).toBeGreaterThanOrEqual(2)
  })

  test('to say anything of a table that was loaded between two queries', async () => {
    lake.faults.add({
      operation: 'StartQueryExecution',
      match: 'full outer join',
      action: { kind: 'wrong count', by: 1 },
    })
    const { exit, message } = await compare('equal')
    expect([exit, message]).toEqual([
      1,
      expect.stringContaining('"lake.orders": it changed meanwhile: it had 5 rows, and then 6'),
    ])
  })

  test('to say anything where another load is published meanwhile', async () => {
    lake.faults.add({ operation: 'StartQueryExecution', match: 'full outer join', action: { kind: 'hold' } })
    const comparing = compare('equal')
    await until(() => lake.faults.log.some(({ status }) => status === 'held'))
    await load('orders')
    lake.faults.release()
    const { exit, message } = await comparing
    expect([exit, message]).toEqual([
      1,
      expect.stringMatching(/load \S+ was published meanwhile, in place of /),
    ])
  })

  test('a table that it may not read', async () => {
    const action = { kind: 'error', code: 'AccessDeniedException', status: 403 } as const
    lake.faults.add({ operation: 'GetTable', match: 'legacy', action })
    const { exit, message } = await compare('equal')
    expect([exit, message]).toEqual([2, expect.stringContaining('glue:GetTable')])
  })
})

test('no form of two types hides a difference between their values', async () => {
  const cases: readonly [ours: string, value: string, theirs: string, value: string, same: boolean][] = [
    ['bigint', '9007199254740993', 'double', 'cast(9007199254740992 as double)', false],
    ['bigint', '3', 'double', '3e0', true],
    ['bigint', '3', 'double', '3.0000001e0', false],
    ['bigint', 'cast(null as bigint)', 'double', "cast('nan' as double)", false],
    ['bigint', '3', 'decimal(20,0)', 'cast(3 as decimal(20, 0))', true],
    ['bigint', '3', 'varchar', "'3'", true],
    ['bigint', '3', 'varchar', "'03'", false],
    ['bigint', '3', 'varchar', "'3 '", false],
    ['bigint', '3', 'decimal(10,2)', 'cast(3.00 as decimal(10, 2))', true],
    ['bigint', '3', 'decimal(10,2)', 'cast(3.01 as decimal(10, 2))', false],
    ['decimal(14,2)', 'cast(0.30 as decimal(14, 2))', 'double', '0.1e0 + 0.2e0', true],
    ['decimal(14,2)', 'cast(0.30 as decimal(14, 2))', 'double', '0.31e0', false],
    ['decimal(14,2)', 'cast(null as decimal(14, 2))', 'double', '1e40', false],
    ['decimal(14,2)', 'cast(1.5 as decimal(14, 2))', 'varchar', "'1.5'", true],
    ['decimal(14,2)', 'cast(1.5 as decimal(14, 2))', 'varchar', "'1.504'", false],
    ['decimal(14,2)', 'cast(null as decimal(14, 2))', 'varchar', "'n/a'", false],
    [
      'decimal(38,0)',
      `cast('12345678901234567890123456789012345678' as decimal(38, 0))`,
      'decimal(38,6)',
      "cast('1.5' as decimal(38, 6))",
      false,
    ],
    ['decimal(38,0)', "cast('7' as decimal(38, 0))", 'decimal(38,6)', "cast('7' as decimal(38, 6))", true],
    [
      'decimal(38,0)',
      "cast('7' as decimal(38, 0))",
      'decimal(38,6)',
      "cast('7.000001' as decimal(38, 6))",
      false,
    ],
    ['double', "cast('nan' as double)", 'double', "cast('nan' as double)", true],
    ['double', "cast('nan' as double)", 'double', 'cast(null as double)', false],
    ['double', '0e0', 'double', '-0e0', true],
    ['double', '0.1e0', 'float', 'cast(0.1 as real)', true],
    ['double', '0.1e0', 'float', 'cast(0.2 as real)', false],
    ['double', '0.1e0', 'varchar', "'0.1'", true],
    ['double', 'cast(null as double)', 'varchar', "'x'", false],
    ['boolean', 'true', 'integer', '1', true],
    ['boolean', 'true', 'integer', '2', false],
    ['boolean', 'false', 'integer', 'cast(null as integer)', false],
    ['boolean', 'true', 'varchar', "'T'", true],
    ['boolean', 'false', 'varchar', "'T'", false],
    ['boolean', 'false', 'varchar', "'nein'", false],
    ['varchar', "'a'", 'varchar', "'a '", false],
    ['varchar', "''", 'varchar', 'cast(null as varchar)', false],
    ['varchar', "'A'", 'varchar', "'a'", false],
    ['varchar', "'a'", 'char', "'a  '", true],
    ['varchar', "'a'", 'char', "'b'", false],
    ['varchar', "'ä'", 'varbinary', "to_utf8('ä')", true],
    ['varchar', "'ä'", 'varbinary', "to_utf8('a')", false],
    ['date', "date '2026-01-01'", 'varchar', "'2026-01-01'", true],
    ['date', "date '2026-01-01'", 'varchar', "'01.01.2026'", false],
    ['date', "date '2026-01-01'", 'timestamp', "timestamp '2026-01-01 00:00:00'", true],
    ['date', "date '2026-01-01'", 'timestamp', "timestamp '2026-01-01 00:00:01'", false],
    ['timestamp', "timestamp '2026-01-01 10:00:00.123'", 'varchar', "'2026-01-01T10:00:00.123Z'", true],
    ['timestamp', "timestamp '2026-01-01 10:00:00'", 'varchar', "'2026-01-01 10:00:00 UTC'", true],
    ['timestamp', "timestamp '2026-01-01 10:00:00'", 'varchar', "'2026-01-01 10:00:00+00'", true],
    ['timestamp', "timestamp '2026-01-01 10:00:00'", 'varchar', "'2026-01-01 10:00:00+02:00'", false],
    ['timestamp', "timestamp '2026-01-01 10:00:00'", 'varchar', "'2026-01-01 10:00:00-08'", false],
    ['timestamp', 'cast(null as timestamp)', 'varchar', "'0000-00-00'", false],
    [
      'timestamp',
      "timestamp '2026-01-01 10:00:00'",
      'timestamp with time zone',
      "cast('2026-01-01 12:00:00+02:00' as timestamp with time zone)",
      true,
    ],
    [
      'timestamp',
      "timestamp '2026-01-01 12:00:00'",
      'timestamp with time zone',
      "cast('2026-01-01 12:00:00+02:00' as timestamp with time zone)",
      false,
    ],
    ['array', 'array[1, null]', 'array', 'array[1]', false],
    ['array', "array['a, b']", 'array', "array['a', 'b']", false],
  ]
  const pairs = cases.map(([ours, , theirs]) => {
    const form = formOf({ type: ours, micros: false }, { type: theirs, micros: false })
    if (form === undefined) throw new Error(`${ours} is not compared with ${theirs}`)
    const column = { name: 'x', micros: false }
    return {
      ours: { ...column, type: ours },
      theirs: { ...column, type: theirs },
      form,
      told: true,
      hidden: undefined,
    }
  })
  const side = (value: 1 | 3, which: 'ours' | 'theirs') =>
    cases
      .map((each, at) => `${each[value]} as r${at}, ${pairs[at]?.form[which](each[value])} as f${at}`)
      .join(', ')
  const { rows } = await runQuery(lake.aws, {
    sql: `select ${pairs.map((pair, at) => difference(pair, at, undefined)).join(', ')} from (select ${side(1, 'ours')}) as o cross join (select ${side(3, 'theirs')}) as t`,
    ...{ database: 'lake', workgroup: 'primary', output: 's3://lake-results/', timeoutMs: 20_000 },
    signal: new AbortController().signal,
  })
  const found = cases.map((each, at) => [...each.slice(0, 4), rows[0]?.[at] === 'false'])
  expect(found).toEqual(cases.map((each) => [...each]))

  const never = [
    ['integer', 'timestamp'],
    ['date', 'boolean'],
    ['varchar', 'array'],
    ['array', 'map'],
    ['varbinary', 'bigint'],
  ].map(([ours = '', theirs = '']) => formOf({ type: ours, micros: false }, { type: theirs, micros: false }))
  expect(new Set(never)).toEqual(new Set([undefined]))
})

test('the key is what the script says, with the tenant ahead where each has keys of its own', () => {
  const columns = { id: vocabulary.bigint, code: vocabulary.text, updated_at: vocabulary.timestamptz }
  const type = { type: 'bigint', micros: false }
  const pairs = ['id', 'updated_at'].map((name) => {
    const column = { name, ...type }
    return { ours: column, theirs: column, form: formOf(type, type) }
  })
  const incremental = { changed: 'updated_at', overlap: '1h', key: 'id' } as const
  const partitionBy = vocabulary.day('updated_at')
  const events = vocabulary.table({ name: 'events', columns, partitionBy, incremental })
  expect(keyNames(events, { pairs })).toEqual(['id'])
  const tenants = vocabulary.schemas('tenant_%')
  const ofTenants = vocabulary.table({ name: 'events', columns, tenants, format: 'iceberg', incremental })
  expect(keyNames(ofTenants, { pairs })).toEqual(['tenant', 'id'])
  // A key that theirs has goes before one that it has not.
  const unique = vocabulary.table({ name: 'events', columns, expect: { unique: ['code', 'id'] } })
  expect(keyNames(unique, { pairs })).toEqual(['id'])
  const lonely = vocabulary.table({ name: 'events', columns, expect: { unique: ['code'] } })
  expect(keyNames(lonely, { pairs })).toEqual(['code'])
})
