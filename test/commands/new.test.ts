import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, readdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readDatabase } from '../../lib/config/config.ts'
import { seed } from '../../lib/local/seed.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { everyTypeSql } from '../load/every-type.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { runInProcess } from '../support/in-process.ts'
import { since } from '../support/needs-postgres.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '../..')
const program = join(root, 'lib/commands/new.ts')
const { PATH = '', HOME = '/tmp' } = process.env

let server: TestDatabase
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[server, folder] = await Promise.all([startDatabase(), temporaryFolder()])
  // Its scripts import the project's own lib, and find their types as they would there.
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
})

afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

function urlOf(database: string, user = server.config.user, password = server.config.password ?? ''): string {
  const { host, port } = server.config
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}

/** A database of its own with these statements run in it, and a folder for its scripts. */
async function database(name: string, statements: string) {
  await server.sql`create database ${server.sql(name)}`
  const url = urlOf(name)
  const scripts = join(folder.path, name)
  await mkdir(scripts)
  const alter = async (text: string) => {
    const sql = connectPostgres(readDatabase({ DATABASE_URL: url }), { max: 1 })
    try {
      await sql.unsafe(text).simple()
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
  await alter(statements)
  return {
    url,
    scripts,
    alter,
    create: async (...args: string[]) => {
      const flags = [...args, '--folder', scripts]
      // A script that is there is imported, and in this process stays what it was then.
      const none = (await readdir(scripts)).length === 0
      const { stderr, ...finished } = await (none
        ? runInProcess(program, flags, { PATH, HOME, DATABASE_URL: url })
        : start([program, ...flags], url))
      // What is to be done next ends what is told of each script that was written.
      const [next = ''] = /^Next: .*\n$/m.exec(stderr) ?? []
      const told = stderr.slice(0, stderr.length - next.length)
      return { ...finished, stderr: told, ...(next !== '' && { next }) }
    },
    read: (table: string) => Bun.file(join(scripts, `${table}.ts`)).text(),
    dryRun: (table: string) =>
      runInProcess(join(scripts, `${table}.ts`), ['--dry-run', '--json'], { PATH, HOME, DATABASE_URL: url }),
  }
}

async function start(args: readonly string[], url: string) {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: { PATH, HOME, DATABASE_URL: url },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

/** What the compiler and Biome say of a folder of scripts under the rules of the project. */
async function complaints(scripts: string): Promise<string> {
  const config = { extends: join(root, 'tsconfig.json'), include: ['*.ts', join(root, 'lib/**/*.d.ts')] }
  await Bun.write(join(scripts, 'tsconfig.json'), JSON.stringify(config))
  const bin = (name: string) => join(root, 'node_modules/.bin', name)
  const runs = [
    [bin('tsc'), '--noEmit', '--singleThreaded', '-p', scripts],
    [
      bin('biome'),
      'check',
      `--config-path=${root}`,
      '--vcs-enabled=false',
      '--error-on-warnings',
      ...(await Array.fromAsync(new Bun.Glob('*.ts').scan({ cwd: scripts, absolute: true }))),
    ],
  ].map(async (command) => {
    const child = Bun.spawn(command, { env: { PATH, HOME }, stdout: 'pipe', stderr: 'pipe' })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    return exit === 0 ? '' : stdout + stderr
  })
  return (await Promise.all(runs)).join('')
}

/** A script's columns, with their comments. */
function columnsOf(script: string): string {
  return /columns: \{\n([\s\S]*?)\n {2}\},/.exec(script)?.[1]?.replace(/^ {4}/gm, '') ?? ''
}

test('every built-in type, and arrays of it, gives a script that compiles and loads as it is', async () => {
  const types = await server.sql<{ name: string; type: string }[]>`
    select typname as name, format_type(oid, null) as type from pg_type t
    where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r', 'm')
      and not exists (select from pg_type e where e.oid = t.typelem and e.typtype in ('c', 'p')) order by typname`
  expect(types.length).toBeGreaterThan(130)
  const columns = types.map(({ name, type }) => `"as_${name}" ${type}`)
  const { create, read, dryRun, scripts, alter } = await database(
    'types',
    `create table built_in (${columns.join(', ')}); insert into built_in default values;
     create extension hstore; create extension citext;
     create type pair as (a int, b text); create domain ids as bigint[]; create domain id as bigint;
     create type size as enum ('s', 'l'); create domain measure as size; create domain rate as numeric;
     create domain made_on as date;
     create table made (a pair, b pair[], c ids, d id, e id[], f hstore, g citext, h citext[], i measure[], j rate[],
       k made_on[], l ids[]);
     insert into made values (row(1, 'x'), array[row(1, 'y')::pair], '{1,null}', 1, '{2}', 'a=>b', 'Ä', '{B}', '{s,null}',
       '{1.25,null}', '{2020-01-01,infinity}', '{"{1,NULL}"}')`,
  )
  await alter(everyTypeSql)
  const { exit, stderr, next } = await create('--all')
  expect([exit, next]).toEqual([0, expect.stringContaining('say in each what one row stands for')])
  expect(await complaints(scripts)).toBe('')
  expect(stderr).toContain('  l: array(text), as the elements are arrays themselves\n')
  const made = columnsOf(await read('made'))
  for (const expected of [
    'c: nullable(array(bigint)),\nd: nullable(bigint),\ne: nullable(array(bigint)),\n',
    '// One of "s", "l".\ni: nullable(array(text)),\n',
    'j: nullable(array(numeric(18, 6))),\n',
    "k: nullable(array(lossy(date, 'text'))),\nl: nullable(array(text)),",
  ]) {
    expect(made).toContain(expected)
  }
  for (const table of ['built_in', 'every_type', 'made']) {
    const { exit, stdout, stderr } = await dryRun(table)
    expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ rows: table === 'every_type' ? 4005 : 1, warnings: [] })
  }
})

test('what types do not tell is measured, said in comments and on stderr', async () => {
  const { create, read, dryRun, scripts } = await database(
    'measured',
    `
    create type size as enum ('small', 'very "large"');
    create domain price as numeric;
    create table articles (
      id bigint primary key,
      size size not null,
      sizes size[],
      bare numeric,
      negative price not null,
      zero numeric,
      huge numeric,
      nan numeric(5, 2),
      rounded numeric${since(15, '(3, -2)', '(5, 0)')},
      small numeric${since(15, '(2, 4)', '(4, 4)')},
      wide numeric(60, 5),
      prices numeric[] not null,
      ends date not null,
      seen timestamptz[],
      bc timestamp,
      grid integer[],
      flat integer[] not null,
      nothing numeric,
      took interval,
      larger numeric,
      rate numeric,
      most numeric
    );
    comment on table articles is E'What we sell.\\nNot */ what we bought.';
    comment on column articles.bare is E'As the supplier\\nsays ${'it '.repeat(60)}';
    insert into articles values
      (1, 'small', '{small}', 12.3400, -1234.5, 0, 1e38, 'NaN', 12345, 0.0012, 1, '{1.5,null,-22.25}', 'infinity',
        '{-infinity,2020-01-01}', '0001-01-01 BC', '{{1,2}}', '{1}', null, '1 day',
        12345.5, 123456789012.123456, '123456789012345678901234567890123456.25'),
      (2, 'small', null, -0.001, 0.5, 0.000, 1e-30, 1, 0, 0, 1, '{}', '2020-01-01', null, '2020-01-01', '{1}', '{}', null, null, 1, null, 0)`,
  )
  const { exit, stderr } = await create('articles')
  expect(exit).toBe(0)
  expect(stderr.split('\n').slice(0, -1)).toEqual([
    "  huge: numericText, as Athena's decimals have 38 digits at most",
    '  nan: numericText, as 1 value is NaN or infinite',
    "  wide: text, as Athena's decimals have 38 digits at most",
    "  ends: lossy(date, 'text'), as 1 value is infinite or outside the years 0001 to 9999",
    "  seen: array(lossy(timestamptz, 'text')), as 1 value is infinite or outside the years 0001 to 9999",
    "  bc: lossy(timestamp, 'text'), as 1 value is infinite or outside the years 0001 to 9999",
    '  grid: text, as it has arrays of 2 dimensions',
    '  took: text, as Athena has no interval',
  ])
  const script = await read('articles')
  expect(script).toContain(
    '/**\n * One row per … (say what one row stands for).\n *\n * What we sell.\n * Not * / what we bought.\n */\n',
  )
  const lines = columnsOf(script)
  for (const expected of [
    '// One of "small", "very \\"large\\"".\nsize: text,\n// One of "small", "very \\"large\\"".\nsizes: nullable(array(text)),\n',
    '// As the supplier\n// says it it ',
    'at most 2 digits before the point and 3 after.\n// There is room for 12 and 6.\nbare: nullable(numeric(18, 6)),\n',
    'at most 4 digits before the point and 1 after.\n// There is room for 12 and 6.\nnegative: numeric(18, 6),\n',
    'at most 5 digits before the point and 1 after.\n// There is room for 12 and 6.\nlarger: nullable(numeric(18, 6)),\n',
    'at most 12 digits before the point and 6 after.\n// There is room for 28 and 10.\nrate: nullable(numeric(38, 10)),\n',
    'at most 36 digits before the point and 2 after.\n// There is room for 36 and 2.\nmost: nullable(numeric(38, 2)),',
    'at most 0 digits before the point and 0 after.\n// There is room for 12 and 6.\nzero: nullable(numeric(18, 6)),\n',
    'at most 39 digits before the point and 30 after.\nhuge: nullable(numericText),\n',
    'nan: nullable(numericText),\nrounded: nullable(numeric(5, 0)),\nsmall: nullable(numeric(4, 4)),\nwide: nullable(text),\n',
    'at most 2 digits before the point and 2 after.\n// There is room for 12 and 6.\nprices: array(numeric(18, 6)),\n',
    "// To have a date, write lossy(date, 'null') or lossy(date, 'clamp').\nends: lossy(date, 'text'),\n",
    "// To have a list of timestamptz, write array(lossy(timestamptz, 'clamp')).\nseen: nullable(array(lossy(timestamptz, 'text'))),\n",
    "bc: nullable(lossy(timestamp, 'text')),\n",
    'grid: nullable(text),\nflat: array(integer),\n',
    'so this is a guess.\nnothing: nullable(numeric(38, 9)),\n',
  ]) {
    expect(lines).toContain(expected)
  }
  expect(await complaints(scripts)).toBe('')
  expect(await dryRun('articles')).toMatchObject({ exit: 0 })
})

test('with --no-scan no row is read', async () => {
  const { create, read } = await database(
    'unread',
    'create materialized view sums as select 1.5::numeric as total with no data',
  )
  const refused = await create('sums')
  expect(refused.exit).toBe(3)
  expect(refused.stderr).toContain('has not been populated')
  expect(refused.next).toBeUndefined()
  const next =
    /^Next: say in \S+sums\.ts what one row stands for, then bun run check:types, then bun \S+sums\.ts --dry-run\.\n$/
  expect(await create('sums', '--no-scan')).toMatchObject({
    exit: 0,
    stderr: '',
    next: expect.stringMatching(next),
  })
  expect(columnsOf(await read('sums'))).toEndWith('\ntotal: nullable(numeric(38, 9)),')
})

describe('names', () => {
  test('that Athena does not take are mapped to those it does', async () => {
    const names = {
      'Order Id': `order_id: named('Order Id', integer),`,
      createdAt: `created_at: nullable(named('createdAt', integer)),`,
      'it\'s "quoted"': `it_s_quoted: nullable(named('it\\'s "quoted"', integer)),`,
      'Größe (cm)': `grosse_cm: nullable(named('Größe (cm)', integer)),`,
      select: `select_: nullable(named('select', integer)),`,
      '2nd': `_2nd: nullable(named('2nd', integer)),`,
      type: 'type: nullable(integer),',
      a$b: `a_b: nullable(named('a$b', integer)),`,
      ['__proto__']: `__proto___: nullable(named('__proto__', integer)),`,
    }
    const columns = Object.keys(names).map((name) => `"${name.replaceAll('"', '""')}" integer`)
    const { create, read, dryRun, scripts } = await database(
      'names',
      `create table "Straße.Nr 1" (${columns.join(', ').replace('integer', 'integer not null')});
       insert into "Straße.Nr 1" values (1, 2, 3, 4, 5, 6, 7, 8, 9);
       create table "date" (date date); create table class (id int);
       create schema "Sales"; create table "Sales".orders (id int)`,
    )
    expect(await create('Straße.Nr 1')).toMatchObject({ exit: 0, stderr: '' })
    const script = await read('strasse_nr_1')
    expect(columnsOf(script).split('\n')).toEqual(Object.values(names))
    expect(script).toContain(
      `const strasseNr1 = table({\n  name: 'strasse_nr_1',\n  from: '"Straße.Nr 1"',\n`,
    )
    expect(await dryRun('strasse_nr_1')).toMatchObject({ exit: 0 })

    expect(await create('Sales.orders', '--as', 'sales_orders')).toMatchObject({ exit: 0 })
    expect(await read('sales_orders')).toContain(`name: 'sales_orders',\n  from: 'Sales.orders',`)
    expect(await create('date')).toMatchObject({ exit: 0 })
    expect(await read('date')).toContain('export default dateTable')
    expect(await create('class')).toMatchObject({ exit: 0 })
    for (const table of ['sales_orders', 'date', 'class']) {
      expect(await dryRun(table)).toMatchObject({ exit: 0 })
    }
    expect(await complaints(scripts)).toBe('')
  })

  test('with dots or quotes are reached in quotes, and any schema by --schema', async () => {
    const { create, read, dryRun } = await database(
      'dotted',
      `create schema "my.schema"; create schema shop;
       create table "my.schema"."a.b" (mine int not null); create table shop."a.b" (shops int not null);
       create table "my.schema".plain (mine int not null); create table shop.plain (shops int not null);
       create table shop."""quoted""" (id int not null)`,
    )
    for (const [name, args, from] of [
      ['one', ['"my.schema"."a.b"'], `'"my.schema"."a.b"'`],
      ['two', ['"my.schema".plain'], `'"my.schema".plain'`],
      ['three', ['plain', '--schema', 'my.schema'], `'"my.schema".plain'`],
      ['four', ['a.b', '--schema', 'shop'], `'shop."a.b"'`],
      ['five', ['shop.a.b'], `'shop."a.b"'`],
      ['six', ['shop."""quoted"""'], `'shop."""quoted"""'`],
    ] as const) {
      expect(await create(...args, '--as', name)).toMatchObject({ exit: 0, stderr: '' })
      expect(await read(name)).toContain(`  name: '${name}',\n  from: ${from},\n`)
    }
    for (const name of ['one', 'four', 'six']) expect(await dryRun(name)).toMatchObject({ exit: 0 })
    expect(await create('--diff', 'plain', '--schema', 'my.schema')).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^(two|three): no difference\n$/),
    })
    expect(await create('plain', '--as', 'seven')).toMatchObject({
      exit: 3,
      stderr: expect.stringContaining('Did you mean "my.schema".plain or shop.plain?'),
    })
    expect(await create('"plain', '--as', 'seven')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('it is not the name of a table'),
    })
  })

  test('and comments that mean harm make a script like any other', async () => {
    const placeholder = `$${'{process.exit(9)}'}`
    const hostile = [
      ...[
        '*/ process.exit(9) /*',
        placeholder,
        '`',
        "'",
        '"',
        '\\',
        '\\u002a/',
        '// x',
        'a\nb',
        'a\r\n\u2028b',
      ],
      ...[
        '@ts-ignore',
        '@ts-expect-error',
        'biome-ignore lint: no',
        '\u202egnp.exe',
        '%s $1',
        '-1',
        'constructor',
      ],
      ...[
        'toString',
        'table',
        'run',
        'é'.repeat(31),
        'x'.repeat(63),
        `${'word '.repeat(19)}@ts-expect-error here`,
      ],
    ]
    const name = (text: string) => `"${text.replaceAll('"', '""')}"`
    const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
    const bytes = (text: string, most: number) =>
      new TextDecoder().decode(Buffer.from(text).subarray(0, most))
    const columns = hostile.map((each, at) =>
      at < 21 ? bytes(`${at} ${each}`, at === 20 ? 62 : 63) : bytes(each, 63),
    )
    const labels = hostile.map((each) => bytes(each, 61))
    const table = `a\n"*/.${placeholder}`
    const { create, read, dryRun, scripts, alter } = await database(
      'hostile',
      `create type mood as enum (${labels.map(literal).join(', ')});
       create table ${name(table)} (${columns.map((each) => `${name(each)} int`).join(', ')}, mood mood, moods mood[]);
       comment on table ${name(table)} is ${literal(hostile.join('\n'))};
       ${columns.map((each, at) => `comment on column ${name(table)}.${name(each)} is ${literal(hostile[at] ?? '')}`).join(';')};
       insert into ${name(table)} (mood, moods) values (${literal(labels[1] ?? '')}, array[${labels.map(literal).join(', ')}]::mood[])`,
    )
    expect(await create(`"${table.replaceAll('"', '""')}"`, '--as', 'harmless')).toMatchObject({
      exit: 0,
      stderr: '',
    })
    expect(await complaints(scripts)).toBe('')
    expect(await read('harmless')).not.toMatch(/[\u2028\u202e]/)
    const { exit, stdout } = await dryRun('harmless')
    expect({ exit, rows: JSON.parse(stdout).rows }).toEqual({ exit: 0, rows: 1 })
    await alter(`alter table ${name(table)} add ${name('new\nline')} int`)
    const { stdout: lines } = await create('--diff', 'harmless')
    expect(lines.split('\n').slice(1, 3)).toEqual([
      '  // new line is new: declare it, or name it under ignore',
      '  new_line: nullable(named("new\\nline", integer)),',
    ])
    expect((await create('no\nsuch')).stderr).toBe(
      'Cannot write a script for "no such": the database has no table or view public.no such. Check the spelling, and which database DATABASE_URL names.\n',
    )
  })

  test('that would collide, or have no legal letter, are numbered, and the scripts load as they are', async () => {
    const { create, read, dryRun, scripts, alter } = await database(
      'collisions',
      `create table twice ("A b" int, "Order Id" int, order_id int, "order-id" int, order_id_2 int, "ORDER_ID" int);
       insert into twice values (0, 1, 2, 3, 4, 5);
       create table foreign_name ("漢字" int, id int, "😀" int, "*/" int, column_4 int, "名" int[], "Цена" int, "Ψυχή" int, "  " int);
       insert into foreign_name values (1, 2, 3, 4, 5, '{6}', 7, 8, 9);
       create table empty (); create table "漢字" (id int); create table "日本" (no int);
       create table "a-b" (one int); create table "a.b" (two int); create table a_b (three int);
       create view "unnamed" as select 1 as id`,
    )
    const { exit, stdout, stderr } = await create('--all')
    expect({ exit, stderr }).toEqual({
      exit: 3,
      stderr:
        'Cannot write a script for "public.empty": it has no columns. There is nothing in it to load.\n',
    })
    expect(stdout.match(/\w+(?=\.ts$)/gm)?.toSorted()).toEqual([
      'a_b',
      'a_b_2',
      'a_b_3',
      'foreign_name',
      'twice',
      'unnamed',
      'unnamed_2',
      'unnamed_3',
    ])
    expect(columnsOf(await read('twice'))).toBe(`a_b: nullable(named('A b', integer)),
order_id_3: nullable(named('Order Id', integer)),
order_id: nullable(integer),
order_id_4: nullable(named('order-id', integer)),
order_id_2: nullable(integer),
order_id_5: nullable(named('ORDER_ID', integer)),`)
    expect(columnsOf(await read('foreign_name'))).toBe(`column_1: nullable(named('漢字', integer)),
id: nullable(integer),
column_3: nullable(named('😀', integer)),
column_4_2: nullable(named('*/', integer)),
column_4: nullable(integer),
column_6: nullable(named('名', array(integer))),
tsena: nullable(named('Цена', integer)),
psychi: nullable(named('Ψυχή', integer)),
column_9: nullable(named('  ', integer)),`)
    expect(await read('a_b')).not.toContain('from:')
    expect(await read('a_b_2')).toContain(`from: 'a-b'`)
    expect(await read('a_b_3')).toContain(`from: '"a.b"'`)
    expect(await complaints(scripts)).toBe('')
    for (const [table, rows] of [
      ['twice', 1],
      ['foreign_name', 1],
      ['unnamed_2', 0],
      ['a_b_3', 0],
    ] as const) {
      const { exit, stdout } = await dryRun(table)
      expect({ table, exit, rows: JSON.parse(stdout).rows }).toEqual({ table, exit: 0, rows })
    }

    // A second run finds all of them, and a new column gets a name that nobody has.
    await alter('alter table twice add "order id" int')
    expect(await create('--all')).toMatchObject({ exit: 3, stdout: '' })
    expect((await create('--diff', 'twice')).stdout).toContain(
      `  order_id_6: nullable(named("order id", integer)),`,
    )
    expect(await create('a.b')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('a_b_3.ts": the file exists already'),
    })
    expect(await create('a.b', '--as', 'dotted')).toMatchObject({ exit: 0 })
  })
})

