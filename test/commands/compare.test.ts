/** `bun run compare`: another pipeline's table beside ours, with differences of each kind, in Athena of the stand-in. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join, relative } from 'node:path'
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { ensureDatabase } from '../../lib/aws/glue.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

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

/** What DuckDB writes of a SELECT, as a table of the database `legacy`. */
async function writeTheirs(name: string, select: string, types: Readonly<Record<string, string>>) {
  const path = join(folder.path, `${name}.parquet`)
  const connection = await duck.connect()
  await connection.run(`set TimeZone = 'UTC'; copy (${select}) to '${path}' (format parquet)`)
  connection.closeSync()
  const Key = `legacy/${name}/part.parquet`
  await lake.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: await Bun.file(path).bytes() }))
  await lake.aws.glue.send(
    new CreateTableCommand({
      DatabaseName: 'legacy',
      TableInput: {
        Name: name,
        TableType: 'EXTERNAL_TABLE',
        StorageDescriptor: {
          Columns: Object.entries(types).map(([Name, Type]) => ({ Name, Type })),
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
    expect(message).toStartWith('compare: orders and legacy.equal are the same · ')
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
  column       ours            theirs      compared                rows differ
  id           bigint          bigint      as it is                    the key
  code         varchar         varchar     as it is                          0
  amount       decimal(14,2)   double      rounded to 2 decimals             1
  rate         double          double      as it is                          2
  paid         boolean         boolean     as it is                          0
  placed_on    date            date        as it is                          0
  created_at   timestamp       timestamp   as it is                          4
  note         varchar         varchar     as it is                          3
  tags         array           array       as JSON                           0
  email        varchar         varchar     as it is, not shown               4
  _batch       –               integer     not at all

                                                          ours                    theirs
  rows                                                       5                         5
  rows of which the other has no key                         1                         1
  amount, sum                                  999999999999.64           999999999999.65
  created_at, least                    2026-01-01 10:00:00.123   2026-01-01 10:00:00.124
  created_at, greatest                     2026-01-05 10:00:00   2026-01-05 10:00:00.001
  note, not null                                             4                         5

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
})
