import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Environment,
  knownTo,
  readConfig,
  readDatabase,
  readDatabases,
  readLake,
} from '../lib/config/config.ts'
import { Failure } from '../lib/failure/failure.ts'
import { fileName } from '../lib/lake/file-name.ts'
import { loadFolder } from '../lib/lake/layout.ts'
import { newLoadId } from '../lib/lake/load-id.ts'
import { certificates } from './support/database.ts'
import { temporaryFolder } from './support/temporary.ts'

const lake = { DRACULA_S3_URI: 's3://lake/tables', DRACULA_GLUE_DATABASE: 'lake' }

function failureOf(work: () => unknown): Failure {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    expect((error as Failure).exit).toBe(2)
    return error as Failure
  }
  return expect.unreachable()
}

/** PostgreSQL 18 manual, "Parameter Key Words". */
const libpqParameters =
  `host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout
  client_encoding options application_name fallback_application_name keepalives keepalives_idle keepalives_interval
  keepalives_count tcp_user_timeout replication gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey
  sslkeylogfile sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version
  ssl_max_protocol_version min_protocol_version max_protocol_version krbsrvname gsslib gssdelegation scram_client_key
  scram_server_key service target_session_attrs load_balance_hosts oauth_issuer oauth_client_id oauth_client_secret
  oauth_scope`.split(/\s+/)

/** A table of `DATABASE_URL`, as nearly all are. */
const plain = { name: 'taxes', connection: undefined }

const url = (text: string, more: Environment = {}) => readDatabase({ DATABASE_URL: text, ...more })

test('without configuration it names all that is missing and how to try it here', () => {
  const { message } = failureOf(() => readConfig(plain, {}))
  expect(message).toContain(
    'DATABASE_URL (or PGHOST, PGUSER, PGDATABASE), DRACULA_S3_URI and DRACULA_GLUE_DATABASE are not set',
  )
  expect(message).toContain('bun run local -- bun scripts/<table>.ts')
})

test('an empty value counts as none', () => {
  const { message } = failureOf(() =>
    readConfig(plain, { DATABASE_URL: 'postgres://u@localhost/d', ...lake, DRACULA_S3_URI: '' }),
  )
  expect(message).toContain('DRACULA_S3_URI is not set')
})

test('the database alone is enough for a dry run', () => {
  expect(url('postgres://u@localhost/d').database).toBe('d')
})

