/** The Postgres role that `bun run policies` prints: enough for everything, and for nothing else; never another's. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examinePostgres } from '../../lib/commands/examine/postgres.ts'
import { postgresRole } from '../../lib/commands/policies/postgres-role.ts'
import { readObjections, refuseObjections } from '../../lib/commands/policies/role-name.ts'
import { readDatabase } from '../../lib/config/config.ts'
import { findTables, tableNames } from '../../lib/declare/find-tables.ts'
import { inputsOf } from '../../lib/load/inputs.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { quoteName } from '../../lib/postgres/relation.ts'
import { rowsClause } from '../../lib/postgres/select.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import { integer, table, text } from '../../lib/table.ts'
import { runInProcess } from '../support/in-process.ts'
import { needsPostgres, since } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)
const root = join(import.meta.dir, '../..')
const { signal } = new AbortController()
let standIn: TestStandIn

beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.01 })
  await standIn.sql`create table salaries (amount int)`
})

afterAll(() => standIn?.close())

const print = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runInProcess(join(root, 'lib/commands/policies.ts'), ['postgres-role', ...args], { ...standIn.env, ...env })

/** Runs SQL as psql would, by an owner of the tables. */
async function apply(sql: string): Promise<void> {
  const admin = connectPostgres(readDatabase(standIn.env), { max: 1 })
  try {
    await admin.unsafe(sql)
  } finally {
    await admin.end({ timeout: 1 })
  }
}

function as(role: string): { DATABASE_URL: string } {
  const url = new URL(standIn.env['DATABASE_URL'] ?? '')
  url.username = encodeURIComponent(role)
  url.password = 'word'
  return { DATABASE_URL: url.href }
}

/** Columns that the role may read, of all that users have made: `schema.table.column`. */
async function readableBy(role: string): Promise<string[]> {
  const rows = await standIn.sql`
    select n.nspname || '.' || c.relname || '.' || a.attname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_|^information_schema$'
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and has_column_privilege(${role}, c.oid, a.attnum, 'select')
    order by 1`
  return rows.map(({ name }) => String(name))
}

test('is asked for by name, whoever the database is reached as', async () => {
  const unnamed = await print([])
  expect(unnamed).toMatchObject({ exit: 2, stdout: '' })
  expect(unnamed.stderr).toContain('--role')
  const owner = await print(['--role', readDatabase(standIn.env).user])
  expect(owner).toMatchObject({ exit: 2, stdout: '' })
  expect(owner.stderr).toMatch(/it is a superuser, and \d+ more.* --role dracula_reader\n$/)
})

test.each([[''], ['public'], ['pg_reader'], ['r'.repeat(64)], ['ü'.repeat(32)]])(
  'is not called %j',
  async (role) => {
    const { exit, stdout, stderr } = await print(['--role', role])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  },
)

