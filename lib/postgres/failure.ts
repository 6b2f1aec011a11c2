/** What goes wrong with Postgres, in words and an exit code; for errors of both clients. */
import { type ExitCode, Failure } from '../failure.ts'

interface Verdict {
  readonly exit: ExitCode
  /** Instead of the error's own message. */
  readonly reason?: string
  readonly advice: string
}

/** `act` and `thing` as in Failure. A Failure passes as it is. */
export function postgresFailure(error: unknown, act: string, thing: string): Failure {
  if (error instanceof Failure) return error
  const { code, state, message, detail, hint } = readError(error)
  const { exit, reason, advice } = (state === undefined
    ? clientVerdict(code)
    : serverVerdict(state, message, detail)) ?? {
    exit: 1,
    advice: 'Try again.',
  }
  return new Failure({
    exit,
    act,
    thing,
    reason: reason ?? clause(message),
    advice: hint === undefined ? advice : `${sentence(hint)} ${advice}`,
    cause: error,
  })
}

interface PostgresError {
  /** The client's or the system's own: ERR_POSTGRES_CONNECTION_REFUSED, ECONNREFUSED. */
  readonly code: string
  /** SQLSTATE, if the server sent the error. */
  readonly state: string | undefined
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
}

/** Bun has the SQLSTATE in `errno`, `postgres` in `code`; only the server's errors have a severity. */
function readError(error: unknown): PostgresError {
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  const text = (name: string) =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined
  const state = [text('errno'), text('code')].find((value) => /^[0-9A-Z]{5}$/.test(value ?? ''))
  const fromServer = text('severity') !== undefined || text('severity_local') !== undefined
  return {
    code: text('code') ?? '',
    state: fromServer ? state : undefined,
    message: error instanceof Error ? error.message : String(error),
    detail: text('detail'),
    hint: text('hint'),
  }
}

const retry = 'Try again.'

function clientVerdict(code: string): Verdict | undefined {
  if (/TLS|SSL|CERT|UNABLE_TO_|SELF_SIGNED|INVALID_CA|HOSTNAME_MISMATCH/.test(code)) return tlsVerdict(code)
  if (/TIMEOUT|TIMEDOUT/.test(code)) {
    return {
      exit: 1,
      reason: 'nothing answered in time',
      advice: 'Check host and port, and that a firewall or security group lets this machine in.',
    }
  }
  if (/ENOTFOUND|EAI_AGAIN|ENODATA/.test(code)) {
    return {
      exit: 1,
      reason: 'its host name is not known',
      advice: 'Check the host in DATABASE_URL, and the DNS of this machine.',
    }
  }
  if (/REFUSED|CONNECTION_FAILED|EHOSTUNREACH|ENETUNREACH|ENOENT/.test(code)) {
    return {
      exit: 1,
      reason: 'no Postgres answers there',
      advice: 'Check host and port, and that the server is up and reachable from this machine.',
    }
  }
  if (/CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNRESET|EPIPE/.test(code)) {
    return {
      exit: 1,
      reason: 'the connection broke',
      advice: "Try again; if it stays so, the server's log says why.",
    }
  }
  if (code === 'ERR_POSTGRES_QUERY_CANCELLED') return { exit: 1, reason: 'it was cancelled', advice: retry }
  return undefined
}

function tlsVerdict(code: string): Verdict {
  if (code === 'ERR_POSTGRES_TLS_NOT_AVAILABLE') {
    return {
      exit: 2,
      reason: 'the server does not speak TLS',
      advice: 'Turn TLS on there, or set sslmode=disable in DATABASE_URL if the network between is trusted.',
    }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return {
      exit: 2,
      reason: "the server's certificate is for another host",
      advice:
        'Connect by a name that the certificate bears, or set sslmode=verify-ca in DATABASE_URL to check only who issued it.',
    }
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return { exit: 2, reason: "the server's certificate has expired", advice: 'Renew it on the server.' }
  }
  return {
    exit: 2,
    reason: `the server's certificate cannot be verified (${code})`,
    advice: 'Set sslrootcert in DATABASE_URL to the PEM file of its authority, such as the bundle of RDS.',
  }
}

