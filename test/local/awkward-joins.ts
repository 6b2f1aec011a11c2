import { awkwardPurchaseOrders } from './awkward-purchase-orders.ts'
import { exported, last, purchaseOrderTypes } from './last-row.ts'

/**
 * What rows of several tables must hold between them, so that a script that gets a join wrong is found out: a query
 * for each, which finds the rows. `half()` is a quotient that lies exactly between two amounts of six decimals.
 */
export const functions = `
  create function pg_temp.half(amount numeric, rate numeric) returns boolean immutable language sql as
    'select mod(abs(amount) * 10000000, nullif(rate, 0)) = 0 and mod(div(abs(amount) * 10000000, nullif(rate, 0)), 10) = 5'`

/** Its name in messages, the table with its filter, and the types its polymorphic rows have. */
const documents = [
  ['an invoice', 'invoices', 'true', `('Pg::Invoice')`],
  ['a proposal', 'proposals', 'active and order_id is not null', `('Pg::ProposalBase')`],
  ['a purchase order', 'purchase_orders', exported, purchaseOrderTypes],
] as const

const rates = documents.flatMap(([name, table, where, types]) => {
  const rate = last.currency(types, `${table}.id`)
  const others = `select from ${table} join currencies on exchangable_id = ${table}.id where ${where}`
  return [
    [`${name} without a currency row`, `select from ${table} where ${where} and ${rate} is null`],
    [
      `${name} with a null rate`,
      `select from ${table} where ${where} and (${rate}).id > 0 and (${rate}).conversion_rate is null`,
    ],
    [
      `${name} with a rate without a currency`,
      `select from ${table} where ${where} and (${rate}).conversion_rate > 0 and (${rate}).currency is null`,
    ],
    [`${name} with a rate of zero`, `select from ${table} where ${where} and (${rate}).conversion_rate = 0`],
    [
      `${name} with several rates`,
      `${others} and exchangable_type in ${types} group by ${table}.id having count(distinct conversion_rate) > 1`,
    ],
    [
      `${name} with several rates, the greatest id not in the last place`,
      `${others} and exchangable_type in ${types} group by ${table}.id
        having (array_agg(currencies.id order by currencies.ctid desc))[1] < max(currencies.id)`,
    ],
    [
      `${name} whose id has a rate only under another type`,
      `${others} and exchangable_type not in ${types} and ${rate} is null`,
    ],
    [
      `${name} whose amount in USD lies on a half`,
      `select from ${table} where ${where} and (${rate}).conversion_rate > 0
        and pg_temp.half(total_price, (${rate}).conversion_rate) and total_price > 0`,
    ],
    [
      `${name} whose amount in USD is a hair less than a half of it`,
      `select from ${table} where ${where} and (${rate}).conversion_rate > 0 and total_price > 1e11
        and mod(total_price * 1e6, (${rate}).conversion_rate) / (${rate}).conversion_rate between 0.4995 and 0.4999999`,
    ],
    [`${name} of twelve digits`, `select from ${table} where ${where} and total_price > 99999999999`],
    [
      `${name} with a rate of 0.000001`,
      `select from ${table} where ${where} and (${rate}).conversion_rate = 0.000001 and total_price <> 0`,
    ],
    [`${name} that nobody dated`, `select from ${table} where ${where} and created_at is null`],
  ] as const
})

const invoiceRate = last.currency(`('Pg::Invoice')`, 'invoices.id')
const proposalTax = last.tax(`('Pg::ProposalBase')`, 'proposals.id')
const offered = 'select from proposals where active and order_id is not null'
const spans = `(select count(*) from turn_around_times where turnaroundable_type = 'Pg::ProposalBase' and turnaroundable_id = proposals.id)`

