/** What may happen while several connections read a table: each load is whole and of one moment, or ends with one clear line. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readDatabase } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import type { LoadEvent } from '../../lib/load/events.ts'
import { readingCores } from '../../lib/load/steps/reading-cores.ts'
import { backendOf } from '../../lib/postgres/backend.ts'
import { runsHere } from '../../lib/postgres/same-machine.ts'
import { bigint, integer, nullable, numeric, table, text } from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { openGate } from '../support/gate.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { backendsOnce, expectFailure, loadSliced, needsRanges, sliced } from './sliced.ts'

setDefaultTimeout(300_000)
let database: TestDatabase
let url: string
const scripts = await temporaryFolder()

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off', max_connections: '60' })
  const { host, port, user, password, database: name } = database.config
  url = `postgres://${user}:${password}@${host}:${port}/${name}`
  await database.sql.unsafe(`
    create table items (id int primary key, amount bigint not null, name text, price numeric not null default 1);
    insert into items select g, 100, 'name ' || g from generate_series(1, 20000) g;
    create table loose as select id, name from items;
    create sequence gate; grant select on gate to public;
    -- Two rows in a thousand wait until the gate is open, which shows in all transactions at once: one is in the last blocks,
    -- as each slice has to wait, but none is the least or the greatest, which are looked for before slices are read.
    create function passes(id int) returns boolean language plpgsql immutable as $$ begin
      while id % 1000 in (500, 990) and (select last_value from public.gate) < 2 loop perform pg_sleep(0.01); end loop;
      return true;
    end $$;
    create extension file_fdw; create server files foreign data wrapper file_fdw;
    create foreign table elsewhere (id int) server files options (program 'seq 1 5000');
    create view seen_elsewhere as select id from elsewhere;
    create table parted (id int not null) partition by range (id);
    create table parted_1 partition of parted for values from (0) to (20000); create index on parted (id);
    insert into parted select generate_series(1, 19999);
    create table heir (id int not null); insert into heir select generate_series(20000, 39999);
    create table bequeathed (id int not null); insert into bequeathed select generate_series(1, 19999); create index on bequeathed (id);
    create role limited login connection limit 2 password 'word';
    create role three login connection limit 3 password 'word';
    create role picky login password 'word';
    create role alone login connection limit 1 password 'word';
    grant select on items, parted, bequeathed to limited, three, alone; grant select (id, amount, name) on items to picky;
    grant execute on function passes to limited, three, alone, picky;
    analyze`)
})

afterAll(async () => {
  await database?.stop()
  await scripts[Symbol.asyncDispose]()
})

const columns = { id: integer, amount: bigint, name: nullable(text) }
/** Its rows wait until the gate is open. */
const items = table({ name: 'items', columns, where: 'public.passes(id)', ...sliced })
const loose = { id: nullable(integer), name: nullable(text) }

/** Runs the load, and opens the gate once so many connections read. */
async function whileReading<T>(
  connections: number,
  loading: Promise<T>,
  meanwhile?: () => unknown,
): Promise<T> {
  const readers = backendsOnce(database, connections, 'copy (%')
  try {
    await Promise.race([readers, loading])
    await meanwhile?.()
  } finally {
    await database.sql`select setval('gate', 2)`
  }
  return loading
}

beforeEach(async () => {
  await database.sql`select setval('gate', 1)`
})

/** A module whose default export is a table. @param end in place of nothing */
async function scriptOf(name: string, declaration: string, end = ''): Promise<string> {
  const path = join(scripts.path, `${Bun.hash(declaration + end)}.ts`)
  const lib = JSON.stringify(join(import.meta.dir, '../../lib/table.ts'))
  const run = JSON.stringify(join(import.meta.dir, '../../lib/run.ts'))
  await Bun.write(
    path,
    `import { run } from ${run}
import { bigint, integer, lookup, nullable, numeric, table, text } from ${lib}
const declared = table({ name: '${name}', ${declaration}, ...${JSON.stringify(sliced)} })
export default declared
${end}`,
  )
  return path
}

const declarationOf = `columns: { id: integer, amount: bigint, name: nullable(text) }, where: 'public.passes(id)'`