describe.each([['reader'], [`re'a"d$create$er\\; drop table taxes; --`]])('the role %s', (role) => {
  beforeAll(async () => {
    const { stdout, exit } = await print(['--role', role])
    expect(exit).toBe(0)
    // Twice, as after a new script.
    for (let time = 0; time < 2; time++) await apply(stdout)
    await apply(`alter role ${quoteName(role)} password 'word'`)
    // And once more by itself, which is no other's now.
    expect((await print(['--role', role], as(role))).stdout).toBe(stdout)
  })

  test('is enough for the doctor', async () => {
    const doctor = await standIn.run('lib/commands/doctor.ts', [], as(role))
    const found = JSON.parse(doctor.stdout).checks as { check: string; status: string; found: string }[]
    expect(found.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(found.find(({ check }) => check === 'postgres role')?.found).toBe(
      `${role}, read-only, 10 connections`,
    )
    expect(found.find(({ check }) => check === 'postgres tables')?.found).toBe('25 of 25 may be read')
  })

  test('may read what scripts declare, what their conditions name, and nothing else', async () => {
    const declared = (await findTables([]))
      .flatMap(inputsOf)
      .flatMap(({ selection: { source, columns } }) =>
        source.schema !== undefined
          ? Object.entries(columns).map(
              ([name, column]) => `${source.schema}.${source.name}.${column.source ?? name}`,
            )
          : [],
      )
    const readable = await readableBy(role)
    expect([...new Set(declared)].filter((name) => !readable.includes(name))).toEqual([])
    expect(readable.filter((name) => !declared.includes(name))).toEqual(inConditions)
  })

  needsPostgres(14, 'TID range scans').test(
    'is enough to read a table over several connections, by where its rows are stored',
    async () => {
      const flags = ['--connections', '2', '--dry-run']
      const { slicing } = (await standIn.run('scripts/currencies.ts', flags, as(role))).summary()
      expect(slicing).toMatchObject({ slices: 2, by: 'blocks', reason: null })
    },
  )

  test('may write nothing and read nothing else', async () => {
    const sql = connectPostgres(readDatabase(as(role)), { max: 1 })
    const refusalOf = (statement: string) =>
      sql.unsafe(statement).then(
        () => 'done',
        (error: Error) => error.message,
      )
    try {
      expect(await refusalOf('delete from taxes')).toContain('read-only transaction')
      expect(await refusalOf('begin read write; delete from taxes')).toContain('permission denied')
      expect(await refusalOf('rollback; select from salaries')).toContain('permission denied')
      expect(await refusalOf('select * from invoices')).toContain('permission denied')
      expect(await refusalOf('select commission_rate from invoices')).toContain('permission denied')
      expect(await refusalOf('select id from invoices limit 0')).toBe('done')
      const [row] = await sql`show statement_timeout`
      expect(row).toEqual({ statement_timeout: '1h' })
    } finally {
      await sql.end({ timeout: 1 })
    }
    expect(await standIn.sql`select from taxes limit 1`).toHaveLength(1)
  })
})

/** Columns of the sample domain that only conditions name. */
const inConditions: string[] = [
  'public.action_items.action_performed',
  'public.turn_around_times.turnaroundable_type',
]

test('every table is loaded and checked as that role, and compared with its script', async () => {
  const loads = ['--fingerprint', '--catalog', 'declared']
  for (const [script, flags] of [
    ...(await tableNames()).map((name) => [name, loads] as const),
    ['checks/row-counts.ts', []] as const,
    ['checks/columns.ts', []] as const,
    ['checks/schema.ts', []] as const,
  ]) {
    const { exit, message } = await standIn.run(script, flags, as('reader'))
    expect({ script, exit, message }).toEqual({ script, exit: 0, message: expect.any(String) })
  }
  for (const name of ['invoices', 'taxes']) {
    const compared = await runInProcess(join(root, 'lib/commands/new.ts'), ['--diff', name], {
      ...standIn.env,
      ...as('reader'),
    })
    expect(compared).toMatchObject({ exit: 0, stderr: '' })
  }
})

/** Before PostgreSQL 15 every view reads as its owner. */
const invoker = since(15, 'with (security_invoker)', '')

describe('SQL of scripts is granted what it reads, down to the column:', () => {
  const query = table({
    name: 'shipped',
    from: `select o.id, o.note as "select", upper(v.label) as label
           from shop."Orders" o join shop.labels v using (id) where exists (select from shop.flags)`,
    columns: { id: integer, select: text, label: text },
  })
  const conditioned = table({
    name: 'orders',
    from: 'shop.Orders',
    where: `not gone and shop.is_fine(kind) and id in (select order_id from shop.approved where at is not null) -- done`,
    columns: { id: integer },
  })
  const view = table({ name: 'secure', from: 'shop.secure', columns: { id: integer } })

  beforeAll(async () => {
    await apply(`
      create schema shop;
      create table shop."Orders" (id int, note text, kind text, gone boolean, secret text);
      create table shop.approved (order_id int, at timestamptz, secret text);
      create table shop.flags (id int, secret text);
      create table shop.base (id int, label text, secret text);
      create table shop.deep (id int, secret text);
      create view shop.labels as select id, label, secret from shop.base;
      create view shop.secure ${invoker} as select d.id from shop.deep d join shop.base b using (id);
      create function shop.is_fine(text) returns boolean language sql immutable as $$ select $1 <> 'bad' $$;
      revoke execute on function shop.is_fine(text) from public;
      create role sql_reader login password 'word';
      grant usage on schema shop to public;
      revoke usage on schema shop from public;
      insert into shop."Orders" values (1, 'a', 'good', false, 'x'), (2, 'b', 'bad', false, 'y');
      insert into shop.approved values (1, now(), 'x'), (2, now(), 'y');
      insert into shop.flags values (1, 'x'); insert into shop.base values (1, 'l', 'x'); insert into shop.deep values (1, 'x')`)
    await apply(await postgresRole('sql_reader', [query, conditioned, view]))
  })

  test('exactly', async () => {
    expect((await readableBy('sql_reader')).filter((name) => name.startsWith('shop.'))).toEqual([
      'shop.Orders.gone',
      'shop.Orders.id',
      'shop.Orders.kind',
      'shop.Orders.note',
      'shop.approved.at',
      'shop.approved.order_id',
      ...since(15, ['shop.base.id', 'shop.deep.id'], []),
      'shop.flags.id',
      'shop.labels.id',
      'shop.labels.label',
      'shop.secure.id',
    ])
  })

  test('enough', async () => {
    const findings = await examinePostgres(readDatabase(as('sql_reader')), [query, conditioned, view], signal)
    expect(findings.filter(({ check }) => !/^postgres (role|tls)$/.test(check))).toMatchObject([
      { check: 'postgres', status: 'ok' },
      { check: 'postgres tables', status: 'ok', found: '2 of 2 may be read' },
    ])
    const sql = connectPostgres(readDatabase(as('sql_reader')), { max: 1 })
    const rows = await sql.unsafe(`select id from shop."Orders" where ${conditioned.where}\n`)
    expect(rows.map(({ id }) => id)).toEqual([1])
    expect((await sql`select id from shop.secure`).map(({ id }) => id)).toEqual([1])
    await sql.end({ timeout: 1 })
  })

  test('the settings of a role that was there already stay as they are', async () => {
    const [row] = await standIn.sql`
      select rolconnlimit, rolconfig from pg_roles where rolname = 'sql_reader'`
    expect(row).toEqual({ rolconnlimit: -1, rolconfig: null })
  })

  test('a role of another program that reads whole tables keeps them, unless it is said to have no other work', async () => {
    await apply('create role reports login; grant select on shop.flags to reports')
    const flags = table({ name: 'flags', from: 'shop.flags', columns: { id: integer } })
    const sql = await postgresRole('reports', [flags])
    await expect(apply(sql)).rejects.toThrow(
      'The role reports may read all of shop.flags, and would be left the columns that scripts read.',
    )
    expect(await readableBy('reports')).toEqual(['shop.flags.id', 'shop.flags.secret'])
    await apply('alter role reports set default_transaction_read_only = on')
    await apply(sql)
    expect(await readableBy('reports')).toEqual(['shop.flags.id'])
  })

  test('a whole row is granted whole', async () => {
    await apply('create role row_reader login')
    const whole = table({
      name: 'whole',
      from: 'select to_json(f) as f from shop.flags f',
      columns: { f: text },
    })
    await apply(await postgresRole('row_reader', [whole]))
    expect(await readableBy('row_reader')).toEqual(['shop.flags.id', 'shop.flags.secret'])
  })

  test('whatever SQL it is, and however hostile the schema public is to who runs it', async () => {
    await apply(`
      create schema w; create table w.a (id int, k int, s int); create table w.b (id int, v int, s int);
      create type w.mood as enum ('x'); create table w.c (id int, m w.mood, s int);
      create function w.eq(int, int) returns boolean language sql immutable as 'select $1 = $2';
      create operator w.=== (leftarg = int, rightarg = int, function = w.eq);
      revoke execute on function w.eq(int, int) from public;
      create view w.invoking ${invoker} as select id, v from w.b;
      create view w.outer as select id, v from w.invoking;
      create view w.calling as select id from w.a where w.eq(id, id);
      create function public.trap(text, name) returns text language plpgsql as $$ begin raise exception 'trapped'; end $$;
      create operator public.|| (leftarg = text, rightarg = name, function = public.trap);
      create role any_sql login password 'word'`)
    const cases: readonly (readonly [sql: string, reads: string])[] = [
      ['select id, ctid::text from w.a', 'a.ctid a.id'],
      ['select k from w.a natural join (select id from w.b) b', 'a.id a.k b.id'],
      ['with a as (select id from w.b) select id from a', 'b.id'],
      [
        'with recursive t as (select id from w.a union select t.id from t join w.b using (id)) table t',
        'a.id b.id',
      ],
      ['select distinct on (k) id from w.a order by k, s', 'a.id a.k a.s'],
      ["select id from w.c where m = 'x'::w.mood", 'c.id c.m'],
      ['select id from w.a where id operator(w.===) k', 'a.id a.k'],
      ['select id from w.b where b is not null', 'b.id b.s b.v'],
      ['select v from w.outer', since(15, 'b.id b.v outer.v', 'outer.v')],
      ['select id from w.calling', 'calling.id'],
      ['select count(*) from w.b -- all', 'b.id'],
      [
        'select a.id, b.id from w.a, lateral (select v as id from w.b where b.id = a.k) b',
        'a.id a.k b.id b.v',
      ],
      ['values (1)', ''],
    ]
    for (const [sql, reads] of cases) {
      await apply('drop owned by any_sql')
      const script = table({ name: 'any', from: sql, columns: { id: integer } })
      await apply(await postgresRole('any_sql', [script]))
      const rows = await standIn.sql`
        select pg_catalog.concat(c.relname, '.', a.attname) as name
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'w'::regnamespace and has_column_privilege('any_sql', c.oid, a.attnum, 'select')
        order by 1`
      expect([sql, rows.map(({ name }) => name).join(' ')]).toEqual([sql, reads])
      const role = connectPostgres(readDatabase(as('any_sql')), { max: 1 })
      await role.unsafe(`select 1 ${rowsClause(script)}`)
      await role.end({ timeout: 1 })
    }
    await apply('drop operator public.|| (text, name); drop schema w cascade')
  })

  test('a script whose SQL is not right is named, and nothing is granted', async () => {
    await apply('create role nobody_yet login')
    const wrong = table({ name: 'wrong', from: 'select id from shop.nowhere', columns: { id: integer } })
    const sql = await postgresRole('nobody_yet', [view, wrong])
    await expect(apply(sql)).rejects.toThrow('scripts/wrong.ts: relation "shop.nowhere" does not exist')
    expect(await readableBy('nobody_yet')).toEqual([])
  })
})

describe('a role that may do more than read is refused', () => {
  const kinds: readonly (readonly [what: string, sql: string])[] = [
    ['is a superuser', 'create role %I login superuser'],
    ['may create roles', 'create role %I login createrole'],
    ['may create databases', 'create role %I login createdb'],
    ['may replicate', 'create role %I login replication'],
    ['may not log in', 'create role %I'],
    ['owns salaries', 'create role %I login; alter table salaries owner to %I'],
    ['owns something else than a table', 'create role %I login; create schema owned authorization %I'],
    ['owns a database', 'create role %I login; alter database postgres owner to %I'],
    ['may INSERT taxes', 'create role %I login; grant insert on taxes to %I'],
    ['may TRUNCATE taxes', 'create role %I login; grant truncate on taxes to %I'],
    ['may UPDATE taxes.amount', 'create role %I login; grant update (amount) on taxes to %I'],
    [
      'may USAGE numbers',
      'create role %I login; create sequence numbers; grant usage on sequence numbers to %I',
    ],
    ['may CREATE in the schema public', 'create role %I login; grant create on schema public to %I'],
    ['may CREATE in the database postgres', 'create role %I login; grant create on database postgres to %I'],
    [
      'what others create later',
      'create role %I login; alter default privileges grant insert on tables to %I',
    ],
    // Before PostgreSQL 14 there was no role that writes all.
    since(
      14,
      ['may do what pg_write_all_data may', 'create role %I login; grant pg_write_all_data to %I'],
      ['may do what pg_write_server_files may', 'create role %I login; grant pg_write_server_files to %I'],
    ),
    [
      'may DELETE taxes, as a member of writers',
      'create role writers; grant delete on taxes to writers; create role %I login noinherit; grant writers to %I',
    ],
  ]

  test.each(kinds)('which %s, by the command and by the SQL', async (what, sql) => {
    const role = `bad ${what.replaceAll('"', '')}`
    const undo = `reassign owned by ${quoteName(role)} to current_user; drop owned by ${quoteName(role)}; drop role ${quoteName(role)}`
    await apply(sql.replaceAll('%I', quoteName(role)))
    try {
      const objections = await readObjections(readDatabase(standIn.env), role, signal)
      expect(() => refuseObjections(role, objections)).toThrow(what)
      const before = await standIn.sql`select * from pg_roles where rolname = ${role}`
      await expect(apply(await postgresRole(role, []))).rejects.toThrow(what)
      expect(await standIn.sql`select * from pg_roles where rolname = ${role}`).toEqual(before)
    } finally {
      await apply(undo)
    }
  })

  test('a database that cannot be asked is told, and the SQL asks', async () => {
    const { exit, stdout, stderr } = await print(['--role', 'reader'], {
      DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d',
    })
    expect(exit).toBe(0)
    expect(stderr).toMatch(/no Postgres answers there; the SQL itself asks about the role/)
    expect(stdout + stderr).not.toContain('hidden')
  })
})

describe('a table of which only some columns may be read', () => {
  beforeAll(() =>
    apply(`create table parts (id int, cost int); insert into parts values (1, 1), (2, 2);
      create role narrow login password 'word'; grant select (id) on parts to narrow`),
  )

  const open = () => openReader(readDatabase(as('narrow')), { applicationName: 'test', signal })
  const relations = [{ schema: 'public', name: 'parts' }]
  const deadlineMs = 60_000

  test('is held against TRUNCATE and ALTER like any other', async () => {
    const reader = await open()
    await openSnapshot(reader, { relations, deadlineMs })
    const locks = await standIn.sql`
      select l.mode from pg_locks l join pg_stat_activity a using (pid)
      where a.usename = 'narrow' and l.relation = 'parts'::regclass`
    await reader.close()
    expect([...locks]).toEqual([{ mode: 'AccessShareLock' }])
  })

  test('is drafted from the columns that may be read, and from the types of the others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dracula-drafts-'))
    await apply(`create table priced (id int, price numeric); insert into priced values (1, 1.25);
      grant select (id) on priced to narrow`)
    const drafted = await runInProcess(join(root, 'lib/commands/new.ts'), ['priced', '--folder', folder], {
      ...standIn.env,
      ...as('narrow'),
    })
    expect({ exit: drafted.exit, stderr: drafted.stderr }).toMatchObject({ exit: 0 })
    expect(await Bun.file(join(folder, 'priced.ts')).text()).toContain('price:')
    await rm(folder, { recursive: true })
  })

  test.each([
    ['truncated', 'truncate parts; insert into parts values (3, 3)'],
    ['rewritten', 'alter table parts alter cost type bigint using cost + 1'],
    [
      'replaced',
      'drop table parts; create table parts (id int, cost bigint); grant select (id) on parts to narrow',
    ],
  ])('and refused when it was %s between the snapshot and the lock', async (_, change) => {
    const reader = await open()
    let hasSnapshot = false
    const watched = {
      ...reader,
      async query(sql: string) {
        if (hasSnapshot && sql.startsWith('explain')) await apply(change)
        if (sql.includes('pg_backend_pid() as pid')) hasSnapshot = true
        return reader.query(sql)
      },
    }
    await expect(openSnapshot(watched, { relations, deadlineMs })).rejects.toMatchObject({
      exit: 1,
      message: expect.stringContaining('it was replaced while it was being opened'),
    })
    await reader.close()
  })
})
