/** What is taken for a secret of an environment, and in which spellings it is found. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createScrubber, hideConfigured } from '../../lib/cli/scrub.ts'
import { findAllSecrets } from '../../lib/config/config.ts'
import { temporaryFolder } from '../support/temporary.ts'

describe('an environment', () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      'the password of a URL, as it is and as it is written',
      { DATABASE_URL: 'postgres://me:pass%2Fword@host/shop' },
      ['pass%2Fword', 'pass/word', btoa('me:pass/word')],
    ],
    [
      'a password that should have been encoded',
      { DATABASE_URL_BILLING: 'postgres://me:pass/w#rd@host@db/shop' },
      ['pass/w#rd@host', btoa('me:pass/w#rd@host')],
    ],
    [
      'what a URL calls a password',
      { DATABASE_URL: 'postgres://me@host/shop?sslpassword=hunter2hunter2&sslrootcert=/authorities.pem' },
      ['hunter2hunter2'],
    ],
    ['a key in place of a user', { SENTRY_DSN: 'https://0123456789abcdef@host/42' }, ['0123456789abcdef']],
    [
      'a webhook, whole, by its path, and by what is long in it',
      { DRACULA_WEBHOOK: 'https://hooks.slack.com/services/T01/ABCDEFGHIJKLMNOP' },
      [
        'https://hooks.slack.com/services/T01/ABCDEFGHIJKLMNOP',
        '/services/T01/ABCDEFGHIJKLMNOP',
        'ABCDEFGHIJKLMNOP',
      ],
    ],
    [
      'headers',
      { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20one-two-three,x-team=shop' },
      ['Bearer one-two-three', 'one-two-three'],
    ],
    [
      'what others call so',
      {
        AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG',
        GITHUB_TOKEN: 'ghp_0123456789abcdef',
        TOKENIZERS: 'disabled',
        HTTPS_PROXY: 'http://me:letmein-now@proxy:3128',
      },
      ['wJalrXUtnFEMI/K7MDENG', 'ghp_0123456789abcdef', 'letmein-now', btoa('me:letmein-now')],
    ],
    [
      'no names of places, and nothing that messages say anyhow',
      {
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/0123456789',
        AWS_CREDENTIAL_EXPIRATION: '2026-11-26T12:00:00Z',
        DATABASE_URL: 'postgres://reporting:reporting@reporting/reporting',
        PGPASSWORD: 'reporting',
        DRACULA_GLUE_DATABASE: 'warehouse',
        OPENLINEAGE_API_KEY: 'warehouse',
      },
      [btoa('reporting:reporting')],
    ],
    ['nothing that is part of other words', { PGPASSWORD: 'a', OPENLINEAGE_API_KEY: 'key' }, []],
  ])('has %s', (_, env, secrets) => {
    expect(findAllSecrets(env).toSorted()).toEqual(secrets.toSorted())
  })

  test('has what is in files, and none that cannot be read', async () => {
    await using folder = await temporaryFolder()
    const files = {
      DATABASE_URL_EU_FILE: ['url', 'postgres://me:from-a-url@host/shop\n'],
      PGPASSFILE: ['pass', '# all\n*:*:*:me:from\\:a\\\\file\nhost:5432:*:you:from-a-line\n'],
      DRACULA_HASH_KEY_FILE: ['key', 'from-a-mounted-key\n'],
      AWS_WEB_IDENTITY_TOKEN_FILE: ['token', 'from-an-identity'],
      AWS_SHARED_CREDENTIALS_FILE: [
        'profile',
        '[a]\naws_access_key_id = open\naws_session_token = from-a-profile\n',
      ],
    } as const
    const env: Record<string, string> = { DRACULA_WEBHOOK_FILE: join(folder.path, 'absent') }
    for (const [name, [path, text]] of Object.entries(files)) {
      env[name] = join(folder.path, path)
      await Bun.write(join(folder.path, path), text)
    }
    const found = ['from-a-url', btoa('me:from-a-url'), 'from:a\\file', 'from-a-line', 'from-a-mounted-key']
    expect(findAllSecrets(env).toSorted()).toEqual(
      [...found, 'from-an-identity', 'from-a-profile'].toSorted(),
    )
  })

  test('is read by names that are said to be secret or not, and by these', async () => {
    const read = new Set<string>()
    const config = join(import.meta.dir, '../../lib/config')
    for (const path of new Bun.Glob('*.ts').scanSync(config)) {
      const text = await Bun.file(join(config, path)).text()
      for (const [, name = ''] of text.matchAll(/\benv(?:\?\.)?\[([^\]]+)\]/g)) read.add(name)
      expect(text).not.toMatch(/\} = env\b/)
    }
    // `name` is a SettingName, each of which secrets.ts has; `variable` is one of libpq's, refused without its value;
    // `each` is only asked whether it is set.
    expect([...read].toSorted()).toEqual(["'NO_COLOR'", "'TERM'", 'each', 'name', 'variable'])
  })
})

describe('a message', () => {
  const { hide, hideKey, scrub } = createScrubber()
  hide({
    ...{ host: 'db', port: 5432, database: 'shop', user: 'me', password: 'pass', auth: 'password' },
    tls: { mode: 'disable', ca: undefined },
  })
  hideKey(`long "enough" & <odd> \\ 100%`)

  test.each([
    ['as it is', 'it is long "enough" & <odd> \\ 100%.', 'it is ***.'],
    ['in JSON', JSON.stringify('long "enough" & <odd> \\ 100%'), '"***"'],
    [
      'in JSON in JSON',
      JSON.stringify(JSON.stringify({ a: '\nlong "enough" & <odd> \\ 100%' })),
      '"{\\"a\\":\\"\\\\n***\\"}"',
    ],
    ['in a URL', `?q=${encodeURIComponent('long "enough" & <odd> \\ 100%')}`, '?q=***'],
    ['in a URL in small letters', 'long%20%22enough%22%20%26%20%3codd%3e%20%5c%20100%25', '***'],
    ['in a form', 'long+%22enough%22+%26+%3Codd%3E+%5C+100%25', '***'],
    ['half encoded, as browsers do', 'long%20%22enough%22%20&%20%3Codd%3E%20\\%20100%', '***'],
    ['in a page', Bun.escapeHTML('long "enough" & <odd> \\ 100%'), '***'],
    ['in a page of others', 'long &#34;enough&#x22; &#38; &#60;odd&#x3E; &#92; 100&#x25;', '***'],
    ['beside letters', 'nlong "enough" & <odd> \\ 100%n', 'n***n'],
    ['short, by itself', 'pass, (pass) and pass', '***, (***) and ***'],
    ['short, as a part of words', 'password, compass', 'password, compass'],
  ])('has none %s', (_, text, wanted) => {
    expect(scrub(text)).toBe(wanted)
  })

  test.each([
    [
      'x-amz-security-token:IQoJb3JpZ2luX2VjEPr//x==\nx-amz-date:2026',
      'x-amz-security-token:***\nx-amz-date:2026',
    ],
    ['X-Amz-Security-Token=IQoJ%2Fb3&X-Amz-Date=2026', 'X-Amz-Security-Token=***&X-Amz-Date=2026'],
    ['Authorization: Bearer 0123456789abcdef0123', 'Authorization: Bearer ***'],
    ['authorization: basic bWU6aHVudGVyMmh1bnRlcjI=', 'authorization: basic ***'],
    ['token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkcmFjdWxhIn0.c2lnbmVk, refused', 'token ***, refused'],
    ['aws_secret_access_key = wJalrXUtnFEMI', 'aws_secret_access_key = ***'],
    ['postgres://me:word@db/shop', 'postgres://me:***@db/shop'],
    ["could not connect: password='it is mine' host=db", 'could not connect: password=*** host=db'],
  ])('has none that nobody knew: %s', (text, wanted) => {
    expect(scrub(text)).toBe(wanted)
  })

  test.each([
    'Basic authentication is switched off, says the bearer of this message',
    'password authentication failed for user "me"',
    'The request signature we calculated does not match the signature you provided',
    'The security token included in the request is expired',
  ])('stays as it is where it has none: %s', (text) => {
    expect(scrub(text)).toBe(text)
  })

  test('is read in no time, whatever it and the secret are', () => {
    const odd = createScrubber()
    odd.hideKey('\\'.repeat(40).concat('"'.repeat(40), 'x'))
    const started = performance.now()
    odd.scrub('\\'.repeat(5_000).concat('"'.repeat(5_000)))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

test('what is configured is hidden, however short the password of the database is', () => {
  const before = process.env['DATABASE_URL']
  process.env['DATABASE_URL'] = 'postgres://me:pw@localhost/shop'
  try {
    const scrubber = createScrubber()
    hideConfigured(scrubber)
    expect(scrubber.scrub('the word is pw')).toBe('the word is ***')
  } finally {
    if (before === undefined) delete process.env['DATABASE_URL']
    else process.env['DATABASE_URL'] = before
  }
})
