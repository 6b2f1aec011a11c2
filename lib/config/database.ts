/** DATABASE_URL, completed by the PG* variables as libpq does (PostgreSQL manual, "Connection URIs"). */

import { type Environment, setting, wrongSetting } from './setting.ts'
import { parseTls } from './tls.ts'
import type { DatabaseConfig } from './types.ts'

export function missingForDatabase(env: Environment): string[] {
  if (setting(env, 'DATABASE_URL') !== undefined) return []
  if (setting(env, 'PGHOST') === undefined) return ['DATABASE_URL (or PGHOST, PGUSER, PGDATABASE)']
  return setting(env, 'PGUSER') === undefined ? ['PGUSER'] : []
}

/**
 * Settings that would change where, as whom or how safely one connects and are not supported. They are refused
 * and not passed over; besides, a driver may read such a variable by itself.
 */
const unsupportedParameters = [
  ...['host', 'hostaddr', 'port', 'user', 'password', 'passfile', 'dbname', 'service', 'options'],
  ...['ssl', 'sslcert', 'sslkey', 'sslpassword', 'sslcrl', 'sslcrldir', 'sslnegotiation'],
  ...['requirepeer', 'require_auth', 'target_session_attrs', 'ssl_min_protocol_version'],
]
const unsupportedVariables = [
  ...['PGHOSTADDR', 'PGSERVICE', 'PGOPTIONS', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLCRL'],
  ...['PGSSLCRLDIR', 'PGSSLNEGOTIATION', 'PGREQUIREPEER', 'PGREQUIREAUTH', 'PGTARGETSESSIONATTRS'],
]

/** @throws Failure (2) naming the variable, never its value */
export function parseDatabase(env: Environment): DatabaseConfig {
  for (const name of unsupportedVariables) {
    if (setting(env, name) !== undefined) throw wrongSetting(name, 'is not supported', 'Unset it.')
  }
  const url = parseUrl(env)
  refuseBinding('PGCHANNELBINDING', setting(env, 'PGCHANNELBINDING'))

  const host = part(url?.hostname.replace(/^\[|\]$/g, '')) ?? setting(env, 'PGHOST')
  const user = part(url?.username) ?? setting(env, 'PGUSER')
  if (host === undefined) throw wrongSetting('DATABASE_URL', 'names no host', 'Add it, or set PGHOST.')
  if (user === undefined) throw wrongSetting('DATABASE_URL', 'names no user', 'Add it, or set PGUSER.')
  if (host.includes(',')) throw severalHosts(url === undefined ? 'PGHOST' : 'DATABASE_URL')
  const password = part(url?.password) ?? setting(env, 'PGPASSWORD')
  if (password === undefined && setting(env, 'PGPASSFILE') !== undefined) {
    const advice = 'Set PGPASSWORD, or put the password into DATABASE_URL.'
    throw wrongSetting('PGPASSFILE', 'is not supported', advice)
  }
  return {
    host,
    port: parsePort(url?.port, setting(env, 'PGPORT')),
    database: part(url?.pathname.slice(1)) ?? setting(env, 'PGDATABASE') ?? user,
    user,
    password,
    tls: parseTls(host, {
      mode: given('sslmode in DATABASE_URL', url?.searchParams.get('sslmode'), 'PGSSLMODE', env),
      root: given('sslrootcert in DATABASE_URL', url?.searchParams.get('sslrootcert'), 'PGSSLROOTCERT', env),
    }),
  }
}

function parseUrl(env: Environment): URL | undefined {
  const text = setting(env, 'DATABASE_URL')
  if (text === undefined) return undefined
  const [, authority = ''] = /^[^/?#]*:\/\/([^/?#]*)/.exec(text) ?? []
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(',')) throw severalHosts('DATABASE_URL')

  const url = URL.parse(text)
  // An unescaped character of a password would move the host; none of these is legal where it then stands.
  const torn =
    url !== null && (url.hash !== '' || /[@/]/.test(url.pathname.slice(1)) || url.search.includes('@'))
  if (url === null || torn) {
    throw wrongSetting(
      'DATABASE_URL',
      'is not a URL',
      'Write postgres://user:password@host:5432/database and percent-encode special characters of the password, such as %40 for @.',
    )
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw wrongSetting('DATABASE_URL', 'is not a Postgres URL', 'Begin it with postgres:// or postgresql://.')
  }
  for (const name of url.searchParams.keys()) {
    if (unsupportedParameters.includes(name)) {
      throw wrongSetting('DATABASE_URL', `has the parameter ${name}, which is not supported`, 'Remove it.')
    }
  }
  refuseBinding('DATABASE_URL', url.searchParams.get('channel_binding') ?? undefined)
  return url
}

/** Neither client binds; verify-full proves the server as well. */
function refuseBinding(name: string, wish: string | undefined): void {
  if (wish !== 'require') return
  throw wrongSetting(
    name,
    'requires channel binding, which is not supported',
    'Use sslmode=verify-full instead.',
  )
}

function severalHosts(name: string) {
  return wrongSetting(name, 'names several hosts', 'Name one: all connections of a load go to one server.')
}

/** A part of the URL, decoded. */
function part(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  try {
    const decoded = decodeURIComponent(text)
    if (!decoded.includes('\0')) return decoded
  } catch {
    // Said below: the error's own text would show the value.
  }
  throw wrongSetting(
    'DATABASE_URL',
    'has a percent sign that encodes nothing',
    'Write %25 for a percent sign.',
  )
}

function parsePort(inUrl: string | undefined, variable: string | undefined): number {
  const text = inUrl || (variable ?? '5432')
  const port = /^\d+$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw wrongSetting(inUrl ? 'DATABASE_URL' : 'PGPORT', 'has no valid port', 'Ports go from 1 to 65535.')
}

function given(name: string, inUrl: string | null | undefined, variable: string, env: Environment) {
  return inUrl ? { name, value: inUrl } : { name: variable, value: setting(env, variable) }
}