describe('the database', () => {
  test('comes from a URL', () => {
    expect(url('postgresql://me:secret@db.example.com:6432/shop')).toEqual({
      host: 'db.example.com',
      port: 6432,
      database: 'shop',
      user: 'me',
      password: 'secret',
      auth: 'password',
      tls: { mode: 'verify-full', ca: undefined },
    })
  })

  test('comes from PG* variables', () => {
    expect(
      readDatabase({
        PGHOST: 'localhost',
        PGPORT: '6432',
        PGUSER: 'me',
        PGPASSWORD: 'p%40',
        PGDATABASE: 'shop',
      }),
    ).toEqual({
      host: 'localhost',
      port: 6432,
      database: 'shop',
      user: 'me',
      password: 'p%40',
      auth: 'password',
      tls: { mode: 'disable', ca: undefined },
    })
  })

  test('is completed from PG* variables, and without them is named as its user', () => {
    expect(url('postgres://me@localhost', { PGPASSWORD: 'secret', PGPORT: '6432' })).toMatchObject({
      port: 6432,
      database: 'me',
      password: 'secret',
    })
    expect(url('postgres://me@localhost', { PGDATABASE: 'shop' }).database).toBe('shop')
  })

  test('its parts are percent-decoded', () => {
    expect(url('postgres://m%40e:p%40ss%3Aw%2F%C3%B6%23%3F%25@localhost/my%20shop')).toMatchObject({
      user: 'm@e',
      password: 'p@ss:w/ö#?%',
      database: 'my shop',
    })
  })

  test('may be behind an IPv6 address or a Unix socket', () => {
    expect(url('postgres://u@[::1]:5433/d')).toMatchObject({
      host: '::1',
      port: 5433,
      tls: { mode: 'disable' },
    })
    expect(url('postgres://u@%2Fvar%2Frun%2Fpostgresql/d?sslmode=require')).toMatchObject({
      host: '/var/run/postgresql',
      tls: { mode: 'disable' },
    })
  })

  for (const [what, text, reason] of [
    ['nonsense', 'secret', 'is not a URL'],
    ['another scheme', 'mysql://u:secret@localhost/d', 'is not a Postgres URL'],
    ['several hosts', 'postgres://u:secret@a:1,b:2/d', 'names several hosts'],
    ['no host', 'postgres:///d', 'names no host'],
    ['no user', 'postgres://localhost/d', 'names no user'],
    ['port 0', 'postgres://u:secret@localhost:0/d', 'has no valid port'],
    ['port 65536', 'postgres://u:secret@localhost:65536/d', 'has no valid port'],
    ['port 99999', 'postgres://u:secret@localhost:99999/d', 'has no valid port'],
    ['a port that is none', 'postgres://u:secret@localhost:abc/d', 'has no valid port'],
    ['a port that is none behind an address', 'postgres://u:secret@[::1]:0x1f/d', 'has no valid port'],
    ['an address that is none', 'postgres://u:secret@[::g]/d', 'is not a URL'],
    ['quotes round it', `'postgres://u:secret@localhost/d'`, 'has quotes round it'],
    ['a line break in it', 'postgres://u:sec\nret@localhost/d', 'has white space in it'],
    ['a blank in it', 'postgres://u:secret@localhost/my shop', 'has white space in it'],
    ['a blank in its host', 'postgres://u:secret@local%20host/d', 'names no host that there could be'],
    ['a host of sockets that are abstract', 'postgres://u:secret@%40abstract/d', 'names no host that'],
    ['the words of a connection string', 'host=localhost user=u password=secret', 'is not a URL'],
    [
      'a parameter that is almost one',
      'postgres://u:secret@localhost/d?sslmod=require',
      'nearest is "sslmode"',
    ],
    ['a parameter in capitals', 'postgres://u:secret@localhost/d?SSLMODE=require', 'nearest is "sslmode"'],
    [
      'a parameter of nobody',
      'postgres://u:secret@localhost/d?sslrootcrt=secret',
      'nearest is "sslrootcert"',
    ],
    ['a parameter twice', 'postgres://u:secret@localhost/d?sslmode=disable&sslmode=require', 'sslmode twice'],
    ['a schema', 'postgres://u:secret@localhost/d?schema=shop', "from: 'schema.table'"],
    ['settings of the session', 'postgres://u:secret@localhost/d?options=-c%20x%3Dsecret', 'alter role'],
    ['the choice of a server', 'postgres://u:secret@localhost/d?target_session_attrs=primary', 'but for any'],
    ['a timeout of statements', 'postgres://u:secret@localhost/d?statement_timeout=1', '--deadline'],
    ['a service', 'postgres://u:secret@localhost/d?service=shop', 'what the service says'],
    ['ssl as others spell it', 'postgres://u:secret@localhost/d?ssl=true', 'Use sslmode=require'],
    ['another encoding', 'postgres://u:secret@localhost/d?client_encoding=LATIN1', 'client_encoding, which'],
    ['a secret key', 'postgres://u@localhost/d?scram_client_key=secret', 'scram_client_key'],
    ['a percent sign that encodes nothing', 'postgres://u:secret%@localhost/d', 'encodes nothing'],
    ['a zero byte', 'postgres://u:secret%00@localhost/d', 'encodes nothing'],
    ['a password with a slash', 'postgres://u:1/secret@localhost/d', 'is not a URL'],
    ['a password with a question mark', 'postgres://u:1?secret@localhost/d', 'is not a URL'],
    ['a password with a hash sign', 'postgres://u:1#secret@localhost/d', 'is not a URL'],
    ['a parameter that moves the host', 'postgres://u:secret@localhost/d?host=other', 'parameter host'],
    ['a client certificate', 'postgres://u:secret@localhost/d?sslcert=x', 'parameter sslcert'],
    [
      'required channel binding',
      'postgres://u:secret@localhost/d?channel_binding=require',
      'channel binding',
    ],
    ['a mode of TLS that is none', 'postgres://u:secret@localhost/d?sslmode=on', 'no mode of TLS'],
  ] as const) {
    test(`refuses a URL with ${what}, and does not repeat it`, () => {
      const { message } = failureOf(() => url(text))
      expect(message).toContain('DATABASE_URL')
      expect(message).toContain(reason)
      expect(message).not.toContain('secret')
    })
  }

  test('passes over parameters of other programs', () => {
    expect(url('postgres://u@localhost/d?pool=5&application_name=x&channel_binding=prefer').database).toBe(
      'd',
    )
  })

  test('every parameter that the manual of libpq lists is honoured, harmless or refused, and none is unknown', () => {
    for (const name of libpqParameters) {
      let message = ''
      try {
        url(`postgres://u@localhost/d?${name}=x`)
      } catch (error) {
        message = String(error)
      }
      expect(message).not.toContain('not known')
    }
  })

  test('an unknown parameter is named where it is one, and not where it may be part of a password', () => {
    const told = (rest: string) => failureOf(() => url(`postgres://u@localhost/d?${rest}`)).message
    expect(told('sslmod=require')).toContain(
      'the parameter sslmod, which is not known, the nearest is "sslmode"',
    )
    for (const rest of ['passwordSecret', 'password%3DSecret', 'Secret', 'Secret/x', 'pass1Secret=x']) {
      expect(told(rest)).toStartWith('Cannot use "DATABASE_URL": it has a parameter that is not known')
      expect(told(rest)).not.toContain('Secret')
    }
  })

  test('takes the values of refused parameters that change nothing', () => {
    const parameters =
      'channel_binding=disable&client_encoding=UTF8&target_session_attrs=any&gssencmode=prefer'
    expect(url(`postgres://u@localhost/d?${parameters}&connect_timeout=3&service=`).database).toBe('d')
    expect(
      url('postgres://u@localhost/d', { PGGSSENCMODE: 'disable', PGCONNECT_TIMEOUT: '3' }).database,
    ).toBe('d')
  })

  test('white space around the URL does not count', () => {
    expect(url(' postgres://u:p%40@localhost/d\n')).toMatchObject({ password: 'p@', database: 'd' })
  })

  test('a service alone is told as what is not supported, not as nothing', () => {
    for (const read of [readDatabase, (env: Environment) => readConfig(plain, env)]) {
      const { message } = failureOf(() => read({ PGSERVICE: 'shop', ...lake }))
      expect(message).toStartWith(
        'Cannot use "PGSERVICE": it is not supported. Unset it. Write what the service says',
      )
      expect(message).not.toContain('not set')
    }
  })

  const whole = { PGHOST: 'localhost', PGUSER: 'u', PGDATABASE: 'd', PGPASSWORD: 'secret' }
  for (const [name, value, reason] of [
    ['PGPORT', 'abc', 'has no valid port'],
    ['PGPORT', '99999', 'has no valid port'],
    ['PGPORT', '-1', 'has no valid port'],
    ['PGPORT', '5432.5', 'has no valid port'],
    ['PGPORT', ' 5432', 'has no valid port'],
    ['PGPORT', '5432,5433', 'has no valid port'],
    ['PGHOST', 'a,b', 'names several hosts'],
    ['PGHOST', 'localhost:5432', 'names no host that there could be'],
    ['PGHOST', '[::1]', 'names no host that there could be'],
    ['PGHOST', 'localhost\n', 'names no host that there could be'],
    ['PGHOST', ' ', 'names no host that there could be'],
    ['PGHOST', 'postgres://u:secret@localhost', 'names no host that there could be'],
    ['PGHOST', '@abstract', 'names no host that there could be'],
    ['PGUSER', 'u\n', 'has white space at its ends'],
    ['PGDATABASE', ' d', 'has white space at its ends'],
    ['PGDATABASE', 'postgres://u:secret@localhost/d', 'is a URL'],
    ['PGPASSWORD', 'secret\n', 'ends with a line break'],
    ['PGSSLMODE', 'verify_full', 'no mode of TLS'],
    ['PGSSLROOTCERT', '/no/such.pem', 'cannot be read'],
    ['PGPASSFILE', '/no/such/file', 'cannot be read'],
    ['PGREQUIRESSL', '1', 'is not supported'],
    ['PGGSSENCMODE', 'require', 'is not supported, but for disable'],
    ['PGSSLMINPROTOCOLVERSION', 'TLSv1.3', 'is not supported'],
    ['PGLOADBALANCEHOSTS', 'random', 'is not supported, but for disable'],
    ['DRACULA_DATABASE_AUTH', 'RDS-IAM', 'neither password nor rds-iam'],
    ['DATABASE_URL_FILE', '/', 'cannot be read'],
  ] as const) {
    test(`refuses ${name}=${JSON.stringify(value)} by name, and repeats no secret`, () => {
      const env = { ...whole, PGSSLMODE: 'verify-full', [name]: value }
      if (name === 'PGPASSFILE') delete (env as { PGPASSWORD?: string }).PGPASSWORD
      const { message } = failureOf(() => readDatabase(env))
      expect(message).toContain(`Cannot use "${name}": it `)
      expect(message).toContain(reason)
      expect(message).not.toMatch(/secret|\n/)
    })
  }

  test('an address of IPv6, a socket and a name with a blank are taken as they are', () => {
    for (const host of ['::1', 'fe80::1%eth0', '/var/run/postgresql', 'db_1.internal', 'münchen.example']) {
      expect(readDatabase({ ...whole, PGHOST: host }).host).toBe(host)
    }
    expect(readDatabase({ ...whole, PGDATABASE: 'my shop', PGPASSWORD: ' p ' })).toMatchObject({
      database: 'my shop',
      password: ' p ',
    })
  })

  test('refuses variables that would lead a driver elsewhere', () => {
    for (const name of ['PGOPTIONS', 'PGHOSTADDR', 'PGSERVICE', 'PGTARGETSESSIONATTRS']) {
      const { message } = failureOf(() => url('postgres://u@localhost/d', { [name]: 'x' }))
      expect(message).toContain(`Cannot use "${name}": it is not supported`)
    }
  })

  test('refuses a parameter that names a password file', () => {
    expect(failureOf(() => url('postgres://u@localhost/d?passfile=x')).message).toContain('passfile')
  })

  test('names PGPORT when that is wrong', () => {
    expect(failureOf(() => url('postgres://u@localhost/d', { PGPORT: '5432x' })).message).toContain(
      '"PGPORT"',
    )
  })
})

