/** Postgres: whether it can be reached, how safely, and which tables may be read. */
import type { DatabaseConfig } from '../../config.ts'
import { readingsOf, relationsOf } from '../../load/readings.ts'
import { openReader, type Reader, type Row } from '../../postgres/connect.ts'
import { rowsQuery } from '../../postgres/copy-query.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { quoteName, quoteRelation, quoteText, type Relation } from '../../postgres/relation.ts'
import { readServer } from '../../postgres/server.ts'
import { beginStatements, underRoleSettings } from '../../postgres/session-settings.ts'
import type { Table } from '../../table.ts'
import { namesMoreInSql } from '../policies/postgres-role.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'

const policy = 'bun run policies postgres-role prints the SQL of such a role.'

export async function examinePostgres(
  database: DatabaseConfig,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<Finding[]> {
  let reader: Reader | undefined
  const place = `${database.host}:${database.port}/${database.database}`
  const findings = [
    await findingOf('postgres', signal, async () => {
      reader = await openReader(database, { applicationName: 'dracula/doctor', signal })
      const { version, replica } = await readServer(reader)
      const kind = replica ? ', a replica' : ''
      return `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000} at ${place}${kind}`
    }),
  ]
  if (reader === undefined) return findings
  const open = reader
  try {
    if (findings.some(({ status }) => status === 'missing')) return findings
    findings.push(await findingOf('postgres tls', signal, () => examineTls(open, database)))
    findings.push(await findingOf('postgres role', signal, () => examineRole(open)))
    findings.push(...(await examineTables(open, tables, signal)))
    return findings
  } finally {
    await open.close()
  }
}

async function ask(reader: Reader, what: string, sql: string): Promise<Row[]> {
  try {
    return await reader.query(sql)
  } catch (error) {
    throw postgresFailure(error, 'ask Postgres for', what)
  }
}

async function examineTls(reader: Reader, { host, tls }: DatabaseConfig): Promise<Finding> {
  const check = 'postgres tls'
  const [row] = await ask(
    reader,
    'its TLS',
    'select ssl, version from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()',
  )
  if (row?.['ssl'] === true) {
    const verified = tls.mode.startsWith('verify-')
    const found = `${row['version']}, ${tls.mode}`
    const fix = 'Set sslmode=verify-full, and sslrootcert: anybody between could pose as this server.'
    return verified ? ok(check, found) : warning(check, `${found}: the server is not verified`, fix)
  }
  const near = host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
  if (near) return ok(check, 'none, to this machine')
  return warning(check, `none, to ${host}`, 'Set sslmode=verify-full, and sslrootcert.')
}

async function examineRole(reader: Reader): Promise<Finding> {
  const check = 'postgres role'
  const [row] = await ask(
    reader,
    'its role',
    `select rolname, rolsuper, rolconnlimit, current_setting('default_transaction_read_only') = 'on' as read_only
     from pg_catalog.pg_roles where rolname = current_user`,
  )
  const name = String(row?.['rolname'])
  if (row?.['rolsuper'] === true) {
    return warning(check, `${name} is a superuser`, `Load as a role that may only read. ${policy}`)
  }
  if (row?.['read_only'] !== true) {
    const fix = `Run: alter role ${quoteName(name)} set default_transaction_read_only = on`
    return warning(check, `the transactions of ${name} may write unless they say otherwise`, fix)
  }
  const limit = Number(row['rolconnlimit'])
  return ok(check, `${name}, read-only, ${limit < 0 ? 'any number of' : limit} connections`)
}

/** Of everything that scripts and their lookups read. */
async function examineTables(
  reader: Reader,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const check = 'postgres tables'
  const readings = tables.flatMap(readingsOf)
  const troubles: Finding[] = []
  const counted = await findingOf(check, signal, async () => {
    const rows = await readPrivileges(reader, relationsOf(readings))
    troubles.push(...rows.flatMap(troubleOf))
    const summary = `${rows.length - troubles.length} of ${rows.length} may be read`
    const writable = rows.filter((row) => row['writable'] === true)
    const [first] = writable
    if (first === undefined) return summary
    const found = `${summary}, and ${writable.length} written, such as ${nameOf(first)}`
    return warning(check, found, `Load as a role that may only read. ${policy}`)
  })
  for (const { selection, place } of readings.filter(namesMoreInSql)) {
    const planned = await findingOf(place, signal, () => plan(reader, rowsQuery(selection), place))
    if (planned.status !== 'ok') troubles.push(planned)
  }
  return [counted, ...troubles]
}

async function readPrivileges(reader: Reader, relations: readonly Relation[]): Promise<Row[]> {
  if (relations.length === 0) return []
  const names = relations.map(({ schema, name }) => `(${quoteText(schema)}, ${quoteText(name)})`)
  return ask(
    reader,
    'the tables that may be read',
    `select v.schema, v.name, c.oid is not null as there, quote_ident(current_user) as role,
       coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false) as readable,
       coalesce(has_table_privilege(c.oid, 'insert, update, delete, truncate'), false) as writable,
       coalesce(c.relrowsecurity and row_security_active(c.oid), false) as hiding
     from (values ${names.join(', ')}) as v (schema, name)
       left join pg_catalog.pg_namespace n on n.nspname = v.schema
       left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.name
         and c.relkind in ('r', 'p', 'v', 'm', 'f')
     order by 1, 2`,
  )
}

function nameOf(row: Row): string {
  return `${row['schema']}.${row['name']}`
}

function troubleOf(row: Row): Finding[] {
  const check = `table ${nameOf(row)}`
  const { schema, name } = { schema: String(row['schema']), name: String(row['name']) }
  if (row['there'] !== true) {
    const fix = "Correct the script's `name` or `from`, or check which database DATABASE_URL names."
    return [missing(check, 'the database has no such table', fix)]
  }
  if (row['readable'] !== true) {
    const grants = `grant usage on schema ${quoteName(schema)} to ${row['role']}; grant select on ${quoteRelation({ schema, name })} to ${row['role']}`
    return [missing(check, 'it may not be read', `Run as its owner: ${grants}`)]
  }
  if (row['hiding'] === true) {
    const fix = 'Read it as a role with BYPASSRLS, or one no policy applies to.'
    return [missing(check, 'row-level security would hide rows', fix)]
  }
  return []
}

/** What only the planner knows: the tables that SQL of a script's own names. */
async function plan(reader: Reader, sql: string, place: string): Promise<string> {
  try {
    await reader.query(beginStatements({ isolation: 'read committed', deadlineMs: 60_000 }))
    await underRoleSettings(reader, () => reader.query(`explain ${sql}`))
    return ''
  } catch (error) {
    throw postgresFailure(error, 'plan the reading of', place)
  } finally {
    await reader.query('rollback').catch(() => undefined)
  }
}
