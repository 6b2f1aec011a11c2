/** Every secret that an environment can hold, each with letters of its own, and a search for them in whatever form. */
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'

/** Characters that URLs, JSON, HTML and shells spell otherwise. */
const around = { before: `p'"\\%/@:?#ü <&> `, after: ' $& end' } as const

/** Letters and digits that nothing else is made of, which every spelling leaves as they are. */
function markOf(index: number): string {
  return `Vq${['x', 'k', 'w', 'j', 'z'][index % 5]}${(index + 11) * 7919}Kz${(index + 3) * 104729}Jw`
}

export interface Marked {
  readonly name: string
  readonly mark: string
  /** The secret, with the mark in it. */
  readonly text: string
}

export interface MarkedEnvironment {
  readonly marked: readonly Marked[]
  /** All of them at once. */
  readonly env: Readonly<Record<string, string>>
}

/** Plain where the program sends it in a header, which takes no others. */
type Shape = (mark: string) => string
const awkward: Shape = (mark) => `${around.before}${mark}${around.after}`
const plain: Shape = (mark) => `${mark}/plain+`

/**
 * @param options.folder for secrets that are in files
 * @param options.databaseUrl whose user and password are replaced
 * @param options.collector the URL of whoever is told
 */
export async function markedEnvironment({
  folder,
  databaseUrl,
  collector,
}: {
  readonly folder: string
  readonly databaseUrl: string
  readonly collector: string
}): Promise<MarkedEnvironment> {
  const marked: Marked[] = []
  const secret = (name: string, shape: Shape = plain) => {
    const mark = markOf(marked.length)
    const text = shape(mark)
    marked.push({ name, mark, text })
    return text
  }
  const file = async (name: string, text: string) => {
    const path = join(folder, name)
    await Bun.write(path, text)
    await chmod(path, 0o600)
    return path
  }
  const login = (name: string, shape: Shape = awkward) => {
    const url = new URL(databaseUrl)
    url.username = 'reader'
    url.password = encodeURIComponent(secret(name, shape))
    return url.href
  }
  const host = collector.replace('http://', '')
  return {
    marked,
    env: {
      DATABASE_URL: login('DATABASE_URL'),
      DATABASE_URL_BILLING: login('DATABASE_URL_BILLING'),
      DATABASE_URL_EU_FILE: await file('url', login('DATABASE_URL_EU_FILE')),
      PGPASSWORD: secret('PGPASSWORD', awkward),
      PGPASSFILE: await file(
        'pgpass',
        `*:*:*:somebody:${secret('PGPASSFILE', awkward).replace(/[\\:]/g, '\\$&')}\n`,
      ),
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: secret('AWS_SECRET_ACCESS_KEY'),
      AWS_SESSION_TOKEN: secret('AWS_SESSION_TOKEN'),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: secret('AWS_CONTAINER_AUTHORIZATION_TOKEN'),
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await file(
        'container-token',
        secret('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'),
      ),
      AWS_WEB_IDENTITY_TOKEN_FILE: await file('web-token', secret('AWS_WEB_IDENTITY_TOKEN_FILE')),
      AWS_SHARED_CREDENTIALS_FILE: await file(
        'credentials',
        `[default]\naws_access_key_id = local\naws_secret_access_key = ${secret('AWS_SHARED_CREDENTIALS_FILE')}\n`,
      ),
      DRACULA_HASH_KEY: secret('DRACULA_HASH_KEY', (mark) => `${mark}-of-thirty-two-bytes-and-more`),
      DRACULA_WEBHOOK: `${collector}/services/T01/${secret('DRACULA_WEBHOOK', (mark) => mark)}`,
      SENTRY_DSN: `http://${secret('SENTRY_DSN', (mark) => mark)}@${host}/42`,
      OPENLINEAGE_URL: collector,
      OPENLINEAGE_API_KEY: secret('OPENLINEAGE_API_KEY'),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${encodeURIComponent(secret('OTEL_EXPORTER_OTLP_HEADERS'))}`,
      // Nothing here is asked by HTTPS.
      HTTPS_PROXY: `http://me:${encodeURIComponent(secret('HTTPS_PROXY', awkward))}@127.0.0.1:9`,
      SOMEBODYS_API_TOKEN: secret('SOMEBODYS_API_TOKEN'),
    },
  }
}

/** Letters, digits and nothing else survive every escape; what is encoded whole is looked for as that makes it. */
function spellings({ mark }: Marked): string[] {
  const bytes = Buffer.from(mark)
  // Base64 of a text with the mark anywhere in it: three bytes make four letters, so there are three ways to begin.
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [mark, mark.split('').reverse().join(''), bytes.toString('hex'), ...inBase64]
}

/** @returns the names of those that a text gives away, in any spelling */
export function secretsIn(text: string, marked: readonly Marked[]): string[] {
  const lower = text.toLowerCase()
  return marked
    .filter((each) => {
      const [plain = '', ...encoded] = spellings(each)
      return lower.includes(plain.toLowerCase()) || encoded.some((spelt) => text.includes(spelt))
    })
    .map(({ name }) => name)
}

/** What somebody says who knows all of them: a server that puts into its errors what it was asked with. */
export function parroted(marked: readonly Marked[]): string {
  return marked
    .flatMap(({ name, text }) => {
      const html = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
      const json = JSON.stringify(text).slice(1, -1)
      const forms = [text, encodeURIComponent(text), json, JSON.stringify(json).slice(1, -1), html]
      return [...new Set(forms)].map((form) => `${name.toLowerCase()} is (${form})`)
    })
    .join(', ')
}