describe('a file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
  })

  afterAll(() => folder?.[Symbol.asyncDispose]())

  async function write(text: string, mode = 0o600): Promise<string> {
    const path = join(folder.path, crypto.randomUUID())
    await Bun.write(path, text)
    await chmod(path, mode)
    return path
  }

  test('may hold the URL, as a mounted secret does', async () => {
    const path = await write('postgres://me:p%40ss@db.example.com/shop\n', 0o444)
    expect(readDatabase({ DATABASE_URL_FILE: path })).toMatchObject({ user: 'me', password: 'p@ss' })
  })

  test('of the URL is named where something is wrong with it, and its text is not', async () => {
    for (const [text, reason] of [
      ['', 'which is empty'],
      ['postgres://me:sesame@/shop', 'is not a URL'],
      ['postgres://me:sesame%@db/shop', 'encodes nothing'],
      ['mysql://me:sesame@db/shop', 'is not a Postgres URL'],
    ] as const) {
      const path = await write(text)
      const { message } = failureOf(() => readDatabase({ DATABASE_URL_FILE: path }))
      expect(message).toContain('"DATABASE_URL_FILE"')
      expect(message).toContain(reason)
      expect(message).not.toContain('sesame')
    }
    const absent = { DATABASE_URL_FILE: join(folder.path, 'absent') }
    expect(failureOf(() => readDatabase(absent)).message).toContain('absent, which cannot be read')
    const both = { DATABASE_URL_FILE: await write('postgres://me@db/shop') }
    expect(failureOf(() => url('postgres://me@db/shop', both)).message).toContain('beside DATABASE_URL')
  })

  test.each([
    ['localhost:5432:shop:me:sesame', 'sesame'],
    ['*:*:*:*:sesame', 'sesame'],
    [
      '# *:*:*:*:no\n\nother:*:*:*:no\n*:5433:*:*:no\n*:*:other:*:no\n*:*:*:you:no\n*:*:*:me:sesame',
      'sesame',
    ],
    ['*:*:*:me:first\n*:*:*:me:second', 'first'],
    [String.raw`*:*:*:me:a\:b\\c\d`, String.raw`a:b\cd`],
    ['*:*:*:me:sesame:and more', 'sesame'],
    ['*:*:*:me:sesame\r\n', 'sesame'],
    ['*:*:*:me: with spaces ', ' with spaces '],
    ['*:*:*:you:sesame', undefined],
    ['*:*:me:sesame', undefined],
    ['**:*:*:me:sesame', undefined],
    ['', undefined],
  ])('of passwords is read as libpq reads it: %j', async (text, password) => {
    expect(url('postgres://me@localhost/shop', { PGPASSFILE: await write(text) }).password).toBe(password)
  })

  test('of passwords names a host with colons by backslashes, and a Unix socket localhost', async () => {
    const path = await write('\\:\\:1:*:*:*:six\nlocalhost:*:*:*:socket')
    expect(url('postgres://me@[::1]/shop', { PGPASSFILE: path }).password).toBe('six')
    const socket = 'postgres://me@%2Fvar%2Frun%2Fpostgresql/shop'
    expect(url(socket, { PGPASSFILE: path }).password).toBe('socket')
  })

  test('of passwords comes after the URL and PGPASSWORD, and is not looked at then', () => {
    const file = { PGPASSFILE: join(folder.path, 'absent') }
    expect(url('postgres://u:p@localhost/d', file).password).toBe('p')
    expect(url('postgres://u@localhost/d', { ...file, PGPASSWORD: 'p' }).password).toBe('p')
    expect(failureOf(() => url('postgres://u@localhost/d', file)).message).toContain(
      'absent, which cannot be read',
    )
  })

  test.each([0o640, 0o604, 0o660])('of passwords is refused with the mode 0%o', async (mode) => {
    const path = await write('*:*:*:*:sesame', mode)
    const { message } = failureOf(() => url('postgres://me@localhost/shop', { PGPASSFILE: path }))
    expect(message).toContain(`which others than its owner may read. Run chmod 600 ${path}`)
    expect(message).not.toContain('sesame')
  })
})

