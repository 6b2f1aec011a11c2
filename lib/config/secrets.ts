/**
 * What of the environment is secret. Every variable that may be read is of a kind here, or this file does not compile:
 * none is forgotten that is added to settings.ts.
 */
import { readFileSync } from 'node:fs'
import type { Environment } from './setting.ts'
import type { SettingName } from './settings.ts'

type Kind =
  /** May be told. */
  | 'open'
  /** All of it is secret. */
  | 'secret'
  /** A URL: its password is, or who it names without one, and what its parameters call so. */
  | 'login'
  /** A URL that is secret by its path: whoever has it may write there. */
  | 'address'
  /** Headers of HTTP: `name=value,name=value`, percent-encoded. */
  | 'headers'
  /** Lines of libpq's password file. */
  | 'passwords'
  /** Profiles of AWS' tools: lines of `aws_secret_access_key = …`. */
  | 'profiles'

const kinds: Readonly<Record<SettingName, Kind | { readonly inFile: Kind }>> = {
  DATABASE_URL: 'login',
  DATABASE_URL_FILE: { inFile: 'login' },
  'DATABASE_URL_<SOURCE>': 'login',
  PGHOST: 'open',
  PGPORT: 'open',
  PGUSER: 'open',
  PGDATABASE: 'open',
  PGPASSWORD: 'secret',
  PGPASSFILE: { inFile: 'passwords' },
  PGSSLMODE: 'open',
  PGSSLROOTCERT: 'open',
  DRACULA_DATABASE_AUTH: 'open',
  DRACULA_S3_URI: 'open',
  DRACULA_GLUE_DATABASE: 'open',
  DRACULA_STAGING_DATABASE: 'open',
  DRACULA_CRAWLER_ROLE: 'open',
  DRACULA_ATHENA_WORKGROUP: 'open',
  DRACULA_ATHENA_OUTPUT: 'open',
  DRACULA_KMS_KEY: 'open',
  DRACULA_HASH_KEY: 'secret',
  DRACULA_HASH_KEY_FILE: { inFile: 'secret' },
  DRACULA_ENVIRONMENT: 'open',
  DRACULA_WEBHOOK: 'address',
  DRACULA_WEBHOOK_FILE: { inFile: 'address' },
  DRACULA_WEBHOOK_FORMAT: 'open',
  DRACULA_AT_TERMINAL: 'open',
  DRACULA_SNS_TOPIC: 'open',
  DRACULA_METRICS_DIRECTORY: 'open',
  SENTRY_DSN: 'login',
  SENTRY_ENVIRONMENT: 'open',
  OPENLINEAGE_URL: 'login',
  OPENLINEAGE_ENDPOINT: 'login',
  OPENLINEAGE_API_KEY: 'secret',
  OPENLINEAGE_NAMESPACE: 'open',
  OPENLINEAGE_PARENT_ID: 'open',
  OPENLINEAGE_ROOT_PARENT_ID: 'open',
  OPENLINEAGE_DISABLED: 'open',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'login',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'login',
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'login',
  OTEL_EXPORTER_OTLP_HEADERS: 'headers',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'headers',
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'headers',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'open',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'open',
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'open',
  OTEL_TRACES_EXPORTER: 'open',
  OTEL_METRICS_EXPORTER: 'open',
  OTEL_SDK_DISABLED: 'open',
  TRACEPARENT: 'open',
  DRACULA_DEBUG: 'open',
}

/** What the AWS SDK, and others, call what is secret. */
const speaksOfSecret = /SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE_KEY|API_KEY|ACCESS_KEY$/
const namesFile = /_FILE$/
/** Names of what is not itself one: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CREDENTIAL_EXPIRATION`. */
const saysWhere = /_(?:FILE|URI|URL|PATH|DIRECTORY|HOST|NAME|SCOPE|EXPIRATION|EXPIRES|TTL)$/

/** What is shorter is a part of other words, and hiding it would garble messages. */
const leastLength = 8

/** A part of a webhook's path, a name without a password, and what others call a token, are one where they are so long. */
const leastKey = 16

