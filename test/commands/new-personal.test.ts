/** What a new script has of columns that speak of personal data: nothing, unless it is told. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Sensitivity, sensitivityOf } from '../../lib/declare/personal-data.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { runInProcess } from '../support/in-process.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '../..')
const { PATH = '', HOME = '/tmp' } = process.env

let server: TestDatabase
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  ;[server, folder] = await Promise.all([startDatabase(), temporaryFolder()])
  const { host, port, user, password, database } = server.config
  env = { PATH, HOME, DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/${database}` }
  await server.sql.unsafe(`
    create table customers (id integer primary key, "E-Mail" text not null, phones text[], born date, iban text,
      email_verified boolean, email_verified_at timestamptz, password_digest text, plan text);
    comment on column customers.born is 'Date of birth of the customer';
    create table contacts (email text, phone text);
    insert into customers values (1, 'zoe@secretmail.example', '{0171}', '1990-01-01', 'DE1', true, now(), 'x', 'free')`)
})

afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

async function create(scripts: string, ...flags: string[]) {
  const path = join(folder.path, scripts)
  await mkdir(path, { recursive: true })
  const ended = await runInProcess(join(root, 'lib/commands/new.ts'), [...flags, '--folder', path], env)
  const script = await Bun.file(join(path, `${flags[0]}.ts`))
    .text()
    .catch(() => '')
  return { ...ended, script: /columns: \{\n([\s\S]*)\n\}\)/.exec(script)?.[1] ?? '', path }
}

const left = (what: string) =>
  `Left out as ${what}, by name or comment; to have it, take it out of ignore too:`

test('they are left out as comments, and compared with nothing', async () => {
  const { exit, stderr, script, path } = await create('out', 'customers')
  expect(exit).toBe(0)
  expect(stderr).toContain(
    '  e_mail, phones, born, iban: left out as personal data, unless --personal hashed, masked or plain is given\n' +
      '  password_digest: left out as secret\n',
  )
  expect(script).toBe(`    id: integer,
    // ${left('personal data')}
    // e_mail: named('E-Mail', hashed(text)),
    // ${left('personal data')}
    // phones: nullable(hashed(text)),
    // Date of birth of the customer
    // ${left('personal data')}
    // born: nullable(hashed(text)),
    // ${left('personal data')}
    // iban: nullable(hashed(text)),
    email_verified: nullable(boolean),
    email_verified_at: nullable(timestamptz),
    // ${left('a secret')}
    // password_digest: nullable(hashed(text)),
    plan: nullable(text),
  },
  ignore: ['E-Mail', 'phones', 'born', 'iban', 'password_digest'],`)
  const dry = await runInProcess(join(path, 'customers.ts'), ['--dry-run', '--json'], env)
  expect([dry.exit, JSON.parse(dry.stdout).warnings]).toEqual([0, []])
  const again = await create('out', 'customers', '--diff')
  expect([again.exit, again.stdout]).toEqual([0, 'customers: no difference\n'])
})

test('they are hidden or plain where that is asked for, but secrets are left out whatever is asked', async () => {
  const hashed = await create('hashed', 'customers', '--personal', 'hashed')
  expect(hashed.script).toContain(
    "e_mail: named('E-Mail', hashed(text)),\n    phones: nullable(hashed(text)),\n",
  )
  expect(hashed.script).toContain("ignore: ['password_digest'],")
  expect(hashed.stderr).not.toContain('personal data')
  const masked = await create('masked', 'customers', '--personal', 'masked')
  expect(masked.script).toContain('    iban: nullable(masked(text)),\n')
  const plain = await create('plain', 'customers', '--personal', 'plain')
  expect(plain.script).toContain('    phones: nullable(array(text)),\n')
  expect(plain.script).toContain('    born: nullable(date),\n')
  expect(plain.script).toContain("ignore: ['password_digest'],")
  const key = { ...env, DRACULA_HASH_KEY: '0123456789abcdef0123456789abcdef' }
  for (const [{ path }, of] of [
    [hashed, key],
    [masked, env],
    [plain, env],
  ] as const) {
    const { exit, stderr } = await runInProcess(join(path, 'customers.ts'), ['--dry-run', '--json'], of)
    expect([exit, stderr.includes('secretmail')]).toEqual([0, false])
  }
})

test('a table that has nothing else gets no script, and the message says what to do', async () => {
  const { exit, stderr, script } = await create('nothing', 'contacts')
  expect([exit, script]).toEqual([3, ''])
  expect(stderr).toContain('Give --personal hashed, masked or plain')
})

test('names and comments are read by their words, in English, German and French', () => {
  const names: Readonly<Record<string, Sensitivity | undefined>> = {
    ...named(
      'personal',
      'email customerEMail email_2 E-Mail emails phone_e164 phone2 first_name Vorname prénom',
    ),
    ...named(
      'personal',
      'Straße billing_address ip_address date_of_birth Geburtsdatum iban tax_id card_number',
    ),
    ...named('personal', 'email_addr contact_name ipv4 cellphone account_no handynr license_plate'),
    ...named('personal', 'email_hash delivery_phone_number user_agent username numero_de_telephone'),
    ...named(
      'secret',
      'password_digest encrypted_password reset_password_token api_key token_hash Kennwort jwt',
    ),
    ...named(
      undefined,
      'email_template_id emails_sent email_count reset_password_sent_at address_id token_count',
    ),
    ...named(
      undefined,
      'name company_name secret_santa hotel descriptor spanning order_number tax_rate sextant',
    ),
    ...named(undefined, 'number line_1 new hash ipod mailing_enabled'),
  }
  const found = Object.keys(names).map((name) => [name, sensitivityOf(name)])
  expect(Object.fromEntries(found)).toEqual(names)
  const comments: readonly [string, Sensitivity | undefined][] = [
    ['Email address of the buyer', 'personal'],
    ['IBAN of the payer', 'personal'],
    ["Customer's phone number", 'personal'],
    ['Contains PII, see the wiki', 'personal'],
    ['contains the e-mail that is left', undefined],
    ['contains the e-mail of the customer', 'personal'],
    ["The customer's e-mail address as it was entered", 'personal'],
    ['User agent of the browser', 'personal'],
    ['Enthält die E-Mail des Kunden', 'personal'],
    ['personenbezogene Daten', 'personal'],
    ['Données personnelles', 'personal'],
    ['Secret of the partner API', 'secret'],
    ['Whether it was sent by email or by phone', undefined],
    ['Token bucket size', undefined],
    ['', undefined],
  ]
  for (const [comment, sensitivity] of comments) {
    expect([comment, sensitivityOf('x', { comment })]).toEqual([comment, sensitivity])
  }
  expect(sensitivityOf('email', { typname: 'bool' })).toBeUndefined()
  expect(sensitivityOf('birthday', { typname: 'date' })).toBe('personal')
})

function named(sensitivity: Sensitivity | undefined, names: string) {
  return Object.fromEntries(names.split(' ').map((name) => [name, sensitivity]))
}
