/**
 * What every SQLSTATE means for a load: PostgreSQL manual, Appendix A, "PostgreSQL Error Codes", of versions 12 to 18.
 *
 * Exit 1: the same run may succeed later though nobody does anything. Exit 2: the connection, the role or the server
 * must be set up in another way. Exit 3: the script, the database's objects or their rows must change.
 *
 * A class answers for its codes; a code has a verdict of its own only where it differs from its class, and a message
 * decides only where one code stands for errors of both kinds.
 *
 * Codes that are not in Appendix A come from functions (PL/pgSQL's RAISE … USING ERRCODE) and extensions. Where the
 * connection survives (severity ERROR), something in the query raised it, and would raise it again for the same rows:
 * exit 3. Where the connection ended (FATAL, PANIC), it is the server, or a pooler before it, and may pass: exit 1.
 */
import type { Verdict } from './verdict.ts'

export interface ServerError {
  readonly state: string
  /** `ERROR`, `FATAL` or `PANIC`, untranslated where the client has that. */
  readonly severity: string
  readonly message: string
  readonly detail: string
  /** Where it was raised, as the server's CONTEXT tells: lines of functions, queries sent elsewhere. */
  readonly context: string
}

export function sqlstateVerdict(error: ServerError): Verdict {
  const { state, severity } = error
  const own = codes[state]
  const verdict = typeof own === 'function' ? own(error) : own
  const ended = severity === 'FATAL' || severity === 'PANIC'
  const found = verdict ?? classes[state.slice(0, 2)] ?? (ended ? vendorFatal(state) : vendorError(state))
  return error.context.includes('remote SQL command') ? onForeignServer(found) : found
}

/** postgres_fdw passes on what the other server says, which the advice for this one would not solve. */
function onForeignServer({ exit }: Verdict): Verdict {
  if (exit === 1) return foreignPasses
  return exit === 2
    ? { exit, advice: 'Grant it, on the foreign server, to the user that the user mapping names.' }
    : { ...foreign, exit }
}

function vendorError(state: string): Verdict {
  return {
    exit: 3,
    advice: `Look for the function or extension that raises SQLSTATE ${state}, which is none of PostgreSQL's own, and correct what it objects to.`,
  }
}

function vendorFatal(state: string): Verdict {
  return {
    exit: 1,
    advice: `Try again; if it stays so, look up SQLSTATE ${state} in the manual of the server or pooler, as it is none of PostgreSQL's own.`,
  }
}

const again: Verdict = { exit: 1, advice: 'Try again.' }
const declaration: Verdict = { exit: 3, advice: 'Make the script and the database agree.' }
const routine: Verdict = {
  exit: 3,
  advice: 'Correct the function that raised it, or the rows it objects to, or read the table without it.',
}
const value: Verdict = { exit: 3, advice: 'Correct the value in the database, or how the script reads it.' }
const authorization: Verdict = {
  exit: 2,
  advice: "Check user and sslmode in DATABASE_URL, and the server's pg_hba.conf.",
}
const pooler: Verdict = {
  exit: 2,
  advice: 'Connect to Postgres itself, or to a pooler with pool_mode=session.',
}
const noDatabase: Verdict = { exit: 2, advice: 'Check the database in DATABASE_URL.' }
const crowded: Verdict = {
  exit: 1,
  reason: 'a pooler has had no connection free',
  advice:
    'Try again when fewer are in use, or give its pool room for as many connections as the load has, and a few more.',
}
const damaged: Verdict = {
  exit: 3,
  advice: 'Find out what is damaged with pg_amcheck, and restore it from a backup or a replica.',
}
const foreign: Verdict = {
  exit: 3,
  advice: 'Make the foreign table, its server and its user mapping agree with what they stand for.',
}
const foreignPasses: Verdict = { exit: 1, advice: 'Try again; if it stays so, look at the foreign server.' }