describe('an IAM token in place of a password', () => {
  const iam = { DRACULA_DATABASE_AUTH: 'rds-iam' }
  const elsewhere = 'postgres://me@db.example.com/shop'

  test('is used when asked for', () => {
    expect(url(elsewhere).auth).toBe('password')
    expect(url(elsewhere, iam)).toMatchObject({ auth: 'rds-iam', password: undefined })
  })

  test.each([
    [elsewhere, { DRACULA_DATABASE_AUTH: 'iam' }, 'is neither password nor rds-iam'],
    ['postgres://me:sesame@db.example.com/shop', iam, 'DATABASE_URL gives a password'],
    [elsewhere, { ...iam, PGPASSWORD: 'sesame' }, 'PGPASSWORD gives a password'],
    [elsewhere, { ...iam, PGPASSFILE: '/nowhere' }, 'PGPASSFILE gives a password'],
    ['postgres://me@localhost/shop', iam, 'needs TLS'],
    [`${elsewhere}?sslmode=prefer`, iam, 'needs TLS'],
  ])('is refused for %s with %j', (text, env, reason) => {
    const { message } = failureOf(() => url(text, env))
    expect(message).toContain('Cannot use "DRACULA_DATABASE_AUTH"')
    expect(message).toContain(reason)
    expect(message).not.toContain('sesame')
  })
})