test('a file that is there is not touched', async () => {
  const { create, read, scripts } = await database('kept', 'create table mine (id int)')
  await Bun.write(join(scripts, 'mine.ts'), 'my own')
  const { exit, stderr } = await create('mine')
  expect(exit).toBe(2)
  expect(stderr).toContain('the file exists already')
  expect(await read('mine')).toBe('my own')
})

test('an unknown table, one that may not be read, and flags that contradict each other are told in a line', async () => {
  const { create, scripts, url, alter } = await database(
    'refused',
    `create schema shop; create table shop.orders (id int); create table secrets (id int)`,
  )
  await alter(`create role nosy login password 'word'`)
  expect(await create('orders')).toMatchObject({
    exit: 3,
    stderr:
      'Cannot write a script for "orders": the database has no table or view public.orders. Did you mean shop.orders?\n',
  })
  const nosy = url.replace(/\/\/[^@]+@/, '//nosy:word@')
  const denied = await start(['lib/commands/new.ts', 'secrets', '--folder', scripts], nosy)
  expect(denied.exit).toBe(2)
  expect(denied.stderr).toBe(
    'Cannot lock "public.secrets": permission denied for table secrets. Grant this user SELECT on the table and USAGE on its schema.\n',
  )
  for (const args of [
    [],
    ['secrets', '--all'],
    ['--all', '--diff'],
    ['secrets', '--as', 'Not Legal'],
    ['secrets', '--as', 'x'.repeat(127)],
    ['--all', '--schema', 'no'],
  ]) {
    const { exit, stderr } = await create(...args)
    expect({ args, exit, lines: stderr.trim().split('\n').length }).toEqual({
      args,
      exit: args.includes('no') ? 3 : 2,
      lines: 1,
    })
  }
})