const classes: Readonly<Record<string, Verdict>> = {
  // The next three are no errors, so only a function can have raised them as such.
  '00': routine,
  '01': routine,
  '02': routine,
  '03': declaration,
  '08': { exit: 1, advice: "Try again; if it stays so, the server's log says why." },
  '09': routine,
  '0A': declaration,
  '0B': routine,
  '0F': value,
  '0L': authorization,
  '0P': authorization,
  '0Z': routine,
  '10': value,
  '20': routine,
  '21': {
    exit: 3,
    advice: 'Correct the view or query, in which a subquery or a function gives more rows than it may.',
  },
  '22': value,
  '23': declaration,
  '24': routine,
  '25': declaration,
  '26': pooler,
  '27': routine,
  '28': authorization,
  '2B': declaration,
  '2D': routine,
  '2F': routine,
  '34': routine,
  '38': routine,
  '39': routine,
  '3B': routine,
  '3D': noDatabase,
  '3F': declaration,
  '40': again,
  '42': declaration,
  '44': declaration,
  '53': { exit: 1, advice: 'Try again when the server has more to spare.' },
  '54': { exit: 3, advice: 'Read less at once: the server has a limit that no retry moves.' },
  // Somebody has to bring the object into the state it needs.
  '55': { exit: 3, advice: 'Bring it into the state it needs, on the server, or read the table without it.' },
  '57': again,
  '58': again,
  // Until PostgreSQL 16: snapshot too old.
  '72': again,
  F0: { exit: 2, advice: "Correct the server's configuration files." },
  HV: foreign,
  P0: routine,
  XX: again,
}

const codes: Readonly<Record<string, Verdict | ((error: ServerError) => Verdict | undefined)>> = {
  '08001': foreignConnection,
  '08004': foreignConnection,
  '08006': foreignConnection,
  // How poolers say everything; what may pass is the rule there.
  '08P01': ({ message }) => {
    if (/statement pooling/.test(message)) {
      return {
        exit: 2,
        reason: 'a pooler with pool_mode=statement is before the server, and a load needs a transaction',
        advice: 'Connect to Postgres itself, or to a pooler with pool_mode=transaction or session.',
      }
    }
    if (/unsupported startup parameter/.test(message)) {
      return { exit: 2, advice: 'Have the pooler pass over it: ignore_startup_parameters.' }
    }
    if (/PQexec disallowed/.test(message)) {
      return { exit: 2, advice: 'Have the pooler allow simple queries: disable_pqexec=0.' }
    }
    if (/^query_wait_timeout|no more connections allowed/.test(message)) return crowded
    if (/config(uration)? error/.test(message)) return pooler
    if (/no such database|database ".*" does not exist/.test(message)) return noDatabase
    return refused(message) ? authorization : undefined
  },
  '0A000': ({ message }) => {
    // A statement that was prepared before an ALTER of its table.
    if (message.startsWith('cached plan must not change')) return again
    return /^conversion between \w+ and \w+ is not supported/.test(message)
      ? { exit: 3, advice: 'Dump the database and restore it into one of another encoding, as UTF8.' }
      : undefined
  },
  // Bytes that the database takes for a character and UTF-8 has none for.
  '22P05': { exit: 3, advice: 'Correct the value in the database, or cast the column to bytea in a query.' },
  '25006': { exit: 3, advice: 'Read it without what writes: a load reads in a read-only transaction.' },
  '25P03': {
    exit: 1,
    reason: 'the transaction took longer than the deadline',
    advice: 'Raise --deadline if it needs more time.',
  },
  '25P04': {
    exit: 1,
    reason: 'the transaction took longer than the deadline',
    advice: 'Raise --deadline if it needs more time.',
  },
  // How RDS refuses a token (Amazon RDS User Guide, "Troubleshooting for IAM DB authentication").
  '28000': ({ message }) =>
    message.startsWith('PAM authentication failed')
      ? {
          exit: 2,
          advice: 'Allow rds-db:connect for this user in the IAM policy, and grant it rds_iam in Postgres.',
        }
      : undefined,
  '28P01': { exit: 2, advice: 'Check user and password in DATABASE_URL.' },
  '40001': ({ message, detail }) => (message.includes('recovery') ? recoveryConflict(detail) : undefined),
  // The same rows break the same constraint again.
  '40002': declaration,
  '42501': ({ message }) => privilege(message),
  '42704': {
    exit: 3,
    advice:
      'Correct the name, write its schema before it unless that is public, or install the extension it comes from.',
  },
  '42P01': {
    exit: 3,
    advice: "Correct the script's `name`, `from` or `where`, or check which database DATABASE_URL names.",
  },
  '42P05': pooler,
  '53100': { exit: 1, advice: "Try again when the server's disk has room: what it sorts may need some." },
  '53200': { exit: 1, advice: 'Try again when the server has memory to spare.' },
  '53300': { exit: 1, advice: 'Try again when fewer connections are open.' },
  '53400': { exit: 2, advice: 'Raise that limit on the server, or for this role.' },
  '55000': ({ message }) => {
    if (message.includes('not currently accepting connections')) {
      return { exit: 2, advice: 'Allow connections to that database, or name another in DATABASE_URL.' }
    }
    return message.includes('has not been populated')
      ? { exit: 3, advice: 'Have it refreshed before it is read.' }
      : undefined
  },
  '55006': again,
  '55P02': { exit: 2, advice: 'Connect to Postgres itself, or change that setting on the server.' },
  '55P03': {
    exit: 1,
    reason: 'somebody held it exclusively for too long',
    advice: 'Try again when no TRUNCATE, ALTER or DROP is at work.',
  },
  '57014': ({ message }) =>
    message.includes('timeout')
      ? {
          exit: 1,
          reason: 'it took longer than the deadline',
          advice: 'Raise --deadline if it needs more time.',
        }
      : { exit: 1, reason: 'somebody cancelled it on the server', advice: 'Try again.' },
  '57P01': { exit: 1, advice: 'Try again: the server stopped, or an administrator ended this connection.' },
  '57P02': { exit: 1, advice: 'Try again when the server is up: it crashed and restarts.' },
  '57P03': ({ message, detail }) =>
    /hot standby mode is disabled/i.test(message + detail)
      ? { exit: 2, advice: 'Turn on hot_standby there, or connect to another server.' }
      : undefined,
  '57P04': { exit: 2, advice: 'Check the database in DATABASE_URL.' },
  // Files do not come by themselves: an extension's, a relation's, or one that a foreign table reads.
  '57P05': { exit: 1, advice: 'Try again, and raise idle_session_timeout for this role if it stays so.' },
  '58P01': ({ message }) =>
    storage(message) ?? {
      exit: 3,
      advice: /^could not (access|load|find) .*(file|library) "/.test(message)
        ? "Install the extension's package on the server, or read the table without what needs it."
        : 'Put that file on the server, or read the table without what needs it.',
    },
  '58P03': declaration,
  HV000: foreignPasses,
  HV001: foreignPasses,
  // What stands behind the next three is an error of the other server, and no code says which.
  HV00K: foreignPasses,
  HV00L: foreignPasses,
  HV00M: foreignPasses,
  HV00N: (error) => foreignConnection(error) ?? foreignPasses,
  HV014: foreignPasses,
  XX000: ({ message }) => {
    if (message.startsWith('invalid memory alloc request size')) {
      return { exit: 3, advice: 'Find the value that is damaged, or too large to be sent, and correct it.' }
    }
    return storage(message)
  },
  XX001: damaged,
  XX002: damaged,
}

