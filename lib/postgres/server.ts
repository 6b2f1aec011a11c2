/** Whether a server is one that loads can be made from, and what it can do. */
import { Failure } from '../failure/failure.ts'
import type { Reader } from './connect.ts'
import { beginStatements } from './session-settings.ts'

export interface Server {
  /** `server_version_num`: 180004 for 18.4. */
  readonly version: number
  readonly replica: boolean
  /** The database's encoding, as `server_encoding` names it: `UTF8`, `LATIN1`. */
  readonly encoding: string
  /** Whether it can look, while it works, if whom it works for is still there. */
  readonly noticesClosing: boolean
}

/** Under these the server reads what is damaged as if it were empty, or sound (PostgreSQL manual, "Developer Options"). */
const hiding = ['zero_damaged_pages', 'ignore_checksum_failure'] as const

function hidesDamage(database: string, setting: string): Failure {
  return new Failure({
    exit: 2,
    act: 'read',
    thing: database,
    reason: `${setting} is on, under which rows that are damaged may be lost in silence`,
    advice: `Turn ${setting} off for this role, on the server.`,
  })
}

/** The server answers this at once, or something is wrong. */
const timeouts = { deadlineMs: 60_000 }

/**
 * Outside of a transaction; it takes one of its own.
 * @throws Failure (2) for a server that is too old, or passes over what is damaged, (3) for a database whose text has no encoding
 */
export async function readServer(reader: Reader): Promise<Server> {
  const beginning = beginStatements({ isolation: 'read committed', snapshotLater: true, ...timeouts })
  const rows = await reader.query(
    `${beginning}; select current_setting('server_version_num')::int as version, current_setting('server_version') as spelt,
       current_setting('server_encoding') as encoding, current_database() as database, pg_is_in_recovery() as replica,
       ${hiding.map((name) => `current_setting('${name}') = 'on' as ${name}`).join(', ')}; rollback`,
  )
  // One of those that begin the transaction may have a row too.
  const row = rows.at(-1)
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
  // From every other encoding the server converts to UTF8, exactly or not at all.
  const encoding = String(row?.['encoding'])
  if (encoding === 'SQL_ASCII') {
    throw new Failure({
      exit: 3,
      act: 'read',
      thing: String(row?.['database']),
      reason: `its encoding is ${encoding}, which says nothing of what its bytes mean`,
      advice: 'Dump it and restore it into a database of the encoding that its text is really in, as UTF8.',
    })
  }
  for (const name of hiding) if (row?.[name] === true) throw hidesDamage(String(row['database']), name)
  const noticesClosing = version >= 140_000 && (await canNoticeClosing(reader))
  return { version, replica: row?.['replica'] === true, encoding, noticesClosing }
}

/** It is for one transaction only, as a pooler lends the connection to others afterwards. */
export const noticeClosing = "set local client_connection_check_interval to '10s'"

/** Since PostgreSQL 14, and not on every platform. */
async function canNoticeClosing(reader: Reader): Promise<boolean> {
  return reader.query(`begin; ${noticeClosing}; rollback`).then(
    () => true,
    () => reader.query('rollback').then(() => false),
  )
}
