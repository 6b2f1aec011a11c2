#!/usr/bin/env bun
import { inUsd, orZero, rateOf } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import {
  array,
  bigint,
  boolean,
  date,
  integer,
  lookup,
  nullable,
  numeric,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { dayOf, moment } from '../lib/time.ts'

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
    currency: lookup({
      from: 'currencies',
      where: `exchangable_type = 'Pg::ProposalBase'`,
      key: 'exchangable_id',
      latestBy: 'id',
      columns: {
        id: integer,
        exchangable_id: nullable(integer),
        currency: nullable(text),
        conversion_rate: nullable(numeric(18, 6)),
      },
    }),
    retailTax: lookup({
      from: 'taxes',
      where: `taxable_type = 'Pg::ProposalBase' and type = 'Pg::RetailTax'`,
      key: 'taxable_id',
      latestBy: 'id',
      columns: { id: integer, taxable_id: nullable(integer), amount: numeric(14, 2) },
    }),
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
    provider: lookup({ from: 'providers', key: 'id', columns: { id: integer, name: nullable(text) } }),
  },
  derive: {
    tax: {
      type: nullable(numeric(14, 2)),
      value: ({ id }, { retailTax }) => retailTax(id)?.amount ?? null,
    },
    total_price_no_tax: {
      type: numeric(16, 2),
      value: ({ created_at, total_price, tax }) =>
        created_at !== null && created_at > taxIncludedAfter ? total_price.minus(orZero(tax)) : total_price,
    },
    currency: {
      type: nullable(text),
      value: ({ id }, { currency }) => rateOf(currency(id)).currency,
    },
    conversion_rate: {
      type: nullable(numeric(18, 6)),
      value: ({ id }, { currency }) => rateOf(currency(id)).conversion_rate,
    },
    total_price_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ total_price_no_tax, conversion_rate }) => inUsd(total_price_no_tax, conversion_rate),
    },
    total_price_with_tax_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ total_price, conversion_rate }) => inUsd(total_price, conversion_rate),
    },
    min_turnaround_time: {
      type: nullable(bigint),
      value: ({ id }, { turnAround }) => turnAround(id)?.min ?? null,
    },
    max_turnaround_time: {
      type: nullable(bigint),
      value: ({ id }, { turnAround }) => turnAround(id)?.max ?? null,
    },
    display_units: {
      type: nullable(text),
      value: ({ id }, { turnAround }) => turnAround(id)?.display_units ?? null,
    },
    provider_name: {
      type: nullable(text),
      value: ({ provider_id }, { provider }) => provider(provider_id)?.name ?? null,
    },
    created_on: { type: nullable(date), value: ({ created_at }) => dayOf(created_at) },
  },
})

export default proposals

if (import.meta.main) await run(proposals)
