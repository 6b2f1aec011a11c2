/** DATABASE_URL, completed by the PG* variables as libpq does (PostgreSQL manual, "Connection URIs"). */
import { parseAuth } from './auth.ts'
import { findUrl, type GivenUrl } from './database-url.ts'
import { passwordFrom } from './password-file.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'
import { parseTls } from './tls.ts'
import type { DatabaseConfig } from './types.ts'

export function missingForDatabase(env: Environment): string[] {
  if (setting(env, 'DATABASE_URL') !== undefined || setting(env, 'DATABASE_URL_FILE') !== undefined) return []
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
  const given = findUrl(env)
  const url = given === undefined ? undefined : parseUrl(given)
  refuseBinding('PGCHANNELBINDING', setting(env, 'PGCHANNELBINDING'))

  const name = given?.name ?? 'DATABASE_URL'
  const part = (text: string | undefined) => decodedPart(name, text)
  const host = part(url?.hostname.replace(/^\[|\]$/g, '')) ?? setting(env, 'PGHOST')
  const user = part(url?.username) ?? setting(env, 'PGUSER')
  if (host === undefined) throw wrongSetting(name, 'names no host', 'Add it, or set PGHOST.')
  if (user === undefined) throw wrongSetting(name, 'names no user', 'Add it, or set PGUSER.')
  if (host.includes(',')) throw severalHosts(url === undefined ? 'PGHOST' : name)
  const port = parsePort(name, url?.port, setting(env, 'PGPORT'))
  const database = part(url?.pathname.slice(1)) ?? setting(env, 'PGDATABASE') ?? user
  const inUrl = part(url?.password)
  const parameter = (key: string, variable: string) => {
    const value = url?.searchParams.get(key)
    return value ? { name: `${key} in ${name}`, value } : { name: variable, value: setting(env, variable) }
  }
  const tls = parseTls(host, {
    mode: parameter('sslmode', 'PGSSLMODE'),
    root: parameter('sslrootcert', 'PGSSLROOTCERT'),
  })
  const auth = parseAuth(env, { tls, passwordOf: inUrl === undefined ? undefined : name })
  const place = { host, port, database, user }
  const password =
    auth === 'rds-iam' ? undefined : (inUrl ?? setting(env, 'PGPASSWORD') ?? passwordFrom(env, place))
  return { ...place, password, auth, tls }
}

function parseUrl({ name, text }: GivenUrl): URL {
  const [, authority = ''] = /^[^/?#]*:\/\/([^/?#]*)/.exec(text) ?? []
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(',')) throw severalHosts(name)

  const url = URL.parse(text)
  // An unescaped character of a password would move the host; none of these is legal where it then stands.
  const torn =
    url !== null && (url.hash !== '' || /[@/]/.test(url.pathname.slice(1)) || url.search.includes('@'))
  if (url === null || torn) {
    throw wrongSetting(
      name,
      'is not a URL',
      'Write postgres://user:password@host:5432/database and percent-encode special characters of the password, such as %40 for @.',
    )
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw wrongSetting(name, 'is not a Postgres URL', 'Begin it with postgres:// or postgresql://.')
  }
  for (const key of url.searchParams.keys()) {
    if (unsupportedParameters.includes(key)) {
      throw wrongSetting(name, `has the parameter ${key}, which is not supported`, 'Remove it.')
    }
  }
  refuseBinding(name, url.searchParams.get('channel_binding') ?? undefined)
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

/** A part of the URL, decoded; undefined: it has none. */
function decodedPart(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  try {
    const decoded = decodeURIComponent(text)
    if (!decoded.includes('\0')) return decoded
  } catch {
    // Said below: the error's own text would show the value.
  }
  throw wrongSetting(name, 'has a percent sign that encodes nothing', 'Write %25 for a percent sign.')
}

function parsePort(name: string, inUrl: string | undefined, variable: string | undefined): number {
  const text = inUrl || (variable ?? '5432')
  const port = /^\d+$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw wrongSetting(inUrl ? name : 'PGPORT', 'has no valid port', 'Ports go from 1 to 65535.')
}