test('--all writes a script for each kind of relation, and leaves those that have one', async () => {
  const { create, dryRun, scripts, url } = await database(
    'all',
    `
    create table plain (id int not null); insert into plain values (1);
    create view seen as select id from plain;
    create materialized view kept as select id from plain;
    create table parted (id int not null, at date not null) partition by range (at);
    create table parted_2020 partition of parted for values from ('2020-01-01') to ('2021-01-01');
    insert into parted values (1, '2020-02-02');
    create table empty ();
    create extension file_fdw; create server files foreign data wrapper file_fdw;
    create foreign table far (id int not null) server files options (program 'echo 1', format 'csv');
    create schema other; create table other.elsewhere (id int)`,
  )
  expect(await create('plain', '--as', 'first')).toMatchObject({ exit: 0 })
  const { exit, stdout, stderr } = await create('--all')
  expect(stdout.match(/\w+(?=\.ts$)/gm)).toEqual(['far', 'kept', 'parted', 'seen'])
  expect(stderr).toContain('public.plain has a script already\n')
  expect(stderr).toContain('Cannot write a script for "public.empty"')
  expect(exit).toBe(3)
  expect(await complaints(scripts)).toBe('')
  for (const table of ['far', 'kept', 'parted', 'seen', 'first']) {
    const run = await dryRun(table)
    expect({ table, exit: run.exit, rows: JSON.parse(run.stdout).rows }).toEqual({ table, exit: 0, rows: 1 })
    expect((await stat(join(scripts, `${table}.ts`))).mode & 0o111).not.toBe(0)
  }

  const other = await start(['lib/commands/new.ts', '--all', '--schema', 'other', '--folder', scripts], url)
  expect(other).toMatchObject({ exit: 0, stderr: expect.stringMatching(/^Next: [^\n]*\n$/) })
  expect(await Bun.file(join(scripts, 'elsewhere.ts')).text()).toContain(`from: 'other.elsewhere'`)
})