/** Those that are long enough to be told from other words. Never throws: whoever needs a setting says what is wrong with it. */
export function findSecrets(env: Environment): string[] {
  const secrets = new Set<string>()
  const open = new Set<string>()
  for (const [name, value = ''] of Object.entries(env)) {
    const own = ownKind(name)
    const kind = own ?? kindOfOthers(name)
    const text = typeof kind === 'string' ? value : contentOf(value)
    const { hidden, told } = read(text.trim(), typeof kind === 'string' ? kind : kind.inFile)
    const least = own === undefined && kind === 'secret' ? leastKey : leastLength
    for (const each of hidden) if (each.length >= least) secrets.add(each)
    if (own !== undefined) for (const each of told) open.add(each)
  }
  // A password that is also the name of its user or database is no secret.
  return [...secrets].filter((each) => !open.has(each))
}

type Found = Kind | { readonly inFile: Kind }

/** @returns undefined: it is not one that may be read */
function ownKind(name: string): Found | undefined {
  if (Object.hasOwn(kinds, name)) return kinds[name as SettingName]
  if (!/^DATABASE_URL_/.test(name)) return undefined
  return namesFile.test(name) ? { inFile: 'login' } : 'login'
}

/** Others read these, and messages of theirs may have them; what has a password in it as a URL has is one whatever its name is. */
function kindOfOthers(name: string): Found {
  if (name === 'AWS_SHARED_CREDENTIALS_FILE' || name === 'AWS_CONFIG_FILE') return { inFile: 'profiles' }
  if (!speaksOfSecret.test(name)) return 'login'
  if (namesFile.test(name)) return { inFile: 'secret' }
  return saysWhere.test(name) ? 'login' : 'secret'
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

interface Read {
  readonly hidden: readonly string[]
  /** What messages may say: users, hosts, databases. */
  readonly told: readonly string[]
}

const readers: Readonly<Record<Kind, (text: string) => Read>> = {
  open: (text) => ({ hidden: [], told: [text] }),
  secret: (text) => ({ hidden: [text], told: [] }),
  login: readLogin,
  address: readAddress,
  headers: (text) => ({
    hidden: text.split(',').flatMap((header) => {
      const value = decoded(header.slice(header.indexOf('=') + 1).trim())
      // Behind `Bearer` or `Basic` it is secret alone too.
      return [value, ...value.split(' ')]
    }),
    told: [],
  }),
  passwords: (text) => ({
    hidden: text.split('\n').map((line) => {
      const [, password = ''] = /^(?:(?:\\.|[^\\:])*:){4}(.*)$/.exec(line) ?? []
      return password.trimEnd().replace(/\\(.)/g, '$1')
    }),
    told: [],
  }),
  profiles: (text) => ({
    hidden: [...text.matchAll(/^\s*aws_(?:secret_access_key|session_token)\s*=\s*(\S+)/gim)].map(
      ([, value = '']) => value,
    ),
    told: [],
  }),
}

function read(text: string, kind: Kind): Read {
  return text === '' ? { hidden: [], told: [] } : readers[kind](text)
}

/** One that is no URL, as its password is not encoded, has it between the first colon and the last `@` all the same. */
function readLogin(text: string): Read {
  const [, user = '', password = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^\s:/@]*)(?::(.*))?@/is.exec(text) ?? []
  const url = URL.parse(text)
  const parameters = [...(url?.searchParams ?? [])].flatMap(([name, value]) =>
    /pass|secret|token|key|sig/i.test(name) && !value.startsWith('/') ? [value] : [],
  )
  const lone = password === '' && user.length >= leastKey ? [user, decoded(user)] : []
  const basic = password === '' ? [] : [base64(`${decoded(user)}:${decoded(password)}`)]
  return {
    hidden: [password, decoded(password), url?.password ?? '', ...lone, ...basic, ...parameters],
    told: [decoded(user), url?.hostname ?? '', url?.pathname.slice(1) ?? ''].filter(
      (each) => !lone.includes(each),
    ),
  }
}

/** Some messages have its path without the host. */
function readAddress(text: string): Read {
  const url = URL.parse(text)
  if (url === null) return { hidden: [text], told: [] }
  const path = `${url.pathname}${url.search}`
  const parts = path.split(/[/?&=]/).filter((part) => part.length >= leastKey)
  return { hidden: [text, url.href, path, ...parts], told: [] }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
