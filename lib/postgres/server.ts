/** Whether a server is one that loads can be made from, and what it can do. */
import { Failure } from '../failure.ts'
import type { Reader } from './connect.ts'

export interface Server {
  /** `server_version_num`: 180004 for 18.4. */
  readonly version: number
  readonly replica: boolean
}

/** @throws Failure (2) for a server that is too old, (3) for a database that is not in UTF8 */
export async function readServer(reader: Reader): Promise<Server> {
  const [row] = await reader.query(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as spelt,
       current_setting('server_encoding') as encoding, current_database() as database, pg_is_in_recovery() as replica`,
  )
  const version = Number(row?.['version'])
  if (!(version >= 120_000)) {
    throw new Failure({
      exit: 2,
      act: 'read',
      thing: String(row?.['database']),
      reason: `its server is PostgreSQL ${row?.['spelt']}`,
      advice: 'PostgreSQL 12 and later are supported.',
    })
  }
  if (row?.['encoding'] !== 'UTF8') {
    throw new Failure({
      exit: 3,
      act: 'read',
      thing: String(row?.['database']),
      reason: `its encoding is ${row?.['encoding']}, so its text has no certain meaning in the lake`,
      advice: 'Databases in UTF8 are supported.',
    })
  }
  // Since PostgreSQL 14, and not on every platform: a server at work for a reader that was killed notices.
  if (version >= 140_000) {
    await reader.query("set client_connection_check_interval to '10s'").catch(() => undefined)
  }
  // Since PostgreSQL 17. A role's own runs from BEGIN on, and setting another within the transaction does not stop it.
  if (version >= 170_000) await reader.query('set transaction_timeout to 0')
  return { version, replica: row['replica'] === true }
}