test('--diff shows what changed since, in lines to paste', async () => {
  const { create, alter } = await database(
    'changed',
    'create table prices (id int not null, amount numeric(9, 2) not null, old text, "Unit" text)',
  )
  await create('prices', '--as', 'costs')
  expect(await create('--diff', 'costs')).toEqual({ exit: 0, stdout: 'costs: no difference\n', stderr: '' })
  await alter(`
    alter table prices alter amount type numeric(14, 4), alter id drop not null, drop old, add "New One" numeric not null;
    insert into prices values (1, 2, null, 3.25)`)
  const { exit, stdout } = await create('--diff', 'prices')
  expect(exit).toBe(3)
  expect(stdout.split('\n').slice(1)).toEqual([
    '  // id is newly nullable',
    '  id: nullable(integer),',
    '  // amount is numeric(14,4) in the source, not numeric(9,2)',
    '  amount: numeric(14, 4),',
    '  // old is not in the source: remove it',
    '  // New One is new: declare it, or name it under ignore',
    '  new_one: named("New One", numeric(18, 6)),',
    '',
  ])
  expect(await create('--diff', 'nothing')).toMatchObject({ exit: 2 })
})

test('--diff tells of what became narrower, or NOT NULL, without calling it a failure', async () => {
  const { create, alter } = await database(
    'tightened',
    'create table prices (id bigint, amount numeric(14, 4), counts bigint[], kept text, bare numeric)',
  )
  await create('prices')
  await alter(`
    alter table prices alter id set not null, alter amount type numeric(9, 4), alter counts type smallint[],
      alter kept type integer using 1, alter bare set not null`)
  const { exit, stdout } = await create('--diff', 'prices')
  expect(exit).toBe(0)
  expect(stdout.split('\n').slice(1)).toEqual([
    '  // id is NOT NULL in the source: it may stay as it is, or become',
    '  id: bigint,',
    '  // amount is numeric(9,4) in the source, narrower than numeric(14,4): it may stay as it is, or become',
    '  amount: nullable(numeric(9, 4)),',
    '  // counts is smallint[] in the source, narrower than bigint[]: it may stay as it is, or become',
    '  counts: nullable(array(smallint)),',
    '  // bare is NOT NULL in the source: it may stay as it is, or become',
    '  bare: numeric(38, 9),',
    '',
  ])
  await alter('alter table prices alter amount type numeric(12, 6), alter amount set not null')
  expect(await create('--diff', 'prices')).toMatchObject({
    exit: 3,
    stdout: expect.stringContaining('amount is numeric(12,6) in the source, not numeric(14,4)\n'),
  })
})