describe('TLS', () => {
  const file = join(certificates, 'authority.pem')
  const tls = (parameters: string, more: Environment = {}, host = 'db.example.com') =>
    url(`postgres://u@${host}/d${parameters}`, more).tls

  test('verifies a host elsewhere in full, and leaves local ones plain', () => {
    expect(tls('').mode).toBe('verify-full')
    for (const local of ['localhost', '127.0.0.1', '[::1]', 'db.localhost']) {
      expect(tls('', {}, local).mode).toBe('disable')
    }
  })

  test('is what sslmode says, in the URL or else in PGSSLMODE', () => {
    for (const mode of ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const) {
      expect(tls(`?sslmode=${mode}`, { PGSSLMODE: 'prefer' }).mode).toBe(mode)
      expect(tls('', { PGSSLMODE: mode }).mode).toBe(mode)
    }
  })

  test('reads the authority of sslrootcert, and then require verifies it', () => {
    expect(tls(`?sslrootcert=${file}`)).toMatchObject({
      mode: 'verify-full',
      ca: expect.stringContaining('BEGIN'),
    })
    expect(tls('?sslmode=require', { PGSSLROOTCERT: file })).toMatchObject({
      mode: 'verify-ca',
      ca: expect.stringContaining('BEGIN'),
    })
  })

  test('takes the authorities of the runtime for sslrootcert=system', () => {
    expect(tls('?sslrootcert=system', {}, 'localhost')).toEqual({ mode: 'verify-full', ca: undefined })
    expect(failureOf(() => tls('?sslrootcert=system&sslmode=require')).message).toContain('weaker')
  })

  test('fails for an authority that cannot be read or is none', () => {
    expect(failureOf(() => tls('?sslrootcert=/nowhere.pem')).message).toContain(
      '/nowhere.pem, which cannot be read',
    )
    expect(failureOf(() => tls(`?sslrootcert=${join(import.meta.dir, 'rooms.test.ts')}`)).message).toContain(
      'holds no certificate',
    )
  })

  test('fails for an authority whose certificate is broken', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'broken.pem')
    await Bun.write(path, '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n')
    expect(failureOf(() => tls(`?sslrootcert=${path}`)).message).toContain('holds a broken certificate')
  })
})

