/** Secrets, taken out of whatever leaves the process. */
import { type DatabaseConfig, findAllDatabases, findAllSecrets } from '../config/config.ts'

const hidden = '***'

/** `scheme://user:password@`, wherever it stands in a text. */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi

/** `password=…`, as libpq's connection strings have it, which functions such as dblink are given, in SQL with each quote twice. */
const keyword = /(password\s*=\s*)(?:''(?:''''|[^'])+''|'(?:[^'\\]|\\.)*'|[^\s'"&;,)]+)/gi

/** What makes a signed request, and a token of RDS, worth stealing: in a URL, or as AWS shows a header that it refuses. */
const signature = /(X-Amz-(?:Signature|Security-Token)\s*[=:]\s*)[^&\s"',;]+/gi

/** What proves who asks, as HTTP has it; a JSON web token proves it by itself, wherever it stands. */
const bearer = /\b((?:Bearer|Basic) +)[\w.~+/=-]{20,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/gi

/** A line of the files in which AWS' tools keep credentials. */
const profile = /(aws_(?:secret_access_key|session_token)\s*=\s*)[^\s"',;)]+/gi

/** Characters: what is shorter may be a part of another word. */
const unmistakable = 16

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
    secrets.add(text)
    // One may begin as another does.
    const patterns = [...secrets].toSorted((a, b) => b.length - a.length).map(wherever)
    secret = new RegExp(patterns.join('|'), 'g')
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
        .replace(profile, `$1${hidden}`)
        .replace(bearer, (_, before = '') => `${before}${hidden}`)
    },
  }
}

/**
 * A text wherever it stands: in a URL, a page, a stack trace, a line of JSON, or JSON in a line of JSON. Each time that
 * it is quoted adds backslashes; they are bounded, as a search is to end in no time whatever it is given.
 */
function wherever(text: string): string {
  const parts = text.match(/\\+|[^\\]/gu) ?? []
  const pattern = parts
    .map((part, at) => {
      if (part.startsWith('\\')) return `(?:${howeverSpelt('\\')}){1,64}`
      const quotable = !/[A-Za-z0-9]/.test(part) && parts[at - 1]?.startsWith('\\') !== true
      return quotable ? `\\\\{0,32}${howeverSpelt(part)}` : howeverSpelt(part)
    })
    .join('')
  return text.length < unmistakable ? `(?<![A-Za-z0-9])${pattern}(?![A-Za-z0-9])` : pattern
}

/** Letters and digits are the same everywhere; which of the others are spelt otherwise hangs on who writes. */
function howeverSpelt(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  const percent = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const inHex = [percent, `&#x${hex};`, `u${hex.padStart(4, '0')}`]
  const inUpperHex = inHex.map((each) => each.replace(/[a-f]/g, (digit) => digit.toUpperCase()))
  const [escaped = character] = /[^\\]$/.exec(JSON.stringify(character).slice(1, -1)) ?? []
  const all = [character, escaped, Bun.escapeHTML(character), `&#${code};`, ...inHex, ...inUpperHex]
  // In a form a blank is a plus.
  if (character === ' ') all.push('+')
  // The longest first: a percent sign begins what encodes it.
  const alternatives = [...new Set(all)].toSorted((a, b) => b.length - a.length)
  return `(?:${alternatives.map((each) => RegExp.escape(each)).join('|')})`
}

/** The same value with every string in it scrubbed, at any depth. */
export function scrubbed<T>(value: T, scrub: (text: string) => string): T {
  if (typeof value === 'string') return scrub(value) as T
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, scrub)) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, scrubbed(each, scrub)])) as T
}

/** Hides what the environment holds: passwords of its databases however short they are. */
export function hideConfigured({ hide, hideKey }: Pick<Scrubber, 'hide' | 'hideKey'>): void {
  for (const each of findAllDatabases()) hide(each)
  for (const each of findAllSecrets()) hideKey(each)
}