describe('one of several connections', () => {
  test.each([0, 3])('that the server ends, the one numbered %d, ends the load', async (number) => {
    const script = await scriptOf('items', declarationOf)
    const failure = await whileReading(4, expectFailure(database, items, { script }), async () => {
      const pid = (await backendsOnce(database, 4, 'copy (%'))[number]
      await database.sql`select pg_terminate_backend(${pid ?? 0})`
    })
    expect(failure.exit).toBe(1)
    expect(failure.summary).toMatch(
      /^Cannot read "public.items": terminating connection due to administrator command/,
    )
  })

  needsRanges.test(
    'that only waits for the others, and is ended by the server, ends the load before they are done',
    async () => {
      const never =
        'create function never(id int) returns boolean language sql immutable as $$ select pg_sleep(600) is null $$'
      await database.sql.unsafe(`${never}; grant execute on function never to public`)
      const where = 'case when id < 12000 then public.passes(id) when id = 20000 then public.never(id) end'
      const declared = table({ name: 'items', columns, where, ...sliced })
      const loading = expectFailure(database, declared, { options: { connections: 2 } })
      await backendsOnce(database, 2, 'copy (%')
      await database.sql`select setval('gate', 2)`
      const idle = async () => {
        const found = await database.sql`select pid from pg_stat_activity
        where application_name like 'dracula/items/%' and state = 'idle in transaction' and query not like 'copy%'`
        return found.map(({ pid }) => Number(pid))
      }
      await until(async () => (await idle()).length === 1)
      await database.sql`select pg_terminate_backend(${(await idle())[0] ?? 0})`
      const failure = await loading
      expect(failure.exit).toBe(1)
      expect(failure.summary).toMatch(
        /^Cannot read "public.items": (terminating connection|the connection broke)/,
      )
    },
  )

  test('is missing where the role may have no more: the others read for it, and the load says so', async () => {
    const warned = Promise.withResolvers<void>()
    const observe = (event: LoadEvent) => {
      if (event.kind === 'warning' && event.message.startsWith('fewer than')) warned.resolve()
    }
    const loading = loadSliced(database, items, { config: database.as('limited'), observe })
    const { summary, rows } = await whileReading(2, loading, () => Promise.race([warned.promise, loading]))
    expect(rows.length).toBe(20_000)
    expect(summary.slicing).toMatchObject({ slices: 4, connections: 2 })
    expect(summary.warnings).toContainEqual(
      expect.stringMatching(/^fewer than 4 connections read: .*too many connections for role/),
    )
  })

  test('is had a moment later where another has just ended', async () => {
    const other = await database.open(undefined, database.as('three'))
    await using gate = await openGate(url, { at: 'nothing that is said' })
    const ended = gate.answered('too many connections').then(() => other.close())
    const config = { ...database.as('three'), port: Number(new URL(gate.url).port) }
    const { summary } = await whileReading(3, loadSliced(database, items, { config }))
    await ended
    expect(summary.slicing).toMatchObject({ slices: 4, connections: 3 })
  })

  test('is all there is where the role may have but one', async () => {
    const { summary } = await loadSliced(database, table({ name: 'items', columns, ...sliced }), {
      config: database.as('alone'),
    })
    expect(summary.slicing).toMatchObject({ slices: 4, connections: 1 })
  })

  test('that would wait behind an ALTER, which waits for the load, takes no part', async () => {
    await using gate = await openGate(url, { at: 'set transaction snapshot' })
    const config = readDatabase({ DATABASE_URL: gate.url })
    const altering = async () => {
      await gate.reached
      const altered = database.sql
        .unsafe('alter table items add more int; alter table items drop more')
        .execute()
      await until(async () => (await database.sql`select from pg_locks where not granted`).length > 0)
      gate.open()
      await altered
    }
    const altered = altering()
    // The leader reads on once the others have given up.
    const observe = (event: LoadEvent) => {
      if (event.kind !== 'warning' || !event.message.startsWith('fewer than')) return
      void database.sql`select setval('gate', 2)`.execute()
    }
    const loading = loadSliced(database, items, { config, observe })
    const [{ summary, rows }] = await Promise.all([loading, altered])
    expect(rows.length).toBe(20_000)
    expect(summary.slicing).toMatchObject({ slices: 4, connections: 1 })
    expect(summary.warnings.join()).toMatch(/fewer than 4 connections read: .*somebody held it exclusively/)
  })

  test('that cannot write its file ends the load', async () => {
    const failure = await expectFailureInFolder()
    expect(failure.exit).toBe(2)
    expect(failure.summary).toMatch(/s0\d-00000\.parquet/)
  })
})