/** Knows by its words a server, or a pooler, that does not let somebody in. */
function refused(text: string): boolean {
  return /authentication failed|login failed|pg_hba\.conf|no such (user|database)|(role|user|database) ".*" does not exist|(SSL|TLS|password) (is )?required/i.test(
    text,
  )
}

/** A connection that the server itself opens: of postgres_fdw, dblink and their kin. */
function foreignConnection({ message, detail }: ServerError): Verdict | undefined {
  const said = `${message} ${detail}`
  if (refused(said) || /connection info string|invalid (connection option|port|integer)/.test(said)) {
    return { exit: 2, advice: 'Correct the user mapping or the options of the foreign server.' }
  }
  return /could not (connect to|establish connection)/.test(message) ? foreignPasses : undefined
}

/** Damage to the files of tables and indexes, which older servers do not tell from other errors. */
function storage(message: string): Verdict | undefined {
  return /(missing|unexpected) chunk number|compressed \w+ data is corrupt|invalid page|"(base|global|pg_tblspc)\//.test(
    message,
  )
    ? damaged
    : undefined
}

function privilege(message: string): Verdict {
  if (message.includes('row-level security')) {
    return {
      exit: 2,
      reason: 'row-level security would hide rows from this user',
      advice: 'Read it as a role with BYPASSRLS, or one no policy applies to.',
    }
  }
  if (/^could not \w+ .*(file|directory) "/.test(message)) {
    return { exit: 2, advice: "Let the server's own account read that file." }
  }
  const kind = Object.keys(privileges).find((each) => message.startsWith(`permission denied for ${each} `))
  return { exit: 2, advice: (kind !== undefined && privileges[kind]) || toSelect }
}

const toSelect = 'Grant this user SELECT on the table and USAGE on its schema.'
const toExecute = 'Grant this user EXECUTE on it.'
const toUse = 'Grant this user USAGE on it.'

/** Advice by the server's word for what is denied. */
const privileges: Readonly<Record<string, string>> = {
  aggregate: toExecute,
  database: 'Grant this user CONNECT on it.',
  'foreign server': toUse,
  'foreign-data wrapper': toUse,
  function: toExecute,
  language: toUse,
  'large object': 'Grant this user SELECT on it.',
  procedure: toExecute,
  schema: 'Grant this user USAGE on its schema.',
  sequence: 'Grant this user SELECT on it.',
  type: toUse,
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
