/**
 * Whatever settings a role has: a load gives the bytes that it gives a role without any, or says why not. The suite has
 * all settings at once; `bun run settings` tries each of them alone.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../lib/failure/failure.ts'
import { load } from '../../lib/load/load.ts'
import type { Table } from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { dryRun } from '../support/load-options.ts'
import { type OddSetting, oddSettings } from '../support/odd-settings.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { everyTypeSql } from './every-type.ts'
import everyType from './scripts/every_type.ts'

setDefaultTimeout(700_000)

const each = process.env['DRACULA_EACH_SETTING'] === '1'

let database: TestDatabase
let settings: readonly OddSetting[]

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(everyTypeSql).simple()
  await database.sql.unsafe(`
    delete from every_type where id > 60;
    create view every_view as select * from every_type;
    create schema hostile; create domain hostile.text as varchar(1); create domain hostile.int8 as smallint;
    create function hostile.count(int) returns bigint language sql immutable as 'select 7::bigint';
    create function hostile.concat_ws(text, text) returns text language sql immutable as $$ select 'shadow' $$;
    create function hostile.equal(int, int) returns boolean language sql immutable as 'select true';
    create operator hostile.= (function = hostile.equal, leftarg = int, rightarg = int);
    create table hostile.pg_class (oid oid); create table hostile.every_type (id int);
    create role plain login password 'word'; create role odd login password 'word'; create role weak; create role fit;
    grant select on every_type, every_view to plain, odd, fit; grant usage on schema hostile to plain, odd; grant weak, fit to odd`)
  settings = await oddSettings(database.sql)
})

afterAll(() => database?.stop())

/** Rows of a view come under the settings of the role. */
const everyView: Table = { ...everyType, source: { schema: 'public', name: 'every_view' } }

/** The file's bytes but for the load's id, or the failure. */
async function loadAs(user: string, declared: Table): Promise<Buffer | Failure> {
  await using folder = await temporaryFolder()
  const config = { database: database.as(user), lake: undefined }
  const options = { ...dryRun, connections: 1, connectWithinMs: 0, out: folder.path }
  try {
    const { load: id } = await load(declared, config, options, () => {}, new AbortController().signal)
    const [name = ''] = await readdir(folder.path)
    const file = Buffer.from(await Bun.file(join(folder.path, name)).bytes())
    const at = file.lastIndexOf(id)
    file.fill('-', at, at + id.length)
    return file
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

const plainly = new Map<Table, Promise<Buffer | Failure>>()

/** What is wrong, or a word on how it went. */
async function outcome(declared: Table): Promise<{ wrong: boolean; says: string }> {
  const baseline = plainly.get(declared) ?? loadAs('plain', declared)
  plainly.set(declared, baseline)
  const expected = await baseline
  if (!Buffer.isBuffer(expected)) throw expected
  const found = await loadAs('odd', declared)
  if (Buffer.isBuffer(found)) {
    const same = found.equals(expected)
    return { wrong: !same, says: same ? 'same bytes' : 'other bytes' }
  }
  const unclear = /unexpected|undefined|\[object/.test(found.message)
  return { wrong: unclear, says: `exit ${found.exit}: ${found.message}` }
}

/** Gives the role these settings, and no others. @returns how many of them the server has taken */
async function give(given: readonly (readonly [name: string, value: string])[]): Promise<number> {
  const statements = given.map(([name, value]) => {
    const quoted = name === 'search_path' && value !== '' ? value : `'${value}'`
    return `begin execute $set$ alter role odd set ${name} to ${quoted} $set$; exception when others then end;`
  })
  await database.sql.unsafe(`alter role odd reset all; do $do$ begin ${statements.join('\n')} end $do$`)
  const [row] = await database.sql`
    select coalesce(sum(cardinality(setconfig)), 0)::int as taken from pg_db_role_setting
    where setrole = 'odd'::regrole`
  return Number(row?.['taken'])
}

/** Under these a session cannot be had, or does nothing in time, and each load says so. */
const stops = new Set(
  `local_preload_libraries session_preload_libraries max_stack_depth temp_file_limit statement_timeout
  transaction_timeout idle_session_timeout idle_in_transaction_session_timeout lock_timeout exit_on_error post_auth_delay
  restrict_nonsystem_relation_kind zero_damaged_pages ignore_checksum_failure`.split(/\s+/),
)

test.skipIf(each)(
  'a table is the same bytes under all settings at once, at their least, greatest and other values',
  async () => {
    for (const which of [0, -1, 1]) {
      const given = settings.flatMap(({ name, values }) => {
        const value = values.at(which) ?? values[0]
        // All plans cost the same where each step costs more than there are numbers for, and the slowest is taken.
        const isCost = name.endsWith('_cost')
        return value === undefined || isCost || stops.has(name) ? [] : [[name, value] as const]
      })
      expect(await give(given)).toBeGreaterThan(100)
      expect(await outcome(everyType)).toEqual({ wrong: false, says: 'same bytes' })
    }
  },
)

test.skipIf(each)('a role that becomes another as it connects reads what that one may read', async () => {
  for (const [role, says] of [
    ['fit', 'same bytes'],
    ['weak', 'exit 2: '],
  ] as const) {
    await give([['role', role]])
    expect((await outcome(everyType)).says).toStartWith(says)
  }
})

test.skipIf(each).each(['zero_damaged_pages', 'ignore_checksum_failure'])(
  'nothing is read where the server would pass over what is damaged: %s',
  async (name) => {
    await give([[name, 'on']])
    expect((await outcome(everyType)).says).toContain(`exit 2: Cannot read "postgres": ${name} is on`)
  },
)

test.skipIf(!each)(
  'each setting alone leaves a table and a view as they are, or stops the load with what to do',
  async () => {
    const told = new Map<string, string[]>()
    const wrong: string[] = []
    for (const { name, values } of settings) {
      for (const value of values) {
        if ((await give([[name, value]])) === 0) continue
        for (const declared of [everyType, everyView]) {
          const { wrong: isWrong, says } = await outcome(declared)
          const line = `${name} = '${value}', a ${declared === everyView ? 'view' : 'table'}`
          if (isWrong) wrong.push(`${line}: ${says}`)
          told.set(says, [...(told.get(says) ?? []), line])
        }
      }
    }
    for (const [says, lines] of told) {
      const which = says === 'same bytes' ? '' : `\n  ${lines.join('\n  ')}`
      process.stderr.write(`${lines.length} × ${says}${which}\n`)
    }
    expect(wrong).toEqual([])
  },
)