/** The folder has something else by the name of a slice's file, once the load has looked into it. */
async function expectFailureInFolder(): Promise<Failure> {
  const script = await scriptOf('items', declarationOf)
  const observe = ({ kind }: LoadEvent, folder: string) => {
    if (kind !== 'start') return
    for (const slice of [1, 2, 3]) void mkdir(join(folder, `items-s0${slice}-00000.parquet`))
  }
  const error = await whileReading(4, loadSliced(database, items, { script, observe })).then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}

describe('a load of one moment', () => {
  test('has neither more nor less of what is moved, added and deleted while its connections open and read', async () => {
    await database.sql.unsafe(`create table stirred as select id, amount, name from items where id <= 20000; create index on stirred (id);
      analyze stirred`)
    const stirred = table({
      name: 'stirred',
      columns: { id: nullable(integer), amount: nullable(bigint), name: nullable(text) },
      where: 'public.passes(id)',
      ...sliced,
    })
    await using gate = await openGate(url, { at: 'set transaction snapshot' })
    const config = readDatabase({ DATABASE_URL: gate.url })
    const stirring = async () => {
      await gate.reached
      for (let round = 0; round < 5; round++) {
        // Every row moves to another block.
        await database.sql.unsafe(`update stirred set amount = amount + 1; delete from stirred where id % 100 = 7;
          insert into stirred select g, 1000, 'new' from generate_series(1, 100) g`)
        gate.open()
      }
    }
    const loading = whileReading(4, loadSliced(database, stirred, { config }))
    const [{ rows }] = await Promise.all([loading, stirring()])
    expect(rows).toEqual(Array.from({ length: 20_000 }, (_, at) => `${at + 1}|100|name ${at + 1}`).toSorted())
  })

  test.each([
    [
      'parted',
      'alter table parted attach partition heir for values from (20000) to (40000)',
      'alter table parted detach partition heir',
    ],
    ['bequeathed', 'alter table heir inherit bequeathed', 'alter table heir no inherit bequeathed'],
  ])('is no part of what is attached to %s between two slices', async (name, attach, detach) => {
    const declared = table({ name, columns: { id: integer }, where: 'public.passes(id)', ...sliced })
    const loading = expectFailure(database, declared, { config: database.as('limited') })
    const failure = await whileReading(2, loading, () => database.sql.unsafe(attach))
    await database.sql.unsafe(detach)
    expect(failure.exit).toBe(1)
    expect(failure.summary).toBe(
      `Cannot read all slices of "public.${name}": "public"."heir" was attached to it while it was read`,
    )
  })

  test('has all rows, though a TRUNCATE waits for it', async () => {
    await database.sql.unsafe(
      'drop table if exists copied; create table copied as select * from items where id <= 20000; create index on copied (id)',
    )
    const copied = table({
      name: 'copied',
      columns: { id: nullable(integer) },
      where: 'public.passes(id)',
      ...sliced,
    })
    let truncated: Promise<unknown> | undefined
    const { rows } = await whileReading(4, loadSliced(database, copied), () => {
      truncated = database.sql.unsafe('truncate copied').execute()
    })
    expect(rows.length).toBe(20_000)
    await truncated
    const [row] = await database.sql`select count(*)::int as left from copied`
    expect(row?.['left']).toBe(0)
  })
})