export const awkwardJoins: Readonly<Record<string, string>> = {
  ...Object.fromEntries(rates),
  ...awkwardPurchaseOrders,

  'a credit': `select from invoices where document_type = 'credit_note'`,
  'a document that is almost standard': `select from invoices where document_type = 'Standard'`,
  'a document of an empty type': `select from invoices where document_type = ''`,
  'a credit stored below zero': `select from invoices where document_type <> 'standard' and total_price < 0`,
  'a credit with shipping and discount': `select from invoices join shippings on shipable_id = invoices.id and shipable_type = 'Pg::Invoice'
    where document_type <> 'standard' and cost > 0 and discount_amount > 0`,
  'a credit that lies on a half': `select from invoices where document_type <> 'standard' and pg_temp.half(total_price, (${invoiceRate}).conversion_rate)`,
  'an invoice below zero that lies on a half': `select from invoices where document_type = 'standard' and total_price < 0
    and pg_temp.half(total_price, (${invoiceRate}).conversion_rate)`,
  'a good rate, then none': `select from invoices where (${invoiceRate}).id > 0 and (${invoiceRate}).conversion_rate is null
    and exists (select from currencies where exchangable_type = 'Pg::Invoice' and exchangable_id = invoices.id and conversion_rate > 0)`,
  'a zero rate, then a good one': `select from invoices where (${invoiceRate}).conversion_rate > 0
    and exists (select from currencies where exchangable_type = 'Pg::Invoice' and exchangable_id = invoices.id and conversion_rate = 0)`,
  'an invoice with shipping under another type only': `select from invoices join shippings on shipable_id = invoices.id
    where ${last.shipping(`('Pg::Invoice')`, 'invoices.id')} is null`,
  'an invoice with several shippings': `select from invoices join shippings on shipable_id = invoices.id and shipable_type = 'Pg::Invoice'
    group by invoices.id having count(*) > 1`,

  'a proposal that is not active': 'select from proposals where not active and order_id is not null',
  'a proposal without order': 'select from proposals where active and order_id is null',
  'a proposal that is neither': 'select from proposals where not active and order_id is null',
  'a tax just before the day': `${offered} and created_at = '2018-05-31 23:59:59.999999' and (${proposalTax}).amount > 0`,
  'a tax at the very instant': `${offered} and created_at = '2018-06-01' and (${proposalTax}).amount > 0`,
  'a tax just after the instant': `${offered} and created_at = '2018-06-01 00:00:00.000001' and (${proposalTax}).amount > 0`,
  'a tax of a proposal without date': `${offered} and created_at is null and (${proposalTax}).amount > 0`,
  'a tax of zero': `${offered} and (${proposalTax}).amount = 0`,
  'several retail taxes of a proposal': `${offered} and (select count(distinct amount) from taxes
    where taxable_type = 'Pg::ProposalBase' and taxable_id = proposals.id and taxes.type = 'Pg::RetailTax') > 1`,
  'a tax of another type after a retail tax': `${offered} and (${proposalTax}).id < (select max(id) from taxes
    where taxable_type = 'Pg::ProposalBase' and taxable_id = proposals.id)`,
  'taxes of other types and of none': `${offered} and ${proposalTax} is null and exists (select from taxes
    where taxable_type = 'Pg::ProposalBase' and taxable_id = proposals.id and taxes.type is null)`,
  'a retail tax of the same id under another type': `${offered} and ${proposalTax} is null and exists (select from taxes
    where taxable_type = 'Pg::Invoice' and taxable_id = proposals.id and taxes.type = 'Pg::RetailTax')`,
  'a half after its tax': `${offered} and created_at > '2018-06-01' and pg_temp.half(total_price - (${proposalTax}).amount,
    (${last.currency(`('Pg::ProposalBase')`, 'proposals.id')}).conversion_rate)`,
  'a proposal below zero that lies on a half': `${offered} and total_price < 0 and pg_temp.half(total_price,
    (${last.currency(`('Pg::ProposalBase')`, 'proposals.id')}).conversion_rate)`,
  'no time to turn around': `${offered} and ${spans} = 0`,
  'a time to turn around of null': `${offered} and ${spans} = 1 and exists (select from turn_around_times
    where turnaroundable_type = 'Pg::ProposalBase' and turnaroundable_id = proposals.id and min is null)`,
  'several times to turn around': `${offered} and ${spans} > 1`,
  'a time under another type': `${offered} and ${spans} = 0 and exists (select from turn_around_times where turnaroundable_id = proposals.id)`,
  'justifications of null, none and nulls': `select from proposals where justifications is null or justifications = '{}'
    or array_position(justifications, null) > 0 having count(*) > 2`,

  'an order without request': 'select from orders where request_id is null',
  'an order of a request that is gone': `select from orders where request_id is not null
    and not exists (select from requests where requests.id = orders.request_id)`,
  'an order of a request without user': `select from orders join requests on requests.id = request_id where user_id is null`,
  'an order of a user that is gone': `select from orders join requests on requests.id = request_id where user_id is not null
    and not exists (select from users where users.id = user_id)`,
  'an order of a user without email': `select from orders join requests on requests.id = request_id join users on users.id = user_id
    where email is null`,
  'an order of a user with email': `select from orders join requests on requests.id = request_id join users on users.id = user_id
    where email <> ''`,
  'an order of another organization than its request': `select from orders join requests on requests.id = request_id
    where orders.organization_id <> requests.organization_id`,
  'an organization that its request does not have': `select from orders join requests on requests.id = request_id
    where orders.organization_id is not null and requests.organization_id is null`,
  ...Object.fromEntries(
    ['approval date', 'review date', 'submission date', 'completion date'].flatMap((name) => [
      [
        `an order with ${name}`,
        `select from orders join timepoints on order_id = orders.id where name = '${name}' and date is not null`,
      ],
      [
        `an order without ${name}`,
        `select from orders where not exists (select from timepoints where order_id = orders.id and name = '${name}')`,
      ],
    ]),
  ),
  'a timepoint without date': `select from orders join timepoints on order_id = orders.id where name = 'approval date' and date is null`,
  'several timepoints of one name, the last not the latest': `select from orders join timepoints on order_id = orders.id
    group by orders.id, name having max(date) > (array_agg(date order by timepoints.id desc))[1]`,
  'several timepoints of one name, the last without date': `select from orders join timepoints on order_id = orders.id
    group by orders.id, name having max(date) is not null and (array_agg(date order by timepoints.id desc))[1] is null`,
  'names of timepoints that are almost right': `select from orders join timepoints on order_id = orders.id
    where name in ('Approval Date', 'review date ', 'submission_date') having count(*) = 3`,
  ...Object.fromEntries(
    ['orders', 'ratings', 'proposals', 'purchase_orders'].flatMap((table) => {
      const filter = documents.find(([, each]) => each === table)?.[2] ?? 'true'
      return [
        [`${table} of no provider`, `select from ${table} where provider_id is null and ${filter}`],
        [
          `${table} of a provider that is gone`,
          `select from ${table} where provider_id > 0 and ${filter}
          and not exists (select from providers where providers.id = provider_id)`,
        ],
        [
          `${table} of a provider without a name`,
          `select from ${table} join providers on providers.id = provider_id
          where name is null and ${filter}`,
        ],
        [
          `${table} of a provider with a name`,
          `select from ${table} join providers on providers.id = provider_id
          where name <> '' and ${filter}`,
        ],
      ]
    }),
  ),

  'a setup that says a thing twice': `select from providers where cardinality(array_positions(setup, 'Create Account')) > 1`,
  'a setup with an unknown, a null and an almost right element': `select from providers where setup @> '{"Verify Bank","create account"}'
    and array_position(setup, null) > 0`,
  'an empty setup': `select from providers where setup = '{}'`,
  'a setup of all five': `select from providers where cardinality(setup) = 5 and setup @> '{"Create Account","Update Company Profile",
    "Add Addresses","Add Certifications","Add Accounting Details"}'`,
  'a setup that counts from zero': 'select from providers where array_lower(setup, 1) = 0',

  'a first name alone': 'select from users where first_name is not null and last_name is null',
  'a last name alone': 'select from users where first_name is null and last_name is not null',
  'both names': 'select from users where first_name is not null and last_name is not null',
  'no name': 'select from users where first_name is null and last_name is null',
  'an empty first name alone': `select from users where first_name = '' and last_name is null`,
  'an empty last name beside a first': `select from users where first_name <> '' and last_name = ''`,
  'no attributes': 'select from users where sso_attributes is null',
  'attributes without email': `select from users where jsonb_typeof(sso_attributes) = 'object' and not sso_attributes ? 'email'`,
  ...Object.fromEntries(
    ['null', 'number', 'string', 'boolean', 'object'].map((kind) => [
      `an email that is a JSON ${kind}`,
      `select from users where jsonb_typeof(sso_attributes -> 'email') = '${kind}'`,
    ]),
  ),
  'an email beyond ASCII': `select from users where sso_attributes ->> 'email' ~ '[\\U00010000-\\U0010ffff]'`,
  'an email with quotes and backslashes': `select from users where sso_attributes ->> 'email' ~ '"' and sso_attributes ->> 'email' ~ '\\\\'`,
  'an email further down': `select from users where sso_attributes -> 'user' ? 'email'`,
  'attributes that are a list, a string and a JSON null': `select from users
    where jsonb_typeof(sso_attributes) in ('array', 'string', 'null') having count(distinct jsonb_typeof(sso_attributes)) = 3`,

  'no filters': 'select from requests where filters is null',
  ...Object.fromEntries(
    [0, 1, 2, 3, 5].map((count) => [
      `${count} filters`,
      `select from requests where cardinality(filters) = ${count}`,
    ]),
  ),
  'filters that are null': `select from requests where filters[1] is null and filters[2] is not null and cardinality(filters) > 2`,
  'filters that count from zero, and from below':
    'select from requests where array_lower(filters, 1) < 1 having count(*) > 1',

  spam: 'select from ratings where spam',
  'a rating that is no spam': 'select from ratings where not spam',

  ...Object.fromEntries(
    ['Pg::UserRef', 'Pg::ProviderRef'].flatMap((type) => [
      [`${type} without fields`, `select from refs where type = '${type}' and fields is null`],
      [`${type} with no key`, `select from refs where type = '${type}' and fields = '{}'`],
      [`${type} with a JSON null`, `select from refs where type = '${type}' and fields = 'null'`],
      [`${type} with a list`, `select from refs where type = '${type}' and jsonb_typeof(fields) = 'array'`],
    ]),
  ),
  'a reference of another type and of none': `select from refs where type is null or type in ('', 'Pg::userref') having count(*) > 2`,
  'fields that are a number, a boolean and a null': `select from refs where type = 'Pg::UserRef' and jsonb_typeof(fields -> 'email') = 'number'
    and jsonb_typeof(fields -> 'company') = 'boolean' and jsonb_typeof(fields -> 'location') = 'null'`,
  'fields with an object and a list in them': `select from refs where type = 'Pg::UserRef' and jsonb_typeof(fields -> 'location') = 'object'
    and jsonb_typeof(fields -> 'email') = 'array'`,
  'a score that is a number': `select from refs where type = 'Pg::ProviderRef' and jsonb_typeof(fields -> 'score') = 'number'`,
  'a score in a string': `select from refs where type = 'Pg::ProviderRef' and jsonb_typeof(fields -> 'score') = 'string'`,
  'a score that is a JSON null': `select from refs where type = 'Pg::ProviderRef' and jsonb_typeof(fields -> 'score') = 'null'`,
  'a score with more digits than a double has': `select from refs where type = 'Pg::ProviderRef'
    and (fields ->> 'score')::numeric <> (fields ->> 'score')::float8::numeric`,
  ...Object.fromEntries(
    ['ratings', 'invoices', 'proposals'].map((table) => [
      `${table} of the last microsecond before 1970`,
      `select from ${table} where created_at = '1969-12-31 23:59:59.999999'`,
    ]),
  ),
  'a purchase order of the last microsecond before 1970': `select from purchase_orders where po_created_at = '1969-12-31 23:59:59.999999' and ${exported}`,
  'a purchase order of the last microsecond of a day': `select from purchase_orders where po_created_at = '2018-06-01 23:59:59.999999' and ${exported}`,
}
