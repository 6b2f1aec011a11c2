/** Secrets, taken out of whatever leaves the process. */
import {
  type DatabaseConfig,
  findAllDatabases,
  findNotifyConfig,
  findSentSecrets,
  type NotifyConfig,
  readHashKey,
} from '../config/config.ts'

const hidden = '***'

/** `scheme://user:password@`, wherever it stands in a text. */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi

/** `password=…`, as libpq's connection strings have it, which functions such as dblink are given, in SQL with each quote twice. */
const keyword = /(password\s*=\s*)(?:''(?:''''|[^'])+''|'(?:[^'\\]|\\.)*'|[^\s'"&;,)]+)/gi

/** What makes a signed URL, and a token of RDS, worth stealing. */
const signature = /(X-Amz-(?:Signature|Security-Token)=)[^&\s"']+/gi

export interface Scrubber {
  /** From now on this database's password does not leave the process either. */
  hide(database: DatabaseConfig): void
  /** Nor does this key, or another secret. */
  hideKey(secret: string): void
  scrub(text: string): string
}

/**
 * The last line of defence: no message is made with a password in it, and if one of somebody else's (a
 * driver's, the server's) has it after all, it goes no further than this.
 */
export function createScrubber(): Scrubber {
  const secrets = new Set<string>()
  let secret: RegExp | undefined
  function add(text: string): void {
    // A stack trace or a line of JSON may spell it in another way.
    const spelt = JSON.stringify(text).slice(1, -1)
    for (const form of [text, spelt, encodeURIComponent(text)]) secrets.add(form)
    // One may begin as another does.
    const forms = [...secrets].toSorted((a, b) => b.length - a.length).map((form) => RegExp.escape(form))
    secret = new RegExp(`(?<![A-Za-z0-9])(?:${forms.join('|')})(?![A-Za-z0-9])`, 'g')
  }
  return {
    hide({ password, user, database, host }) {
      // A password that is also a name of its database is no secret, and hiding it would garble the message.
      if (password && ![user, database, host].includes(password)) add(password)
    },
    hideKey: add,
    scrub(text) {
      // What is known to be a secret is found whole before a pattern takes the beginning of it away.
      const known = secret === undefined ? text : text.replace(secret, hidden)
      return known
        .replace(userInfo, `$1${hidden}@`)
        .replace(keyword, `$1${hidden}`)
        .replace(signature, `$1${hidden}`)
    },
  }
}

/** The same value with every string in it scrubbed, at any depth. */
export function scrubbed<T>(value: T, scrub: (text: string) => string): T {
  if (typeof value === 'string') return scrub(value) as T
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, scrub)) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, scrubbed(each, scrub)])) as T
}

/** Hides what the environment holds. Whoever needs it says what is wrong with its configuration. */
export function hideConfigured({ hide, hideKey }: Pick<Scrubber, 'hide' | 'hideKey'>): void {
  for (const each of findAllDatabases()) hide(each)
  try {
    const key = readHashKey()
    if (key !== undefined) hideKey(key)
  } catch {}
  for (const each of findSentSecrets()) hideKey(each)
  for (const each of secretsOf(findNotifyConfig())) hideKey(each)
}

/** What of a webhook is secret is its path, which some messages have without the host. */
function secretsOf({ webhook }: NotifyConfig): string[] {
  if (webhook === undefined) return []
  const { pathname, search } = new URL(webhook.url)
  const path = `${pathname}${search}`
  const parts = path.split(/[/?&=]/).filter((part) => part.length >= 16)
  return [webhook.url, ...(path.length >= 8 ? [path] : []), ...parts]
}