describe('the lake', () => {
  test('has defaults', () => {
    expect(readLake(lake)).toEqual({
      bucket: 'lake',
      prefix: 'tables',
      glueDatabase: 'lake',
      stagingDatabase: 'lake_staging',
      crawlerRole: undefined,
      workgroup: 'primary',
      athenaOutput: undefined,
      kmsKey: undefined,
    })
  })

  test('has a prefix without slashes at its ends, or none', () => {
    for (const [uri, prefix] of [
      ['s3://my-bucket', ''],
      ['s3://my-bucket/', ''],
      ['s3://my-bucket/a/b.c_d-e/', 'a/b.c_d-e'],
    ] as const) {
      expect(readLake({ ...lake, DRACULA_S3_URI: uri })).toMatchObject({ bucket: 'my-bucket', prefix })
    }
  })

  test('takes all it is told', () => {
    expect(
      readLake({
        ...lake,
        DRACULA_STAGING_DATABASE: 'elsewhere',
        DRACULA_CRAWLER_ROLE: 'arn:aws:iam::123456789012:role/crawler',
        DRACULA_ATHENA_WORKGROUP: 'reports',
        DRACULA_ATHENA_OUTPUT: 's3://results',
        DRACULA_KMS_KEY: 'alias/lake',
      }),
    ).toMatchObject({
      stagingDatabase: 'elsewhere',
      crawlerRole: 'arn:aws:iam::123456789012:role/crawler',
      workgroup: 'reports',
      athenaOutput: 's3://results/',
      kmsKey: 'alias/lake',
    })
  })

  const long = (letters: number) => 'x'.repeat(letters)

  test.each([
    ['https://lake/tables', 'it does not begin with s3://'],
    [' s3://lake/tables', 'it does not begin with s3://'],
    ['S3://lake/tables', 'it does not begin with s3://'],
    ['s3://lake/tables ', 'it has white space'],
    ['s3://lake/tables\n', 'it has white space'],
    ['s3://lake/my tables', 'it has white space'],
    ['s3://lake/\u0000', 'it has the character U+0000'],
    ['s3://lake/caf\u00e9', 'it has the character U+00E9'],
    ['s3://lake/\u{1f987}', 'it has the character U+1F987'],
    ['s3://lake/%2e%2e/x', 'it has the character %'],
    ['s3://lake/x?versionId=1', 'it has the character ?'],
    ['s3://lake/x#y', 'it has the character #'],
    ['s3://lake\\x', 'it has the character \\'],
    ['s3://lake/dt=1', 'it has the character ='],
    ['s3://key:sesame@lake/x', 'it has the character :'],
    ['s3://', 'it names no bucket'],
    ['s3:///lake/tables', 'it names no bucket'],
    ['s3://Lake/tables', 'its bucket "Lake" has other than lower-case letters'],
    ['s3://my_lake/tables', 'its bucket "my_lake" has other than lower-case letters'],
    ['s3://la/tables', "its bucket's name has 2 letters, and S3 takes 3 to 63"],
    [`s3://${long(64)}`, "its bucket's name has 64 letters, and S3 takes 3 to 63"],
    ['s3://-lake', 'its bucket "-lake" does not begin and end with a letter or digit'],
    ['s3://lake./tables', 'its bucket "lake." does not begin and end with a letter or digit'],
    ['s3://la..ke', 'its bucket "la..ke" has a dot beside a dot or hyphen'],
    ['s3://la.-ke', 'its bucket "la.-ke" has a dot beside a dot or hyphen'],
    ['s3://192.168.1.1/tables', 'its bucket "192.168.1.1" is an IP address'],
    ['s3://xn--lake', 'its bucket "xn--lake" begins as S3 lets no bucket begin'],
    ['s3://lake--use1-az4--x-s3/tables', 'is no general purpose bucket'],
    ['s3://lake//tables', 'its prefix has two slashes in a row'],
    ['s3://lake/tables//', 'its prefix has two slashes in a row'],
    ['s3://lake//', 'its prefix has two slashes in a row'],
    ['s3://lake/../lake-results/x', 'its prefix has the segment ".."'],
    ['s3://lake/x/..', 'its prefix has the segment ".."'],
    ['s3://lake/./x/', 'its prefix has the segment "."'],
    ['s3://lake/...', 'its prefix has the segment "..."'],
    [`s3://lake/${long(701)}`, 'its prefix has 701 letters, and tables and loads leave room for 700'],
  ])('refuses the location %j and says which part of it is wrong', (value, says) => {
    for (const name of ['DRACULA_S3_URI', 'DRACULA_ATHENA_OUTPUT']) {
      const { message, exit } = failureOf(() => readLake({ ...lake, [name]: value }))
      expect(message).toContain(`Cannot use "${name}": it is not an S3 location: `)
      expect(message).toContain(says)
      expect(message).not.toContain('sesame')
      expect(exit).toBe(2)
    }
  })

  test.each([
    's3://lake/..x',
    's3://lake/x..',
    's3://lake/a.b/_c/-d',
    's3://my.lake.2/x',
    `s3://lake/${long(700)}`,
  ])('takes the location %s as it is', (uri) => {
    const { bucket, prefix } = readLake({ ...lake, DRACULA_S3_URI: uri })
    expect(`s3://${bucket}/${prefix}`).toBe(uri)
    // The longest key of all, by the longest name a table may have, is one that S3 takes.
    const key = loadFolder(prefix, long(126), newLoadId()) + fileName(long(126), 99_999)
    expect(key.length).toBeLessThanOrEqual(1_024)
  })

  test('says how long a database name is that is too long, its derived one too', () => {
    const refused = (env: Record<string, string>) => failureOf(() => readLake({ ...lake, ...env })).message
    expect(refused({ DRACULA_GLUE_DATABASE: long(256) })).toContain('it has 256 letters, and Glue takes 255')
    expect(refused({ DRACULA_STAGING_DATABASE: long(300) })).toContain(
      'it has 300 letters, and Glue takes 255',
    )
    expect(refused({ DRACULA_GLUE_DATABASE: long(248) })).toContain(
      'it has 248 letters, with _staging 256, and Glue takes 255. Use at most 247, or set DRACULA_STAGING_DATABASE.',
    )
    const staged = { DRACULA_GLUE_DATABASE: long(255), DRACULA_STAGING_DATABASE: 'staged' }
    expect(readLake({ ...lake, ...staged })).toMatchObject({ stagingDatabase: 'staged' })
    expect(readLake({ ...lake, DRACULA_GLUE_DATABASE: long(247) }).stagingDatabase).toHaveLength(255)
  })

  for (const [name, value] of [
    ['DRACULA_GLUE_DATABASE', 'My-Lake'],
    ['DRACULA_STAGING_DATABASE', 'lake'],
    ['DRACULA_ATHENA_OUTPUT', 'results'],
    ['DRACULA_CRAWLER_ROLE', 'a role'],
    ['DRACULA_CRAWLER_ROLE', 'rôle'],
    ['DRACULA_CRAWLER_ROLE', 'x'.repeat(2049)],
    ['DRACULA_KMS_KEY', 'key\n'],
    ['DRACULA_KMS_KEY', 'key😀'],
    ['DRACULA_ATHENA_WORKGROUP', 'x'.repeat(129)],
    ['DRACULA_ATHENA_WORKGROUP', 'a/b'],
    ['DRACULA_ATHENA_WORKGROUP', 'é'],
  ] as const) {
    test(`refuses ${name}=${JSON.stringify(value.slice(0, 20))}`, () => {
      expect(failureOf(() => readLake({ ...lake, [name]: value })).message).toContain(`Cannot use "${name}"`)
    })
  }
})

