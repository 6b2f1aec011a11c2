#!/usr/bin/env bun
import { orZero } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import {
  array,
  bigint,
  boolean,
  integer,
  lookup,
  nullable,
  numeric,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { moment } from '../lib/time.ts'
import { retailTaxOn } from './shared/charges.ts'
import { conversionRate, currencyName, currencyOf, inDollars } from './shared/currency.ts'
import { dayIn } from './shared/day.ts'
import { provider, providerName } from './shared/provider.ts'

/** Proposals made after it have a total that includes their tax. */
const taxIncludedAfter = moment('2018-06-01 00:00:00')

/** One row per active proposal of a provider for an order. */
const proposals = table({
  name: 'proposals',
  where: 'active and order_id is not null',
  columns: {
    id: integer,
    active: boolean,
    description: text,
    obsoleted: boolean,
    proposal_type: nullable(text),
    state: nullable(text),
    exclude: boolean,
    justifications: nullable(array(text)),
    commission_rate: nullable(numeric(7, 4)),
    user_full_name: nullable(text),
    user_id: nullable(integer),
    uuid: nullable(uuid),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    subtotal_price: numeric(14, 2),
    total_price: numeric(14, 2),
    provider_id: nullable(integer),
    tax_category: nullable(text),
    order_id: nullable(integer),
    type: nullable(text),
    ware_id: nullable(integer),
    status: nullable(text),
  },
  lookups: {
    currency: currencyOf('proposal'),
    retailTax: retailTaxOn('proposal'),
    turnAround: lookup({
      from: 'turn_around_times',
      where: `turnaroundable_type = 'Pg::ProposalBase'`,
      key: 'turnaroundable_id',
      latestBy: 'id',
      columns: {
        id: integer,
        turnaroundable_id: nullable(integer),
        min: nullable(bigint),
        max: nullable(bigint),
        display_units: nullable(text),
      },
    }),
    provider,
  },
  derive: {
    tax: { type: nullable(numeric(14, 2)), value: ({ id }, { retailTax }) => retailTax(id)?.amount },
    total_price_no_tax: {
      type: numeric(16, 2),
      value: ({ created_at, total_price, tax }) =>
        created_at !== null && created_at > taxIncludedAfter ? total_price.minus(orZero(tax)) : total_price,
    },
    currency: currencyName,
    conversion_rate: conversionRate,
    total_price_usd: inDollars('total_price_no_tax'),
    total_price_with_tax_usd: inDollars('total_price'),
    min_turnaround_time: { type: nullable(bigint), value: ({ id }, { turnAround }) => turnAround(id)?.min },
    max_turnaround_time: { type: nullable(bigint), value: ({ id }, { turnAround }) => turnAround(id)?.max },
    display_units: { type: nullable(text), value: ({ id }, { turnAround }) => turnAround(id)?.display_units },
    provider_name: providerName,
    created_on: dayIn('created_at'),
  },
})

export default proposals

if (import.meta.main) await run(proposals)
