import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { Failure } from '../../lib/failure/failure.ts'
import { type LocalPostgres, startLocalPostgres } from '../../lib/local/postgres.ts'
import { seed } from '../../lib/local/seed.ts'
import { awkwardJoins, functions } from './awkward-joins.ts'

/** The domain's own notation: i int4, I int8, s text, n numeric, t timestamp, j jsonb, u uuid, ? nullable. */
const domain: Record<string, string> = {
  currencies:
    'id i, exchangable_id i?, exchangable_type s?, currency s?, conversion_rate n?, conversion_set_at t?, conversion_history j?, created_at t?, updated_at t?',
  taxes:
    'id i, taxable_id i?, taxable_type s?, amount n, category s?, currency s?, description s?, locale s?, notes s?, percent_rate n, created_at t?, updated_at t?, type s?',
  notes:
    'id I, title s?, body s?, status s?, request_id i?, uuid u, ware_id s?, user_id i?, invoice_id i?, purchase_order_id i?, proposal_id i?, created_at t?, updated_at t?',
  shippings:
    'id i, shipable_id i?, shipable_type s?, cost n, free_shipping b, currency s?, notes s?, created_at t?, updated_at t?',
  organizations:
    'id i, name s?, uuid u?, created_at t?, updated_at t?, parent_id i?, domain s?, webstore b, archived_at t?',
  wares: 'id i, name s?, created_at t?, updated_at t?, slug s?, description s?, ware_type s?',
  inventory_groups:
    'id i, index i, metadata j?, shipping_cost n, created_at t?, updated_at t?, uuid u?, deleted_at t?',
  ware_provider_configurations:
    'id I, ware_id i?, provider_id i?, required b?, created_at t?, updated_at t?, organization_id i?, auto_assigned b, booster f',
  addresses:
    'id i, type s?, organization_name s?, site_name s?, attention s?, person_name s?, care_of s?, notes s?, total s?, currency s?, address_id s?, street s?, street2 s?, city s?, state s?, zipcode s?, country s?, created_at t?, updated_at t?, name s?, site_type s?, text s?, addressable_id i?, addressable_type s?, legal_entity_id i?',
  milestones:
    'id i, itemizable_id i?, itemizable_type s?, unit_price n, total_price n, type s, name s?, quantity n, state s, tax_rate n, currency s?, unit_of_measure s?, classifications j, line_number i?, comments s?, created_at t?, updated_at t?, status s?, provider_id i?, cancelled_at t?, shipped_at t?, estimated_date t?',
  embedded_dynamic_forms:
    'id i, name s?, version_number i?, slug s?, key s?, schema json?, options json?, data json?, created_at t?, updated_at t?',
  inventories:
    'id I, inventory_group_id i?, data j?, created_at t?, updated_at t?, uuid u?, product_name s?, product_url s?, provider_id i?',
  providers:
    'id i, name s?, slug s?, uuid u?, created_at t?, certifications s[], setup s[], score f, tier i?, contact_emails s[]?, sales_email s?, phone_number s?, ads_advertiser_id i?, website s?, number_of_employees s?, type_of_company s?',
  users:
    'id i, shipping_address_id i?, billing_address_id i?, active b, company s?, email s?, first_name s?, last_name s?, last_request_at t?, last_sign_in_at t?, created_at t?, sso_attributes j?, user_agreement_signed_at t?, expired_at t?, uuid u?',
  requests:
    'id i, name s?, description s?, quantity i, request_type s?, reason_for_cancelling s?, filters s[]?, closed b, cancelled b, on_hold b, status s?, exclude b, ordered_at t?, user_id i?, ware_id i?, organization_id i?, uuid u, created_at t?, updated_at t?',
  ratings:
    'id i, value i, ware_id s?, spam b, provider_id i?, created_at t?, ware_pg_id i?, request_id i?, order_id i?, comment s?, organization_id i?, user_id i?',
  refs: 'id I, type s?, fields j?, reference_of_type s?, reference_to_type s?, reference_of_id i?, reference_to_id i?, uuid u, created_at t?, updated_at t?',
  orders:
    'id i, provider_id i?, request_id i?, client_id i?, organization_id i?, obligations j?, state s, declined b, on_hold b, order_cancelled b, request_cancelled b, last_computed_status s?, uuid u, created_at t?, updated_at t?, booster f?',
  invoices:
    'id i, invoice_number s?, cancelled b, issued_at t?, document_type s, commission_rate n?, purchase_order_id i?, created_at t?, updated_at t?, uuid u?, subtotal_price n, total_price n, discount_amount n, provider_id i?, order_id i?, approved_for_payment b?, discount s?',
  proposals:
    'id i, active b, description s, obsoleted b, proposal_type s?, state s?, exclude b, justifications s[]?, commission_rate n?, user_full_name s?, user_id i?, uuid u?, created_at t?, updated_at t?, subtotal_price n, total_price n, provider_id i?, tax_category s?, order_id i?, type s?, ware_id i?, status s?',
  purchase_orders:
    'id i, version_number i, referenced_po_id i?, ad_po_number s?, payment_terms i?, po_number s?, po_created_at t?, accepted b?, rejected b?, obsoleted b?, completed b?, justifications s[], commission_rate n?, provider_shipping_address_id i?, customer_shipping_address_id i?, cpo_id i?, proposal_id i?, created_at t?, uuid u?, total_price n, subtotal_price n, provider_id i?, order_id i?, type s?, supplier_updated b?, updated_at t?, user_id i?, request_id i?',
  action_items:
    'id I, action_performed s?, completed_at t?, proposal_id i?, purchase_order_id i?, provider_id s?, uuid u?, created_at t?, updated_at t?, order_id i?, request_id i?, note_id i?, invoice_id i?, request_name s?, organization_id i?, type s?, ads_ad_id i?',
  timepoints: 'id i, name s?, date t?, slug s?, order_id i?, uuid u, created_at t?, updated_at t?',
  events:
    'id I, event s?, email s?, username s?, application s?, duration f?, remote_addr s?, host s?, action s?, controller s?, session_id s?, computer_id s?, query s?, raw_post s?, categories text[]?, source text[]?, providers j?, uuid u, datetime t?, created_at t?, updated_at t?, api_version s?, organization_id i?',
  turn_around_times:
    'id i, turnaroundable_id i?, turnaroundable_type s?, min I?, max I?, display_units s?, created_at t?, updated_at t?',
}

