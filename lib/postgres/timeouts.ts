/** How long a transaction of Dracula's may take and wait: what the role has set may be far too short for a load. */

export interface Timeouts {
  /** Milliseconds of a statement, of the transaction, and of a pause in it. */
  readonly deadlineMs: number
  /** Milliseconds to wait behind a TRUNCATE, an ALTER or a DROP. */
  readonly lockTimeoutMs?: number
  /** `server_version_num`; undefined: not known yet. */
  readonly serverVersion?: number
}

export const defaultLockTimeoutMs = 10_000

/** What `timeoutStatements` sets. */
export const timeoutSettings: readonly string[] = [
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'transaction_timeout',
]

/** The server's timeouts are int4 milliseconds. */
const longestMs = 2_147_483_647

/**
 * To be run right after BEGIN, as they hold for what comes after them. Without the server's version no timeout of the
 * transaction as a whole is set, and the statements have a query among them, which takes the transaction's snapshot.
 */
export function timeoutStatements({
  deadlineMs,
  lockTimeoutMs = defaultLockTimeoutMs,
  serverVersion,
}: Timeouts): string {
  const deadline = String(Math.max(1, Math.min(Math.ceil(deadlineMs), longestMs)))
  return [
    `set local statement_timeout to ${deadline}`,
    `set local idle_in_transaction_session_timeout to ${deadline}`,
    `set local lock_timeout to ${lockTimeoutMs}`,
    ...transactionTimeout(deadline, serverVersion),
  ].join('; ')
}

/** Since PostgreSQL 17. The role's own runs from BEGIN on; only zero stops it, and then another can be started. */
function transactionTimeout(deadline: string, version: number | undefined): string[] {
  if (version === undefined) {
    return [
      `select pg_catalog.set_config(name, '0', true) from pg_catalog.pg_settings
        where name operator(pg_catalog.=) 'transaction_timeout'`,
    ]
  }
  if (version < 170_000) return []
  return ['set local transaction_timeout to 0', `set local transaction_timeout to ${deadline}`]
}