test('--diff and the schema check tell where a numeric without precision has outgrown the script, or may', async () => {
  const { create, alter, dryRun, read, scripts, url } = await database(
    'outgrown',
    'create table prices (id int not null, amount numeric not null, rates numeric[]); insert into prices values (1, 1.5, null)',
  )
  const check = async () => {
    const script = JSON.stringify(join(scripts, 'prices.ts'))
    const program = `
      import prices from ${script}
      import { compareSchema } from ${JSON.stringify(join(root, 'checks/schema/compare.ts'))}
      import { openReader } from ${JSON.stringify(join(root, 'lib/postgres/connect.ts'))}
      import { readDatabase } from ${JSON.stringify(join(root, 'lib/config/config.ts'))}
      const reader = await openReader(readDatabase(), { applicationName: 'test', signal: new AbortController().signal })
      await reader.query('begin')
      console.log(JSON.stringify(await compareSchema(reader, prices)))
      await reader.close()`
    return JSON.parse((await start(['-e', program], url)).stdout)
  }
  expect(await create('prices')).toMatchObject({ exit: 0 })
  expect(columnsOf(await read('prices'))).toContain('amount: numeric(18, 6),\n')
  // What its author made of it is less than there is room for in Postgres.
  await Bun.write(
    join(scripts, 'prices.ts'),
    (await read('prices')).replace('numeric(18, 6)', 'numeric(9, 1)'),
  )
  expect(await check()).toMatchObject({
    status: 'ok',
    notes: [
      'amount is numeric without precision in the source: a value for which numeric(9,1) has no room will stop a load',
      'rates is numeric without precision in the source: a value for which numeric(38,9) has no room will stop a load',
    ],
  })
  expect(await create('--diff', 'prices')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(
      '  // amount has up to 1 digits before the point and 1 after, and Postgres sets no bound: it may stay numeric(9,1), or have more room\n  amount: numeric(18, 6),\n',
    ),
  })
  await alter('insert into prices values (2, 9.99, null)')
  expect(await create('--diff', 'prices')).toMatchObject({
    exit: 3,
    stdout: expect.stringContaining(
      '  // amount has up to 1 digits before the point and 2 after, for which numeric(9,1) has no room\n  amount: numeric(18, 6),\n',
    ),
  })
  expect(await dryRun('prices')).toMatchObject({ exit: 3 })
})

