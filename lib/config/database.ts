/**
 * DATABASE_URL, completed by the PG* variables as libpq does (PostgreSQL manual, "Connection URIs"). The URL of a source
 * with a name is not: what was meant for one database would lead to another, or give its password away.
 */
import { isIP } from 'node:net'
import { parseAuth } from './auth.ts'
import { checkParameters, checkVariables } from './connection-parameters.ts'
import { findUrl, type GivenUrl } from './database-url.ts'
import { passwordFrom } from './password-file.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'
import type { SettingName } from './settings.ts'
import { variablesOf } from './source-variables.ts'
import { parseTls } from './tls.ts'
import type { DatabaseConfig } from './types.ts'

export function missingForDatabase(env: Environment, source?: string): string[] {
  const { url, file } = variablesOf(source)
  if (setting(env, url) !== undefined || setting(env, file) !== undefined) return []
  if (source !== undefined) return [url]
  if (setting(env, 'PGHOST') === undefined) return ['DATABASE_URL (or PGHOST, PGUSER, PGDATABASE)']
  return setting(env, 'PGUSER') === undefined ? ['PGUSER'] : []
}

/** @throws Failure (2) naming the variable, never its value */
export function parseDatabase(env: Environment, source?: string): DatabaseConfig {
  checkVariables(env)
  const variables = variablesOf(source)
  const given = findUrl(env, variables)
  const url = given === undefined ? undefined : parseUrl(given)

  const name = given?.name ?? variables.url
  const completing = source === undefined ? env : {}
  const orSet = (variable: string) => (source === undefined ? `, or set ${variable}` : '')
  const part = (text: string | undefined) => decodedPart(name, text)
  const hostInUrl = part(url?.hostname.replace(/^\[|\]$/g, ''))
  const host = hostInUrl ?? setting(completing, 'PGHOST')
  const user = part(url?.username) ?? requireTrimmed(completing, 'PGUSER')
  if (host === undefined) throw wrongSetting(name, 'names no host', `Add it${orSet('PGHOST')}.`)
  if (user === undefined) throw wrongSetting(name, 'names no user', `Add it${orSet('PGUSER')}.`)
  checkHost(hostInUrl === undefined ? 'PGHOST' : name, host)
  const port = parsePort(name, url?.port, setting(completing, 'PGPORT'))
  const inPath = part(url?.pathname.slice(1))
  if (source !== undefined && inPath === undefined) {
    throw wrongSetting(name, 'names no database', 'Add it: postgres://user@host:5432/database.')
  }
  const database = inPath ?? requireTrimmed(completing, 'PGDATABASE') ?? user
  const inUrl = part(url?.password)
  const parameter = (key: string, variable: SettingName) => {
    const value = url?.searchParams.get(key)
    return value ? { name: `${key} in ${name}`, value } : { name: variable, value: setting(env, variable) }
  }
  const tls = parseTls(host, {
    mode: parameter('sslmode', 'PGSSLMODE'),
    root: parameter('sslrootcert', 'PGSSLROOTCERT'),
  })
  const auth = parseAuth(env, source, { tls, passwordOf: inUrl === undefined ? undefined : name })
  const place = { host, port, database, user }
  const password =
    auth === 'rds-iam' ? undefined : (inUrl ?? passwordSetting(completing) ?? passwordFrom(env, place))
  return { ...place, password, auth, tls }
}

const urlForm =
  'Write postgres://user@host:5432/database, and percent-encode special characters of the password behind the user, such as %40 for @.'

function parseUrl({ name, text }: GivenUrl): URL {
  if (/^['"]/.test(text)) throw wrongSetting(name, 'has quotes round it', 'Remove them.')
  const [, authority = ''] = /^[^/?#]*:\/\/([^/?#]*)/.exec(text) ?? []
  const place = authority.slice(authority.lastIndexOf('@') + 1)
  if (place.includes(',')) throw severalHosts(name)
  const [, port = ''] = /:([^:\]]*)$/.exec(place) ?? []
  if (authority.includes('@') && port !== '' && !isPort(port)) throw wrongPort(name)

  const url = URL.parse(text)
  // An unescaped character of a password would move the host; none of these is legal where it then stands.
  const torn =
    url !== null && (url.hash !== '' || /[@/]/.test(url.pathname.slice(1)) || url.search.includes('@'))
  if (url === null || torn) throw wrongSetting(name, 'is not a URL', urlForm)
  // The parser would take some of it away without a word.
  if (/[\s\p{Cc}]/u.test(text)) throw wrongSetting(name, 'has white space in it', 'Write %20 for a blank.')
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw wrongSetting(name, 'is not a Postgres URL', 'Begin it with postgres:// or postgresql://.')
  }
  checkParameters(name, url.searchParams)
  return url
}

function severalHosts(name: string) {
  return wrongSetting(name, 'names several hosts', 'Name one: all connections of a load go to one server.')
}

/** A name, an address without brackets, or the folder of a socket. */
function checkHost(name: string, host: string): void {
  if (host.includes(',')) throw severalHosts(name)
  if (
    host.startsWith('/')
      ? !/[\p{Cc}]/u.test(host)
      : isIP(host) !== 0 || /^[^\s\p{Cc}/:@?#%[\]\\]+$/u.test(host)
  )
    return
  throw wrongSetting(
    name,
    'names no host that there could be',
    'Write a name, an address or the folder of a Unix socket, and the port in its own place.',
  )
}

/** A name with white space at its ends is one that a shell or a file left there. */
function requireTrimmed(env: Environment, name: SettingName): string | undefined {
  const value = setting(env, name)
  if (value === undefined || value === value.trim()) {
    if (value?.includes('://') !== true) return value
    throw wrongSetting(name, 'is a URL', 'Set DATABASE_URL to it.')
  }
  throw wrongSetting(name, 'has white space at its ends', 'Remove it.')
}

/** Blanks may belong to a password; the end of a line is what `echo` or a file has added. */
function passwordSetting(env: Environment): string | undefined {
  const value = setting(env, 'PGPASSWORD')
  if (value === undefined || !/[\r\n]$/.test(value)) return value
  throw wrongSetting('PGPASSWORD', 'ends with a line break', 'Remove it, as with printf in place of echo.')
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
  if (isPort(text)) return Number(text)
  throw wrongPort(inUrl ? name : 'PGPORT')
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

function wrongPort(name: string) {
  return wrongSetting(name, 'has no valid port', 'Ports go from 1 to 65535.')
}
