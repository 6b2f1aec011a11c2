/** What goes wrong with Postgres, in words and an exit code; for errors of both clients. */
import { Failure } from '../failure/failure.ts'
import { isMistake, unexpected } from '../failure/unexpected.ts'
import { type ServerError, sqlstateVerdict } from './sqlstate.ts'
import type { Verdict } from './verdict.ts'

export interface ToldOfPostgres {
  /** Whether values of rows are not to be told: the server's messages may have them. */
  readonly hidesValues?: boolean
}

/** `act` and `thing` as in Failure. A Failure passes as it is. */
export function postgresFailure(
  error: unknown,
  act: string,
  thing: string,
  { hidesValues = false }: ToldOfPostgres = {},
): Failure {
  if (error instanceof Failure) return error
  if (isMistake(error)) return new Failure({ exit: 1, act, thing, ...unexpected(error), cause: error })
  const { code, message, hint, server } = readError(error)
  const { exit, reason, advice } = server === undefined ? clientVerdict(code) : sqlstateVerdict(server)
  if (hidesValues && server !== undefined && !valueless.has(server.state.slice(0, 2))) {
    const untold = `the server has refused a value with SQLSTATE ${server.state}, and its message is not shown, as the script has hashed or masked columns`
    return new Failure({ exit, act, thing, reason: untold, advice })
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

/** Classes of SQLSTATE that are about connections, rights, names and resources; others quote the value they are about. */
const valueless = new Set('08 25 28 3D 3F 40 42 53 54 55 57 58'.split(' '))

interface PostgresError {
  /** The client's or the system's own: ERR_POSTGRES_CONNECTION_REFUSED, ECONNREFUSED. */
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  /** Undefined: it is not the server that sent the error. */
  readonly server: ServerError | undefined
}

/** Bun has the SQLSTATE in `errno`, `postgres` in `code`; only the server's errors have a severity. */
function readError(error: unknown): PostgresError {
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  const text = (name: string) =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined
  const state = [text('errno'), text('code')].find((value) => /^[0-9A-Z]{5}$/.test(value ?? ''))
  const severity = text('severity') ?? text('severity_local')
  const message = error instanceof Error ? error.message : String(error)
  const [detail, context] = [text('detail') ?? '', text('where') ?? '']
  return {
    code: text('code') ?? '',
    message,
    hint: text('hint'),
    server:
      state === undefined || severity === undefined
        ? undefined
        : { state, severity, message, detail, context },
  }
}

const retry = 'Try again.'

function clientVerdict(code: string): Verdict {
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
      advice: 'Try again; if it stays so, the log of the server, or of a pooler before it, says why.',
    }
  }
  if (code === 'ERR_POSTGRES_QUERY_CANCELLED') return { exit: 1, reason: 'it was cancelled', advice: retry }
  return { exit: 1, advice: retry }
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

/** The server's own message as one clause. */
function clause(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '')
}

function sentence(hint: string): string {
  return `${clause(hint)}.`
}