test.each([
  ['that is not there', '/no/such/folder', 'there is no such file or folder'],
  ['that is a file', import.meta.path, 'a part of the path is a file, not a folder'],
])('a folder of scripts %s is refused in one line, before the database is asked', async (_, path, reason) => {
  const nobody = 'postgres://nobody@127.0.0.1:1/nothing'
  for (const [task, act] of [
    [['items'], 'write scripts into'],
    [['--all'], 'write scripts into'],
    [['items', '--diff'], 'look for scripts in'],
  ] as const) {
    const { exit, stdout, stderr } = await start(['lib/commands/new.ts', ...task, '--folder', path], nobody)
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).toStartWith(`Cannot ${act} "`)
    expect(stderr).toContain(`": ${reason}. `)
  }
})

test('the copies among the scripts are what it writes, beside their docstrings, schedule and what they ignore', async () => {
  const { create, read, url } = await database('domain', 'select 1')
  await seed(url, { scale: 0.01 })
  const plain = ['--personal', 'plain']
  expect(await create('ware_provider_configurations', '--as', 'wpcs', ...plain)).toMatchObject({ exit: 0 })
  expect(await create('--all', ...plain)).toMatchObject({ exit: 0 })
  const comparable = (script: string, ignored: readonly string[]) =>
    script
      .replace(/from '.*lib\//g, `from 'lib/`)
      // Whether they fit on a line depends on where the folder is.
      .replace(
        /import \{\s+([^}]*?),?\s+\} from/g,
        (_, names: string) => `import { ${names.replace(/\s+/g, ' ')} } from`,
      )
      .replace(/\/\*\* One row per .*? \*\//, '')
      .replace(/\n {2}ignore: \[[^\]]*\],/, '')
      // When a table is loaded the database does not know.
      .replace(/\n {2}\/\/ .*\n {2}schedule: '.*',/, '')
      .split('\n')
      .filter((line) => !ignored.some((name) => line.startsWith(`    ${name}: `)))
      .join('\n')
  const names = await Array.fromAsync(new Bun.Glob('*.ts').scan(join(root, 'scripts')))
  let copies = 0
  // Rates are numeric(18, 6) by the domain, though the seed has one of 18 digits.
  expect(await read('currencies')).toContain('\n    conversion_rate: nullable(numeric(38, 10)),\n')
  const edited = (script: string) =>
    script.replace(/\n *\/\/ There is room for 28 and 10\./, '').replace('numeric(38, 10)', 'numeric(18, 6)')
  for (const name of names.map((each) => each.replace(/\.ts$/, ''))) {
    const { default: table } = await import(join(root, 'scripts', `${name}.ts`))
    if (table.where !== undefined || Object.keys(table.derive).length > 0) continue
    copies += 1
    const committed = await Bun.file(join(root, 'scripts', `${name}.ts`)).text()
    expect(comparable(committed, [])).toBe(comparable(edited(await read(name)), table.ignore))
    expect(committed).toMatch(/^\/\*\* One row per (?!…)/m)
  }
  expect(copies).toBe(11)
})
