/**
 * What a connection to Postgres may be told besides where and as whom (PostgreSQL manual, "Parameter Key Words"): by a
 * parameter of the URL, or by the variable of libpq that stands for it. Each is honoured, harmless, or refused with
 * what to do instead; none is passed over because nobody knows it.
 */
import { describeNearest } from '../declare/nearest.ts'
import { type Environment, wrongSetting } from './setting.ts'

const honoured = ['sslmode', 'sslrootcert']

/**
 * What changes neither what is read nor how safely, so that one URL may serve other programs too: how long to try
 * (--connect-within says it here), what the session is called, and the pools and caches of other clients.
 */
const harmless = [
  ...['connect_timeout', 'application_name', 'fallback_application_name', 'tcp_user_timeout', 'sslsni'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'sslcompression'],
  ...['pool', 'pool_timeout', 'connection_limit', 'max_connections', 'reaping_frequency', 'pgbouncer'],
  ...['prepared_statements', 'prepare_threshold', 'statement_cache_size', 'statement_limit'],
]

const inUrl = 'Write it into the URL itself: postgres://user@host:5432/database.'
const byPassword = 'Use a password, PGPASSFILE, or DRACULA_DATABASE_AUTH=rds-iam.'
const verifyFull = 'Use sslmode=verify-full, which proves the server, and let the server demand the rest.'
const oneServer = 'Name the one server to read from: all connections of a load go to it.'
const sessionSettings = 'A load has settings of its own; give the role others with: alter role … set …'

/** Values that change nothing, of parameters whose other values are refused. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  channel_binding: ['disable', 'prefer'],
  client_encoding: ['auto', 'utf8', 'UTF8', 'utf-8', 'UTF-8'],
  encoding: ['utf8', 'UTF8', 'utf-8', 'UTF-8', 'unicode'],
  gssencmode: ['disable', 'prefer'],
  load_balance_hosts: ['disable'],
  sslcertmode: ['disable', 'allow'],
  sslnegotiation: ['postgres'],
  target_session_attrs: ['any'],
}

/** Each with what to do instead. */
const refused: Readonly<Record<string, string>> = {
  channel_binding: 'Use sslmode=verify-full instead: there is no channel binding here.',
  client_encoding: 'Remove it: text is read as UTF-8.',
  dbname: inUrl,
  encoding: 'Remove it: text is read as UTF-8.',
  gssencmode: verifyFull,
  gssdelegation: byPassword,
  gsslib: byPassword,
  host: inUrl,
  hostaddr: inUrl,
  krbsrvname: byPassword,
  load_balance_hosts: oneServer,
  max_protocol_version: 'Remove it.',
  min_protocol_version: 'Remove it.',
  oauth_client_id: byPassword,
  oauth_client_secret: byPassword,
  oauth_issuer: byPassword,
  oauth_scope: byPassword,
  options: sessionSettings,
  passfile: 'Set PGPASSFILE.',
  password: inUrl,
  port: inUrl,
  replication: 'Remove it: a load reads tables by SQL.',
  require_auth: verifyFull,
  requirepeer: verifyFull,
  requiressl: 'Use sslmode=require, or better verify-full.',
  schema: "Name the schema in the script: from: 'schema.table'.",
  scram_client_key: byPassword,
  scram_server_key: byPassword,
  search_path: sessionSettings,
  service: 'Write what the service says into the URL: postgres://user@host:5432/database.',
  ssl: 'Use sslmode=require, or better verify-full.',
  ssl_max_protocol_version: verifyFull,
  ssl_min_protocol_version: verifyFull,
  sslcert: byPassword,
  sslcertmode: byPassword,
  sslcrl: verifyFull,
  sslcrldir: verifyFull,
  sslkey: byPassword,
  sslkeylogfile: 'Remove it.',
  sslnegotiation: 'Remove it.',
  sslpassword: byPassword,
  statement_timeout: 'Remove it: --deadline says how long a load may take.',
  target_session_attrs: oneServer,
  user: inUrl,
}

const known = [...honoured, ...harmless, ...Object.keys(refused)]

/** Variables of libpq that a program could not pass over without connecting otherwise than it was told. */
const variables: Readonly<Record<string, string>> = {
  PGCHANNELBINDING: 'channel_binding',
  PGGSSENCMODE: 'gssencmode',
  PGHOSTADDR: 'hostaddr',
  PGLOADBALANCEHOSTS: 'load_balance_hosts',
  PGOPTIONS: 'options',
  PGREQUIREAUTH: 'require_auth',
  PGREQUIREPEER: 'requirepeer',
  PGREQUIRESSL: 'requiressl',
  PGSERVICE: 'service',
  PGSSLCERT: 'sslcert',
  PGSSLCERTMODE: 'sslcertmode',
  PGSSLCRL: 'sslcrl',
  PGSSLCRLDIR: 'sslcrldir',
  PGSSLKEY: 'sslkey',
  PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
  PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
}

/** @param name the setting that has the URL @throws Failure (2) naming the first that is refused, unknown or given twice */
export function checkParameters(name: string, parameters: URLSearchParams): void {
  const seen = new Set<string>()
  for (const [key, value] of parameters) {
    if (!known.includes(key)) {
      // What has no value, or is no word, may be the end of a password that was not encoded, or one without its "=".
      const isName = value !== '' && /^[A-Za-z_]{1,40}$/.test(key)
      const what = isName ? `the parameter ${key}, which is not known` : 'a parameter that is not known'
      const reason = `has ${what}${describeNearest(key.slice(0, 40), known)}`
      throw wrongSetting(name, reason, 'Correct or remove it.')
    }
    if (seen.has(key)) throw wrongSetting(name, `has the parameter ${key} twice`, 'Leave one of them.')
    seen.add(key)
    refuse(name, key, value, `has the parameter ${key}, which`)
  }
}

/** @throws Failure (2) naming the first that is refused */
export function checkVariables(env: Environment): void {
  for (const [variable, key] of Object.entries(variables)) {
    refuse(variable, key, env[variable] ?? '', '')
  }
}

function refuse(name: string, key: string, value: string, subject: string): void {
  const advice = refused[key]
  const values = allowed[key]
  if (advice === undefined || value === '' || values?.includes(value)) return
  const reason = `${subject} is not supported${values === undefined ? '' : `, but for ${values[0]}`}`
  throw wrongSetting(name, reason.trimStart(), subject === '' ? `Unset it. ${advice}` : advice)
}
