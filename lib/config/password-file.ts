/** PGPASSFILE, in libpq's format (PostgreSQL manual, "The Password File"). */
import { readFileSync, statSync } from 'node:fs'
import { type Environment, setting, wrongSetting } from './setting.ts'
import type { DatabaseConfig } from './types.ts'

type Place = Pick<DatabaseConfig, 'host' | 'port' | 'database' | 'user'>

/** Bits of a mode that let others than the owner in. */
const othersMayRead = 0o077

/** The folders of Unix sockets that libpq is built with; a file calls such a host `localhost`. */
const socketFolders = ['/tmp', '/var/run/postgresql', '/run/postgresql']

/**
 * The password of the first line that is of this place; undefined: no file is named, or none of its lines is.
 * libpq passes over a file that others may read, and warns; as this one was named for the purpose, it is refused.
 * @throws Failure (2) for a file that cannot be read, or that others may read
 */
export function passwordFrom(env: Environment, place: Place): string | undefined {
  const path = setting(env, 'PGPASSFILE')
  if (path === undefined) return undefined
  const text = readOwn(path)
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue
    const [host = '', port = '', database = '', user = '', password = ''] = fieldsOf(line)
    const is = (field: string, value: string) => field === '*' || unescaped(field) === value
    const local = socketFolders.includes(place.host)
    if (
      (is(host, place.host) || (local && is(host, 'localhost'))) &&
      is(port, String(place.port)) &&
      is(database, place.database) &&
      is(user, place.user)
    ) {
      return unescaped(password) || undefined
    }
  }
  return undefined
}

function readOwn(path: string): string {
  const advice = 'Name a file of lines host:port:database:user:password.'
  let mode: number
  let text: string
  try {
    mode = statSync(path).mode
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrongSetting('PGPASSFILE', `names the file ${path}, which cannot be read`, advice, cause)
  }
  if ((mode & othersMayRead) === 0) return text
  throw wrongSetting(
    'PGPASSFILE',
    `names the file ${path}, which others than its owner may read`,
    `Run chmod 600 ${path}, or put the whole URL into a file and name that in DATABASE_URL_FILE.`,
  )
}

/** Between colons that no backslash stands before. */
function fieldsOf(line: string): string[] {
  const fields = ['']
  for (const [token] of line.matchAll(/\\?./gs)) {
    if (token === ':') fields.push('')
    else fields[fields.length - 1] += token
  }
  return fields
}

function unescaped(field: string): string {
  return field.replace(/\\(.)/gs, '$1')
}
