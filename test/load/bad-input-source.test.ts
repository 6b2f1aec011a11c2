/** What the declaration says and the database does not: columns, types, nulls, rights. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { needsPostgres } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectNoSecret, expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  await lake.sql.unsafe(`
    create role reader login password 'open-sesame';
    create schema closed`)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

const lines = ['id: integer,', 'name: text,', 'price: numeric(8, 2),']
const declared = lines.join(' ')

/** A table that matches `declared`. @returns its script */
async function made(table: string): Promise<string> {
  await lake.sql.unsafe(`
    create table ${table} (id int not null, name text not null, price numeric(8, 2) not null);
    insert into ${table} values (1, 'one', 1.25), (2, 'two', 2.50)`)
  return await scripts.write(table, declared)
}

/** One that is in the lake already. */
async function published(table: string): Promise<string> {
  const script = await made(table)
  const { exit, message } = await lake.run(script, ['--catalog', 'declared'])
  expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
  return script
}

describe('a source', () => {
  test.concurrent('that is no table at all', async () => {
    const script = await scripts.write('absent', declared)
    await expectRefusal(lake, 'absent', () => lake.run(script), {
      exit: 3,
      says: ['"public.absent": the database has no such table', "Correct the script's `name` or `from`"],
    })
  })

  test.concurrent('that is gone', async () => {
    const script = await published('gone')
    await lake.sql`drop table gone`
    await expectRefusal(lake, 'gone', () => lake.run(script), {
      exit: 3,
      says: ['gone: not published; readers still see load ', '"public.gone": the database has no such table'],
    })
  })

  test.concurrent('that was there for the dry run', async () => {
    const script = await made('rehearsed')
    const rehearsal = await lake.run(script, ['--dry-run'])
    expect({ exit: rehearsal.exit, rows: rehearsal.summary().rows }).toEqual({ exit: 0, rows: 2 })
    await lake.sql`drop table rehearsed`
    await expectRefusal(lake, 'rehearsed', () => lake.run(script), {
      exit: 3,
      says: ['"public.rehearsed": the database has no such table'],
    })
  })

  test.concurrent('that is a sequence', async () => {
    await lake.sql`create sequence numbers`
    const script = await scripts.write('numbers', 'last_value: bigint')
    await expectRefusal(lake, 'numbers', () => lake.run(script), {
      exit: 3,
      says: ['"public.numbers": it is neither a table nor a view'],
    })
  })

  test.concurrent('whose condition is no SQL', async () => {
    await made('conditional')
    const script = await scripts.write('conditional', declared, "where: 'prise > 1'")
    await expectRefusal(lake, 'conditional', () => lake.run(script), {
      exit: 3,
      says: ['"scripts/conditional.ts": column "prise" does not exist'],
    })
  })

  test.concurrent('whose condition ends before its end, so that a part of it would hold for each slice', async () => {
    await made('halved')
    const script = await scripts.write('halved', declared, "where: 'id < 1) or (id > 1'")
    await expectRefusal(lake, 'halved', () => lake.run(script, ['--connections', '2']), {
      exit: 3,
      says: ['"scripts/halved.ts": syntax error at or near ")"'],
    })
  })

  test.concurrent('whose view stands on something broken', async () => {
    await lake.sql.unsafe(`
      create table under (id int not null);
      insert into under values (1), (0);
      create view over as select 1 / id as id from under`)
    const script = await scripts.write('over', 'id: integer')
    await expectRefusal(lake, 'over', () => lake.run(script), {
      exit: 3,
      says: ['"public.over": division by zero', 'Correct the value in the database'],
    })
  })

  test.concurrent('whose view has two rows where there may be one', async () => {
    await lake.sql`create view doubled as select (select unnest(array[1, 2])) as id`
    const script = await scripts.write('doubled', 'id: nullable(integer)')
    await expectRefusal(lake, 'doubled', () => lake.run(script), {
      exit: 3,
      says: ['"public.doubled": more than one row returned by a subquery', 'Correct the view or query'],
    })
  })
})

