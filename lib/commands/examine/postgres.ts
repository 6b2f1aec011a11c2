/** Postgres: whether it can be reached, how safely, and which tables may be read. */
import type { DatabaseConfig } from '../../config/config.ts'
import type { Selection } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import { checkLine, commandLine } from '../../failure/command-line.ts'
import { type Input, inputsOf } from '../../load/inputs.ts'
import { openReader, type Reader, type Row } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { quoteName, quoteRelation } from '../../postgres/relation.ts'
import { roleObjections } from '../../postgres/role-objections.ts'
import { rowsQuery } from '../../postgres/select.ts'
import { readServer } from '../../postgres/server.ts'
import { beginStatements, underRoleSettings } from '../../postgres/session-settings.ts'
import { isOfTenants, ofTenant } from '../../postgres/tenant-rows.ts'
import { findTenants, tenantInputs } from '../../postgres/tenants.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'
import { type Rights, readRights } from './rights.ts'

const policy = `${commandLine('policies postgres-role --role dracula_reader')} prints the SQL of such a role.`

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
      const { version, replica, encoding } = await readServer(reader)
      const text = encoding === 'UTF8' ? '' : `, in ${encoding}`
      const found = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000} at ${place}${text}`
      return replica ? examineReplica(reader, `${found}, a replica`) : found
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

/** Whether what the primary removes may end a load (PostgreSQL manual, "Handling Query Conflicts"). */
async function examineReplica(reader: Reader, found: string): Promise<string | Finding> {
  const [row] = await ask(
    reader,
    'its settings as a replica',
    `select current_setting('hot_standby_feedback') = 'on' as feedback,
       current_setting('max_standby_streaming_delay') as delay`,
  )
  if (row?.['feedback'] === true || row?.['delay'] === '-1') return found
  const fix =
    'Turn on hot_standby_feedback there: rows that the primary removes then wait for a load that reads them.'
  return warning('postgres', `${found}, which ends a load that is in its way after ${row?.['delay']}`, fix)
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

/** Five checks at once, and a load beside them. */
const fewestConnections = 5

async function examineRole(reader: Reader): Promise<Finding> {
  const check = 'postgres role'
  const [row] = await ask(
    reader,
    'its role',
    `select rolname, rolconnlimit, current_setting('default_transaction_read_only') = 'on' as read_only
     from pg_catalog.pg_roles where rolname = current_user`,
  )
  const name = String(row?.['rolname'])
  const [objection, ...more] = await roleObjections(reader, name)
  if (objection !== undefined) {
    const others = more.length === 0 ? '' : `, and ${more.length} more`
    const fix = `Load as a role that may only read. ${policy}`
    return warning(check, `${name} ${objection}${others}`, fix)
  }
  if (row?.['read_only'] !== true) {
    const fix = `Run: alter role ${quoteName(name)} set default_transaction_read_only = on`
    return warning(check, `the transactions of ${name} may write unless they say otherwise`, fix)
  }
  const limit = Number(row['rolconnlimit'])
  if (limit >= 0 && limit < fewestConnections) {
    const fix = `All checks together take five. Run: alter role ${quoteName(name)} connection limit 10`
    return warning(check, `${name} may have ${limit} connections`, fix)
  }
  return ok(check, `${name}, read-only, ${limit < 0 ? 'any number of' : limit} connections`)
}

/** Everything that scripts and their lookups read, column by column. */
async function examineTables(
  reader: Reader,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const check = 'postgres tables'
  const { inputs, troubles } = await withTenants(reader, tables.flatMap(inputsOf), signal)
  const counted = await findingOf(check, signal, async () => {
    const found = await readRights(reader, inputs)
    const refused = found.flatMap(troubleOf)
    troubles.push(...refused)
    const summary = `${found.length - refused.length} of ${found.length} may be read`
    const writable = found.filter((each) => each.writable)
    const [first] = writable
    if (first === undefined) return summary
    const written = `${summary}, and ${writable.length} written, such as ${nameOf(first)}`
    return warning(check, written, `Load as a role that may only read. ${policy}`)
  })
  for (const { selection, place } of inputs.filter(({ selection }) => isComputed(selection))) {
    const planned = await findingOf(place, signal, () => plan(reader, rowsQuery(selection), place))
    if (planned.status !== 'ok') troubles.push(planned)
  }
  return [counted, ...troubles]
}

/** The table of each tenant in the place of all. */
async function withTenants(
  reader: Reader,
  inputs: readonly Input[],
  signal: AbortSignal,
): Promise<{ readonly inputs: readonly Input[]; readonly troubles: Finding[] }> {
  const all: Input[] = []
  const troubles: Finding[] = []
  for (const input of inputs) {
    const { selection, place } = input
    if (!isOfTenants(selection)) {
      all.push(input)
      continue
    }
    const found = await findingOf(place, signal, async () => {
      const schemas = await findTenants(reader.query, tenantInputs([input]))
      for (const [at, schema] of schemas.entries()) {
        const own = ofTenant(selection, selection.source, schema)
        // What one may plan, all may.
        all.push({ ...input, selection: at === 0 ? own : { ...own, where: undefined } })
      }
      return `${schemas.length} tenants`
    })
    if (found.status !== 'ok') troubles.push(found)
  }
  return { inputs: all, troubles }
}

/** Whether it may read more than the columns it declares. */
function isComputed({ source, where }: Selection): boolean {
  return source.query !== undefined || where !== undefined
}

function nameOf({ relation: { schema, name } }: Rights): string {
  return `${schema}.${name}`
}

function troubleOf(rights: Rights): Finding[] {
  const check = `table ${nameOf(rights)}`
  const { relation, role, places } = rights
  const scripts = new Intl.ListFormat('en-GB').format(places)
  if (!rights.there) {
    const fix = "Correct the script's `name` or `from`, or check which database DATABASE_URL names."
    return [missing(check, 'the database has no such table', fix)]
  }
  if (rights.absent.length > 0) {
    const which = rights.absent.map(quoteName).join(', ')
    const fix = `See: ${checkLine('schema')}`
    return [
      missing(check, `it has no ${which}, which ${scripts} ${places.length === 1 ? 'reads' : 'read'}`, fix),
    ]
  }
  if (!rights.usable || rights.refused.length > 0) {
    const columns = (rights.refused.length > 0 ? rights.refused : rights.columns).map(quoteName).join(', ')
    const usage = rights.usable ? '' : `grant usage on schema ${quoteName(relation.schema)} to ${role}; `
    const grants = `${usage}grant select (${columns}) on ${quoteRelation(relation)} to ${role}`
    const some = rights.refused.length > 0 && rights.refused.length < rights.columns.length
    const found = some
      ? `${columns} of it may not be read, for ${scripts}`
      : `it may not be read, for ${scripts}`
    return [missing(check, found, `Run as its owner: ${grants}`)]
  }
  if (rights.hiding) {
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