describe('a source with a name', () => {
  const whole = 'postgres://payer:word@billing.example.com:6000/billing'
  const read = (env: Environment) => readDatabase(env, 'billing')
  const passwords = { PGPASSWORD: 'of another', PGUSER: 'other', PGPORT: '1', PGDATABASE: 'other' }

  test('has a URL of its own, which nothing completes but what holds for all', async () => {
    expect(
      read({ DATABASE_URL: 'postgres://u@localhost/d', DATABASE_URL_BILLING: whole, ...passwords }),
    ).toEqual({
      ...{ host: 'billing.example.com', port: 6000, database: 'billing', user: 'payer', password: 'word' },
      ...{ auth: 'password', tls: { mode: 'verify-full', ca: undefined } },
    })
    const bare = read({
      DATABASE_URL_BILLING: 'postgres://payer@localhost/billing',
      ...passwords,
      PGSSLMODE: 'require',
    })
    expect(bare).toMatchObject({ port: 5432, password: undefined, tls: { mode: 'require' } })
  })

  test('may have it in a file of its own, and its password in the file of all', async () => {
    await using folder = await temporaryFolder()
    const [url, pass] = ['url', 'pass'].map((name) => join(folder.path, name)) as [string, string]
    await Bun.write(url, 'postgres://payer@billing.example.com/billing\n')
    await Bun.write(pass, 'billing.example.com:*:billing:payer:of the file\n')
    await chmod(pass, 0o600)
    const env = { DATABASE_URL_BILLING_FILE: url, PGPASSFILE: pass }
    expect(read(env)).toMatchObject({ database: 'billing', password: 'of the file' })
    const { message } = failureOf(() => read({ ...env, DATABASE_URL_BILLING: whole }))
    expect(message).toContain('"DATABASE_URL_BILLING_FILE": it is set beside DATABASE_URL_BILLING')
  })

  test('has a way of its own to say who asks, beside what holds for all', () => {
    const token = { DRACULA_DATABASE_AUTH_BILLING: 'rds-iam' }
    const url = 'postgres://payer@billing.example.com/billing'
    expect(read({ DATABASE_URL_BILLING: url, PGPASSFILE: '/absent', ...token }).auth).toBe('rds-iam')
    expect(read({ DATABASE_URL_BILLING: whole, DRACULA_DATABASE_AUTH: 'rds-iam' }).auth).toBe('password')
    const { message } = failureOf(() => read({ DATABASE_URL_BILLING: whole, ...token }))
    expect(message).toContain(
      '"DRACULA_DATABASE_AUTH_BILLING": it is rds-iam, and DATABASE_URL_BILLING gives a password',
    )
  })

  test.each([
    ['postgres://payer@localhost', 'it names no database. Add it'],
    ['postgres:///billing', 'it names no host. Add it.'],
    ['postgres://localhost/billing', 'it names no user. Add it.'],
    ['mysql://payer@localhost/billing', 'is not a Postgres URL'],
  ])('is told of what is wrong by its own variable: %s', (text, reason) => {
    const { message } = failureOf(() =>
      read({ DATABASE_URL_BILLING: text, PGHOST: 'elsewhere', ...passwords }),
    )
    expect(message).toStartWith('Cannot use "DATABASE_URL_BILLING": ')
    expect(message).toContain(reason)
  })

  test('is told by the scripts that it is missing for, and by what may have been meant', () => {
    const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name, connection: 'eu' }))
    const env = {
      DATABASE_URL: 'postgres://u@localhost/d',
      DATABASE_URL_US: whole,
      DATABASE_URL_EU_FIEL: '/x',
    }
    const { message } = failureOf(() => readDatabases([plain, ...tables], env))
    expect(message).toContain(
      "DATABASE_URL_EU (for source: 'eu' in scripts/a.ts, scripts/b.ts, scripts/c.ts, scripts/d.ts, scripts/e.ts and 2 more; is DATABASE_URL_EU_FIEL meant?) is not set",
    )
  })
})

test('every variable that is read is one that the doctor knows', async () => {
  const read = new Set<string>()
  const folder = join(import.meta.dir, '../lib')
  for (const pattern of ['config/*.ts']) {
    for await (const file of new Bun.Glob(pattern).scan(folder)) {
      if (file.endsWith('/settings.ts')) continue
      const text = await Bun.file(join(folder, file)).text()
      for (const [name] of text.matchAll(/\bDRACULA_[A-Z0-9_]+\b/g)) read.add(name)
    }
  }
  expect([...read].toSorted()).toEqual(knownTo([]))
})