describe('a type of an extension', () => {
  test.concurrent('whose library is not on the server', async () => {
    await lake.sql.unsafe(`
      create extension hstore;
      create table stored (id int not null, name hstore not null);
      insert into stored values (1, 'a=>b')`)
    const script = await scripts.write('stored', 'id: integer, name: text')
    expect((await lake.run(script, ['--catalog', 'declared'])).exit).toBe(0)
    await lake.sql`update pg_proc set probin = '$libdir/not_there' where probin = '$libdir/hstore'`
    await expectRefusal(lake, 'stored', () => lake.run(script), {
      exit: 3,
      says: [
        'stored: not published; readers still see load ',
        // Before PostgreSQL 18 with the folder it stands for.
        /Cannot read "public\.stored": could not access file "(\$libdir\/)?not_there"/,
        "Install the extension's package on the server",
      ],
    })
  })

  test.concurrent('that is dropped with all its columns', async () => {
    await lake.sql.unsafe(`
      create extension ltree;
      create table branched (id int not null, path ltree not null)`)
    const script = await scripts.write('branched', 'id: integer, path: text')
    await lake.sql`drop extension ltree cascade`
    await expectRefusal(lake, 'branched', () => lake.run(script), {
      exit: 3,
      says: ['"public.branched": path is not in the source', 'Remove path from scripts/branched.ts.'],
    })
  })

  test.concurrent('that only the condition names', async () => {
    await made('cubic')
    const script = await scripts.write('cubic', declared, "where: `name::cube <> '0'`")
    await expectRefusal(lake, 'cubic', () => lake.run(script), {
      exit: 3,
      says: ['type "cube" does not exist', 'install the extension it comes from'],
    })
  })
})

describe('a column', () => {
  test.concurrent('that is missing is named, and to be removed', async () => {
    const script = await made('dropped')
    await lake.sql`alter table dropped drop name`
    await expectRefusal(lake, 'dropped', () => lake.run(script), {
      exit: 3,
      says: ['"public.dropped": name is not in the source', 'Do: Remove name from scripts/dropped.ts.'],
    })
  })

  test.concurrent('is one of many that are missing, told in few words', async () => {
    const script = await made('emptied')
    await lake.sql`alter table emptied drop id, drop name`
    await expectRefusal(lake, 'emptied', () => lake.run(script), {
      exit: 3,
      says: ['id and name are not in the source', 'Do: Remove id and name from scripts/emptied.ts.'],
    })
  })

  test.concurrent('of another type is answered by the line to paste, which helps', async () => {
    const script = await made('retyped')
    await lake.sql`alter table retyped alter id type bigint`
    const { message } = await expectRefusal(lake, 'retyped', () => lake.run(script), {
      exit: 3,
      says: ['"public.retyped": id is bigint in the source, not integer', 'Write in scripts/retyped.ts: '],
    })
    expect(await pasted('retyped', message)).toBe('id: bigint,')
    expect((await lake.run(script)).exit).toBe(0)
  })

  test.concurrent('newly nullable is answered by the line to paste, which helps', async () => {
    const script = await published('loosened')
    await lake.sql`alter table loosened alter price drop not null`
    const { message } = await expectRefusal(lake, 'loosened', () => lake.run(script), {
      exit: 3,
      says: ['"public.loosened": price is newly nullable'],
    })
    expect(await pasted('loosened', message)).toBe('price: nullable(numeric(8, 2)),')
    expect((await lake.run(script)).exit).toBe(0)
  })

  test.concurrent('of more digits than declared is answered by the line to paste, which helps', async () => {
    const script = await made('widened')
    await lake.sql`alter table widened alter price type numeric(10, 4)`
    const { message } = await expectRefusal(lake, 'widened', () => lake.run(script), {
      exit: 3,
      says: ['"public.widened": price is numeric(10,4) in the source, not numeric(8,2)'],
    })
    expect(await pasted('widened', message)).toBe('price: numeric(10, 4),')
    expect((await lake.run(script)).exit).toBe(0)
  })

  test.concurrent('is one of several that differ, all named at once', async () => {
    const script = await made('rebuilt')
    await lake.sql.unsafe(
      'alter table rebuilt drop name, alter id drop not null, alter price type text, add added int',
    )
    const { message } = await expectRefusal(lake, 'rebuilt', () => lake.run(script), {
      exit: 3,
      says: [
        'id is newly nullable; name is not in the source; price is text in the source, not numeric(8,2)',
        'Do: Remove name from scripts/rebuilt.ts, and write there: id: nullable(integer), price: text, Retry',
      ],
    })
    expect(message).not.toContain('added')
  })

  test.concurrent('that is new is a warning, and the load goes on', async () => {
    const script = await made('grown')
    await lake.sql`alter table grown add colour text`
    const finished = await lake.run(script)
    expect(finished.exit).toBe(0)
    expect(finished.summary().warnings).toEqual([
      "colour of public.grown is not exported; declare it, or write in scripts/grown.ts ignore: ['colour']",
    ])
  })

  test.concurrent('and others with it are one warning, which ignore silences, and a wrong name in it is told', async () => {
    await made('wide')
    await lake.sql`alter table wide add colour text, add shape text, add size text, add weight text`
    const warningsOf = async (ignore: string, ...flags: string[]) =>
      (await lake.run(await scripts.write('wide', 'id: nullable(integer)', ignore), flags)).summary().warnings
    const told = expect.stringMatching(
      /^\d columns of public\.wide are not exported; declare them, or write in/,
    )
    const [warning = '', ...others] = await warningsOf('')
    expect([warning, others]).toEqual([told, []])
    expect(await warningsOf('', '--dry-run')).toEqual([warning])
    const [, pasted = ''] = /(ignore: \[.*\])$/.exec(warning) ?? []
    expect(await warningsOf(pasted)).toEqual([])
    expect(await warningsOf(pasted.replace('shape', 'shpae'))).toEqual([
      expect.stringContaining(
        'shape of public.wide is not exported; declare it, or write in scripts/wide.ts ignore: [',
      ),
      'public.wide does not have what scripts/wide.ts ignores: "shpae", the nearest is "shape"',
    ])
  })
})