describe('a value that does not fit', () => {
  const narrow = table({
    name: 'items',
    columns: { id: integer, price: numeric(6, 2) },
    where: 'public.passes(id)',
    ...sliced,
  })

  test('ends the load from any slice, and its row is named as ever', async () => {
    await database.sql.unsafe('update items set price = 1e9 where id = 15000')
    const script = await scriptOf(
      'items',
      `columns: { id: integer, price: numeric(6, 2) }, where: 'public.passes(id)'`,
    )
    const failure = await whileReading(4, expectFailure(database, narrow, { script }))
    const whole = await expectFailure(database, narrow, { options: { connections: 1 } })
    await database.sql.unsafe('update items set price = 1 where id = 15000')
    expect(failure.exit).toBe(3)
    expect(failure.summary).toBe(whole.summary)
    expect(failure.summary).toContain('the row with id 15000')
    expect(failure.advice).toBe(whole.advice)
  })

  test('is found by what the failure of a function says, where a row has no key', async () => {
    const derived = table({
      name: 'loose',
      columns: loose,
      ...sliced,
      derive: {
        half: {
          type: integer,
          value: ({ id }) => {
            if (id === 19_500) throw new Error('no half')
            return (id ?? 0) >> 1
          },
        },
      },
    })
    const failure = await expectFailure(database, derived)
    expect(failure.summary).toMatch(/in the row with number \d+ of slice 3, its function failed: no half/)
    const [, sql = ''] = /\((set .*?;)\)/.exec(failure.advice) ?? []
    const rows = await database.sql.unsafe(sql).simple()
    expect(rows.flat().at(-1)).toMatchObject({ id: 19_500 })
  })
})

describe('a load that is told to stop', () => {
  test('says why, whatever its connections say of it', async () => {
    const script = await scriptOf('items', declarationOf)
    const controller = new AbortController()
    const reason = new Failure({ exit: 1, act: 'finish', thing: 'items', reason: 'told so', advice: 'Wait.' })
    const loading = expectFailure(database, items, { script, signal: controller.signal })
    const failure = await whileReading(4, loading, () => controller.abort(reason))
    expect(failure.summary).toBe(reason.summary)
  })
})