const letters: Record<string, string> = {
  int4: 'i',
  int8: 'I',
  text: 's',
  varchar: 's',
  numeric: 'n',
  timestamp: 't',
  jsonb: 'j',
  uuid: 'u',
  bool: 'b',
  float8: 'f',
  json: 'json',
  _varchar: 's[]',
  _text: 'text[]',
}

/** Columns that end as foreign keys do, and name what no table has. */
const namesNoRow = new Set(['session_id', 'computer_id'])

let folder: string
let server: LocalPostgres
let sql: postgres.Sql

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  server = await startLocalPostgres({ folder })
  await seed(server.url, { scale: 0.01 })
  sql = postgres(server.url, { max: 1, onnotice: () => {} })
}, 300_000)

afterAll(async () => {
  await sql?.end({ timeout: 1 })
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A database of its own on the same server. */
async function emptyDatabase(name: string): Promise<string> {
  await sql`create database ${sql(name)}`
  const url = new URL(server.url)
  url.pathname = name
  return url.href
}

async function queryAt(url: string, text: string): Promise<Record<string, unknown>[]> {
  const other = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return [...(await other.unsafe(text))]
  } finally {
    await other.end({ timeout: 1 })
  }
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw new Error(`Not a Failure: ${error}`)
}

const fingerprint = Object.keys(domain)
  .map(
    (name) =>
      `select '${name}' as name, md5(string_agg(${name}::text, '|' order by id)) as hash from ${name}`,
  )
  .join(' union all ')

for (const [name, columns] of Object.entries(domain)) {
  test(`${name} has the columns, types and nullability of the domain`, async () => {
    const found = await sql<{ column_name: string; udt_name: string; is_nullable: string }[]>`
      select column_name, udt_name, is_nullable from information_schema.columns
      where table_name = ${name} order by ordinal_position`
    const written = found.map(
      (column) =>
        `${column.column_name} ${letters[column.udt_name]}${column.is_nullable === 'YES' ? '?' : ''}`,
    )
    expect(written.join(', ')).toBe(columns)
  })

  test(`${name} has nulls and values in every nullable column`, async () => {
    for (const column of columns.split(', ').filter((each) => each.endsWith('?'))) {
      const [at = ''] = column.split(' ')
      const [row] = await sql`
        select count(${sql(at)})::int as present, (count(*) - count(${sql(at)}))::int as absent from ${sql(name)}`
      expect({ at, present: row?.['present'] > 0, absent: row?.['absent'] > 0 }).toEqual({
        at,
        present: true,
        absent: true,
      })
    }
  })

  test(`${name} has id as its key and an index for every foreign key`, async () => {
    const indexes = await sql<
      { indexdef: string }[]
    >`select indexdef from pg_indexes where tablename = ${name}`
    const definitions = indexes.map(({ indexdef }) => indexdef).join('\n')
    expect(definitions).toContain(`CREATE UNIQUE INDEX ${name}_pkey ON public.${name} USING btree (id)`)
    for (const [, key = ''] of columns.matchAll(/(\w+_id) /g)) {
      if (namesNoRow.has(key)) continue
      expect(definitions).toMatch(new RegExp(`\\((\\w+_type, )?${key}\\)`))
    }
  })
}

test('money and rates have the scales of the domain', async () => {
  const numerics = await sql`
    select distinct attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = any (${Object.keys(domain)}::regclass[]) and atttypid = 'numeric'::regtype and attnum > 0 order by 1`
  expect([...numerics]).toEqual([
    { name: 'amount', type: 'numeric(14,2)' },
    { name: 'commission_rate', type: 'numeric(7,4)' },
    { name: 'conversion_rate', type: 'numeric' },
    { name: 'cost', type: 'numeric(14,2)' },
    { name: 'discount_amount', type: 'numeric(14,2)' },
    { name: 'percent_rate', type: 'numeric(7,4)' },
    { name: 'quantity', type: 'numeric(14,4)' },
    { name: 'shipping_cost', type: 'numeric(14,2)' },
    { name: 'subtotal_price', type: 'numeric(14,2)' },
    { name: 'tax_rate', type: 'numeric(7,4)' },
    { name: 'total_price', type: 'numeric(14,2)' },
    { name: 'unit_price', type: 'numeric(14,2)' },
  ])
})

const awkward: Record<string, string> = {
  'a rate of zero': 'select from currencies where currency is not null and conversion_rate = 0',
  'a currency without a rate':
    'select from currencies where currency is not null and conversion_rate is null',
  'a rate written with more zeros than it needs': 'select from currencies where scale(conversion_rate) > 6',
  'the widest rate': 'select from currencies where conversion_rate = 999999999999.999999',
  'several rates of one invoice': `select from currencies where exchangable_type = 'Pg::Invoice'
    group by exchangable_id having count(*) > 1`,
  'a JSON null beside a null': `select from currencies where conversion_history = 'null'`,
  'JSON longer than a page': 'select from inventories where length(data::text) > 8192 * 16',
  'a credit': 'select from taxes where amount < 0',
  'the least amount': 'select from taxes where amount = -999999999999.99',
  'characters beyond the basic plane': `select from notes where title ~ '[\\U00010000-\\U0010ffff]'`,
  'an empty string beside a null': `select from notes where title = '' and body = ''`,
  'a null written as COPY writes it': `select from notes where title like '%\\\\N%'`,
  'an id that a double does not hold': 'select from notes where id = 9007199254740993',
  'the greatest id': 'select from notes where id = 9223372036854775807',
  'long strings that differ at their end only': `select from notes a join notes b
    on a.title < b.title and left(a.title, 200) = left(b.title, 200)`,
  'a double without a number, one beyond all and a negative zero': `select from ware_provider_configurations
    where booster in ('NaN', 'Infinity') or booster::text = '-0' having count(*) = 3`,
  'JSON that says a key twice': `select from embedded_dynamic_forms where options::text = '{"a" :  1.50, "a": null}'`,
  'a price and a rate whose tax needs more than two decimals': `select from milestones
    where total_price * tax_rate / 100 <> round(total_price * tax_rate / 100, 6)`,
  'two shippings of one invoice': `select from shippings where shipable_type = 'Pg::Invoice'
    group by shipable_id having count(*) > 1`,
  'a time with microseconds': `select from currencies where extract(microseconds from created_at)::int % 1000 <> 0`,
  'a time before 1970': `select from currencies where created_at < '1970-01-01'`,
  'events without a day, and in the first and the last year': `select from events
    having count(*) > count(created_at) and min(created_at) < '0002-01-01' and max(created_at) > '9999-12-31'`,
  'events on both sides of midnight': `select from events
    where created_at::time in ('00:00', '23:59:59.999999') having count(distinct created_at::time) = 2`,
  'events that are recorded days after later ones': `select from
    (select created_at, lag(created_at) over (order by id) as before from events where id between 100 and 1000000) one
    where created_at < before - interval '1 day'`,
  'keys of one day whose sum an integer does not hold': `select from events
    group by created_at::date having sum(id) > 9223372036854775807`,
  'several first emails of a session in a moment': `select from events where event is not null and email is not null
    group by session_id, created_at having count(distinct email) > 1`,
  'a session with other emails on other days': `select from events where email is not null
    group by session_id having count(distinct email) > 1 and count(distinct created_at::date) > 1`,
  'the first and the last year': `select from currencies where extract(year from conversion_set_at) in (1, 9999)
    having count(*) > 1`,
}

for (const [name, text] of Object.entries(awkward)) {
  test(`among the rows: ${name}`, async () => {
    expect((await sql.unsafe(text)).count).toBeGreaterThan(0)
  })
}

describe('among the rows at the smallest scale', () => {
  let smallest: postgres.Sql
  beforeAll(async () => {
    const url = await emptyDatabase('smallest')
    await seed(url, { scale: 0.000001 })
    smallest = postgres(url, { max: 1, onnotice: () => {} })
    await smallest.unsafe(functions)
  })

  afterAll(() => smallest?.end({ timeout: 1 }))

  for (const [name, text] of Object.entries(awkwardJoins)) {
    test(name, async () => {
      expect((await smallest.unsafe(text)).count).toBeGreaterThan(0)
    })
  }
})

test('every rate fits numeric(18,6), every time is finite and after Christ', async () => {
  const unfit = await sql`
    select id from currencies
    where conversion_rate <> conversion_rate::numeric(18, 6) or conversion_rate::text in ('NaN', 'Infinity')
       or not isfinite(created_at) or created_at < '0001-01-01' or not isfinite(conversion_set_at)`
  expect([...unfit]).toEqual([])
})

test('the rows are the same every time, and again in a database seeded before', async () => {
  const url = await emptyDatabase('twice')
  await seed(url, { scale: 0.02 })
  const rows = await seed(url, { scale: 0.01 })
  expect(rows).toEqual({
    ...{ currencies: 2000, taxes: 600, shippings: 200, organizations: 30, wares: 50 },
    ...{ ware_provider_configurations: 100, addresses: 150, milestones: 300, embedded_dynamic_forms: 10 },
    ...{ notes: 200, inventory_groups: 40, inventories: 500, providers: 7, users: 40, requests: 100 },
    ...{ ratings: 30, refs: 60, orders: 150, invoices: 200, proposals: 250, purchase_orders: 150 },
    ...{ action_items: 200, timepoints: 300, turn_around_times: 150 },
    events: 10_000,
  })
  expect(await queryAt(url, fingerprint)).toEqual(await queryAt(server.url, fingerprint))
}, 30_000)

test('what seed returns is what the tables hold, at the smallest scale the awkward rows', async () => {
  const url = await emptyDatabase('tiny')
  const rows = await seed(url, { scale: 0.000001, tables: ['taxes', 'notes'] })
  const [counted] = await queryAt(
    url,
    'select (select count(*)::int from taxes) as taxes, (select count(*)::int from notes) as notes',
  )
  expect(counted).toEqual(rows)
  expect(rows).toEqual({ taxes: 40, notes: 10 })
})

test('a database that holds anything of somebody else is not touched', async () => {
  const url = await emptyDatabase('theirs')
  await queryAt(
    url,
    'create schema shop; create table shop.orders (id int); create table currencies (id text)',
  )
  const failure = await failureOf(seed(url, { scale: 0.01 }))
  expect(failure.exit).toBe(2)
  expect(failure.message).toContain(`"theirs": it holds public.currencies and is not Dracula's own`)
  expect(await queryAt(url, 'select * from currencies')).toEqual([])
  expect(await queryAt(url, `select from pg_tables where tablename = 'taxes'`)).toEqual([])
})

test('a failed seed leaves the rows of the last one', async () => {
  const url = await emptyDatabase('halfway')
  await seed(url, { scale: 0.001 })
  const before = await queryAt(url, fingerprint)
  // The last of the tables cannot be dropped as a table any more.
  await queryAt(
    url,
    'alter table inventories rename to shelf; create view inventories as select * from shelf',
  )
  const error = await seed(url, { scale: 0.002 }).catch((reason: Error) => reason.message)
  expect(error).toContain('"inventories" is not a table')
  expect(await queryAt(url, fingerprint)).toEqual(before)
})

test('an unknown table and a scale that is no positive number are wrong flags', async () => {
  expect((await failureOf(seed(server.url, { tables: ['currency'] }))).message).toContain(
    'Cannot seed table "currency": the domain has no such table. Choose from currencies, taxes, shippings, ',
  )
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect((await failureOf(seed(server.url, { scale }))).exit).toBe(2)
  }
})