const invoked = needsPostgres(15, 'security_invoker')

describe('a user', () => {
  const asReader = () => {
    const url = new URL(lake.env['DATABASE_URL'] ?? '')
    url.username = 'reader'
    url.password = 'open-sesame'
    return { DATABASE_URL: url.href }
  }

  test.concurrent('who may not read the table', async () => {
    const script = await published('secrets')
    const finished = await expectRefusal(lake, 'secrets', () => lake.run(script, [], asReader()), {
      exit: 2,
      says: [
        'permission denied for table secrets',
        'Grant this user SELECT on the table',
        'grant select ("id", "name", "price") on table "public"."secrets" to "reader";',
      ],
    })
    expectNoSecret(finished, [asReader().DATABASE_URL])
  })

  test.concurrent('who may read all but one column', async () => {
    const script = await made('hidden')
    await lake.sql`grant select (id, name) on hidden to reader`
    await expectRefusal(lake, 'hidden', () => lake.run(script, [], asReader()), {
      exit: 2,
      says: [
        'permission denied for table hidden',
        `Do: Grant this user SELECT on the table's columns that are read, and no more: grant select ("price") on table "public"."hidden" to "reader"; Retry: no.`,
      ],
    })
  })

  test.concurrent('who may read just the columns that are read loads them, with a fingerprint', async () => {
    await made('narrowed')
    const script = await scripts.write('narrowed', 'id: integer, price: numeric(8, 2)', "ignore: ['name']")
    await lake.sql`grant select (id, price) on narrowed to reader`
    const rehearsed = await lake.run(script, ['--dry-run'], asReader())
    expect([rehearsed.exit, rehearsed.summary().rows]).toEqual([0, 2])
    const loaded = await lake.run(script, ['--catalog', 'declared', '--fingerprint'], asReader())
    expect([loaded.exit, loaded.summary().rows, loaded.summary().warnings]).toEqual([0, 2, []])
  })

  test.concurrent('who may not enter the schema', async () => {
    await lake.sql`create table closed.doors (id int not null)`
    const script = await scripts.write('doors', 'id: integer', "from: 'closed.doors'")
    await expectRefusal(lake, 'doors', () => lake.run(script, [], asReader()), {
      exit: 2,
      says: [
        'permission denied for schema closed',
        'USAGE on its schema',
        'grant usage on schema "closed" to "reader"; grant select ("id") on table "closed"."doors" to "reader";',
      ],
    })
  })

  test.concurrent('from whom row-level security would hide rows gets none instead of some', async () => {
    const script = await published('guarded')
    await lake.sql.unsafe(`
      grant select on guarded to reader;
      alter table guarded enable row level security;
      create policy ones on guarded using (id = 1)`)
    await expectRefusal(lake, 'guarded', () => lake.run(script, [], asReader()), {
      exit: 2,
      says: [/row-level security.*guarded|guarded.*row-level security/, 'BYPASSRLS'],
    })
  })

  invoked.test('from whom row-level security under a view would hide rows gets none either', async () => {
    await lake.sql.unsafe(`
      create table veiled_rows as select g as id from generate_series(1, 3) g;
      create view veiled with (security_invoker) as select * from veiled_rows;
      grant select on veiled, veiled_rows to reader;
      alter table veiled_rows enable row level security;
      create policy ones on veiled_rows using (id = 1)`)
    const script = await scripts.write('veiled', 'id: integer')
    await expectRefusal(lake, 'veiled', () => lake.run(script, [], asReader()), {
      exit: 2,
      says: ['row-level security', 'BYPASSRLS'],
    })
  })
})

/** Puts the line that a message offers into the script, in the place of its column's. */
async function pasted(table: string, message: string): Promise<string | undefined> {
  const [, line, name = ''] = /Write in \S+: ((\w+): .*,) Retry: no\.$/.exec(message) ?? []
  const columns = lines.map((each) => (each.startsWith(`${name}:`) ? (line ?? '') : each))
  await scripts.write(table, columns.join(' '))
  return line
}