/** PostgreSQL manual, Appendix A, "PostgreSQL Error Codes": whole codes first, then their classes. */
function serverVerdict(state: string, message: string, detail = ''): Verdict | undefined {
  return byState(state, message, detail) ?? byClass[state.slice(0, 2)]
}

function byState(state: string, message: string, detail: string): Verdict | undefined {
  switch (state) {
    case '28P01':
      return { exit: 2, advice: 'Check user and password in DATABASE_URL.' }
    case '28000':
      // How RDS refuses a token (Amazon RDS User Guide, "Troubleshooting for IAM DB authentication").
      return message.startsWith('PAM authentication failed')
        ? {
            exit: 2,
            advice: 'Allow rds-db:connect for this user in the IAM policy, and grant it rds_iam in Postgres.',
          }
        : undefined
    case '3D000':
      return { exit: 2, advice: 'Check the database in DATABASE_URL.' }
    case '42501':
      return message.includes('row-level security')
        ? {
            exit: 2,
            reason: 'row-level security would hide rows from this user',
            advice: 'Read it as a role with BYPASSRLS, or one no policy applies to.',
          }
        : { exit: 2, advice: 'Grant this user SELECT on the table and USAGE on its schema.' }
    case '42P01':
      return {
        exit: 3,
        advice: "Correct the script's `name`, `from` or `where`, or check which database DATABASE_URL names.",
      }
    case '42704':
      return {
        exit: 3,
        advice:
          'Correct the name, write its schema before it unless that is public, or install the extension it comes from.',
      }
    case '58P01':
      // Of an extension whose files are not on this server: `could not access file "$libdir/hstore"`.
      return /^could not (access|load|find) .*(file|library) "/.test(message)
        ? {
            exit: 3,
            advice: "Install the extension's package on the server, or read the table without what needs it.",
          }
        : undefined
    case '40001':
      return message.includes('recovery') ? recoveryConflict(detail) : { exit: 1, advice: retry }
    case '55P03':
      return {
        exit: 1,
        reason: 'somebody held it exclusively for too long',
        advice: 'Try again when no TRUNCATE, ALTER or DROP is at work.',
      }
    case '57014':
      return message.includes('timeout')
        ? {
            exit: 1,
            reason: 'it took longer than the deadline',
            advice: 'Raise --deadline if it needs more time.',
          }
        : { exit: 1, reason: 'somebody cancelled it on the server', advice: retry }
    case '25P03':
    case '25P04':
      return {
        exit: 1,
        reason: 'the transaction took longer than the deadline',
        advice: 'Raise --deadline if it needs more time.',
      }
    case '53300':
      return { exit: 1, advice: 'Try again when fewer connections are open.' }
    case '55000':
      return { exit: 1, advice: 'Refresh or repair it on the server, then try again.' }
    default:
      return undefined
  }
}

/** PostgreSQL manual, "Handling Query Conflicts" (of hot standby). */
function recoveryConflict(detail: string): Verdict {
  const patience = 'raise max_standby_streaming_delay there, or read the primary; then try again.'
  return detail.includes('lock')
    ? {
        exit: 1,
        reason: 'the replica had to replay a TRUNCATE, ALTER or DROP of what this load was still reading',
        advice: `Load when no migration runs, ${patience}`,
      }
    : {
        exit: 1,
        reason: 'the replica had to remove rows this load was still reading',
        advice: `Turn on hot_standby_feedback there, ${patience}`,
      }
}

const declaration: Verdict = { exit: 3, advice: 'Make the script and the database agree.' }

const byClass: Readonly<Record<string, Verdict>> = {
  '0A': declaration,
  '22': { exit: 3, advice: 'Correct the value in the database, or how the script reads it.' },
  '23': declaration,
  '25': declaration,
  '28': { exit: 2, advice: "Check user and sslmode in DATABASE_URL, and the server's pg_hba.conf." },
  '3F': declaration,
  '42': declaration,
  '54': declaration,
}

/** The server's own message as one clause. */
function clause(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '')
}

function sentence(hint: string): string {
  return `${clause(hint)}.`
}