describe('threads', () => {
  test('compute what one connection computes, with lookups that all of them share', async () => {
    const declaration = `columns: { id: integer, amount: bigint }, where: 'public.passes(id)', lookups: {
      other: lookup({ from: 'loose', key: 'id', columns: { id: nullable(integer), name: nullable(text) } }),
      byName: lookup({ from: 'loose', key: ['name', 'id'], columns: { id: nullable(integer), name: nullable(text) } }),
      many: lookup({ from: 'loose', key: 'id', many: true, columns: { id: nullable(integer), name: nullable(text) } }),
    }, derive: {
      other: { type: nullable(text), value: ({ id }, { other }) => other(id + 1)?.name },
      again: { type: nullable(integer), value: ({ id }, { byName }) => byName('name ' + id, id)?.id },
      many: { type: integer, value: ({ id }, { many }) => many(id).length },
      third: { type: nullable(integer), value: ({ id }) => (id % 3 === 0 ? id : null) },
    }, filter: ({ id }) => id % 7 !== 0`
    const script = await scriptOf('items', declaration)
    const { default: declared } = await import(script)
    const { summary, rows } = await whileReading(4, loadSliced(database, declared, { script }))
    const whole = await loadSliced(database, declared, { options: { connections: 1 } })
    expect(rows).toEqual(whole.rows)
    expect(summary.slicing.connections).toBe(4)
    expect(summary.nulls).toEqual({ other: 1, third: 11_429 })
    expect(summary.nulls).toEqual(whole.summary.nulls)
    expect(summary.warnings).toEqual(whole.summary.warnings)
  })

  test.each([
    ['runs as it is imported', declarationOf, 'await run(declared)'],
    [
      'declares something else each time',
      `columns: { id: integer }, where: "'" + performance.now() + "' <> '' and public.passes(id)"`,
      '',
    ],
  ])('cannot import a script that %s: one thread reads for all', async (_, declaration, end) => {
    const script = await scriptOf('items', declaration, end)
    const { summary, rows } = await whileReading(4, loadSliced(database, items, { script }))
    expect(rows.length).toBe(20_000)
    expect(summary.slicing.connections).toBe(4)
    const said = summary.warnings.filter((each) => !each.includes('not exported'))
    expect(said).toEqual([expect.stringMatching(/^one thread works for all connections: /)])
  })

  test('are deaf to what a script says in their name, and hear what it keeps from itself', async () => {
    const facts = `{ rowsRead: 0, rows: 0, bytesRead: 0, bytes: 0, lossy: {}, nulls: {}, files: [] }`
    const declaration = `columns: { id: integer }, where: 'public.passes(id)', filter: () => {
      if (!Bun.isMainThread) self.postMessage({ kind: 'done', facts: ${facts} })
      return true
    }`
    const script = await scriptOf('items', declaration, 'if (!Bun.isMainThread) self.onmessage = () => {}')
    const { default: declared } = await import(script)
    const { summary, rows } = await whileReading(4, loadSliced(database, declared, { script }))
    expect(summary).toMatchObject({ rows: 20_000, slicing: { connections: 4 } })
    expect(rows.length).toBe(20_000)
  })

  test('that never come to read are not waited for', async () => {
    const never = 'if (!Bun.isMainThread) await new Promise(() => {})'
    const script = await scriptOf('loose', 'columns: { id: nullable(integer) }', never)
    const { default: declared } = await import(script)
    const { summary } = await loadSliced(database, declared, { script })
    expect(summary).toMatchObject({ rows: 20_000, slicing: { connections: 1 } })
  })

  test('in which an error is lost end the load, which says what it was', async () => {
    const declaration = `columns: { id: integer }, where: 'public.passes(id)', filter: ({ id }) => {
      if (!Bun.isMainThread && id % 1000 === 1) Promise.reject(new Error('nobody awaits this'))
      return true
    }`
    const script = await scriptOf('items', declaration)
    const { default: declared } = await import(script)
    const failure = await whileReading(4, expectFailure(database, declared, { script }))
    expect(failure.exit).toBe(1)
    expect(failure.summary).toMatch(/^Cannot read in a thread "items": [^\n|]*nobody awaits this/)
    expect(failure.summary).not.toContain(' at ')
  })

  // A thread would say that it cannot import the script, and a process of two cores has a thread only where it is worth one.
  const runsItself = () => scriptOf('items', declarationOf, 'await run(declared)')

  test('import no script where a server on the same machine leaves one core', async () => {
    const how = { script: await runsItself(), cores: 2 }
    const { summary, rows } = await whileReading(4, loadSliced(database, items, how))
    expect(rows.length).toBe(20_000)
    expect(summary.slicing.connections).toBe(4)
    expect(summary.warnings).toEqual([expect.stringContaining('not exported')])
  })

  test('import it where functions need the second core', async () => {
    const derive = { x: { type: integer, value: () => 1 } }
    const computed = table({ name: 'items', columns, where: 'public.passes(id)', derive, ...sliced })
    const how = { script: await runsItself(), cores: 2 }
    const { summary, rows } = await whileReading(4, loadSliced(database, computed, how))
    expect(rows.length).toBe(20_000)
    expect(summary.warnings).toContainEqual(expect.stringMatching(/^one thread works for all/))
  })

  test('that a script ends end the load', async () => {
    const declaration = `columns: { id: integer }, where: 'public.passes(id)', derive: { x: { type: integer, value: () => {
      if (!Bun.isMainThread) process.exit(0)
      return 1
    } } }`
    const script = await scriptOf('items', declaration)
    const { default: declared } = await import(script)
    const failure = await whileReading(4, expectFailure(database, declared, { script }))
    expect(failure.exit).toBe(1)
    expect(failure.summary).toBe('Cannot read in a thread "items": it ended')
  })
})

test('half of the cores are for reading beside a server on the same machine, or all where functions see each row', async () => {
  await using reader = await database.open()
  const leader = { reader, snapshot: { backend: await backendOf(reader) } }
  const functions = table({ name: 'items', columns, filter: ({ id }) => id > 0, ...sliced })
  const beside = { cores: 4, why: 'the server works on the same 8 cores' }
  expect(await readingCores(items, leader, 8)).toEqual(beside)
  expect(await readingCores(items, leader, 1)).toEqual({ cores: 1, why: 'there is one core' })
  expect(await readingCores(functions, leader, 8)).toEqual({ cores: 8, why: 'there are 8 cores' })
  // The server behind a tunnel has another machine's processes.
  const pid = process.pid
  expect(await runsHere(reader, { pid })).toBe(process.platform !== 'linux')
  expect(await runsHere({ address: '192.0.2.1' }, leader.snapshot.backend)).toBe(false)
})

describe('one slice is all there is', () => {
  const reasonOf = async (...given: Parameters<typeof loadSliced>) => {
    const { summary } = await loadSliced(...given)
    expect(summary.slicing.slices).toBe(1)
    return summary.slicing.reason
  }
  const query = (from: string) =>
    table({ name: 'queried', from, columns: { id: nullable(integer) }, sliceBy: 'id' })

  test.each([
    ['id < 5 or now() > $$2020-01-01$$', 'now()'],
    ['current_date > $$2020-01-01$$', 'CURRENT_DATE'],
    ['random() < 2', 'random()'],
    ['id in (select id from public.loose limit 10000)', 'LIMIT'],
    [`'Today'::date > '2020-01-01'`, "'today'"],
    ['id not in (select id from public.elsewhere)', 'a foreign table'],
  ])('of a condition with %s', async (where, what) => {
    const declared = table({ name: 'items', columns: { id: integer }, where, ...sliced })
    expect(await reasonOf(database, declared)).toBe(`${what} may give each connection something else`)
  })

  test.each([
    ['select distinct on (name) id from loose', 'DISTINCT ON'],
    ['select (array_agg(id))[1] as id from loose group by name', 'array_agg()'],
    ['select pg_stat_get_numscans(id::oid)::int as id from loose', 'pg_stat_get_numscans()'],
    ['select id from loose limit 100', 'LIMIT'],
    ['select (row_number() over (order by name))::int as id from loose', 'a window function'],
  ])('of the query %s', async (from, what) => {
    expect(await reasonOf(database, query(from))).toBe(`${what} may give each connection something else`)
  })

  test('of no view whose aggregates say in which order they take rows, or are not what it is sliced by', async () => {
    const from = `select (array_agg(id order by id))[1] as id, string_agg(name, ',') as name from loose group by name`
    const declared = table({ name: 'queried', from, columns: loose, sliceBy: 'id' })
    expect((await loadSliced(database, declared)).summary.slicing.slices).toBe(4)
  })

  test.each(['elsewhere', 'seen_elsewhere'])('of %s, which another server has', async (name) => {
    const declared = table({ name, columns: { id: nullable(integer) }, sliceBy: 'id' })
    expect(await reasonOf(database, declared)).toBe('a foreign table may give each connection something else')
  })

  test('of a view without sliceBy, and with --limit', async () => {
    const view = table({ name: 'queried', from: 'select id from loose', columns: { id: nullable(integer) } })
    expect(await reasonOf(database, view)).toMatch(/^a query is read over one connection unless sliceBy/)
    const limited = { options: { limit: 10 } }
    expect(await reasonOf(database, items, limited)).toBe('it reads no more rows than --limit says')
  })

  needsRanges.test(
    'for a role that may not see where rows are stored, until it is granted that',
    async () => {
      const config = database.as('picky')
      const readable = table({ name: 'items', columns })
      const reason = await reasonOf(database, readable, { config })
      expect(reason).toMatch(/grant select \(ctid\) on public\.items to it$/)
      await database.sql.unsafe('grant select (ctid) on public.items to picky')
      const { summary } = await loadSliced(database, readable, { config })
      expect(summary.slicing.slices).toBe(4)
    },
  )
})

test.each([
  ['nowhere', 'public.loose has no column nowhere'],
  ['name', 'name of public.loose is text'],
])('sliceBy of %s is refused before a row is read', async (sliceBy, says) => {
  const declared = table({ name: 'loose', columns: loose, sliceBy })
  for (const connections of [1, 4]) {
    const failure = await expectFailure(database, declared, { options: { connections } })
    expect(failure.exit).toBe(3)
    expect(failure.summary).toBe(`Cannot slice "loose": ${says}`)
  }
})
