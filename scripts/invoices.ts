#!/usr/bin/env bun
import { orZero } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import {
  boolean,
  type Decimal,
  integer,
  named,
  nullable,
  numeric,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { shippingOf } from './shared/charges.ts'
import { conversionRate, currencyName, currencyOf, inDollars } from './shared/currency.ts'
import { dayIn } from './shared/day.ts'

/** One row per invoice or credit note; a credit's amounts are negative. */
const invoices = table({
  name: 'invoices',
  columns: {
    id: integer,
    invoice_number: nullable(text),
    cancelled: boolean,
    issued_at: nullable(timestamp),
    document_type: text,
    purchase_order_id: nullable(integer),
    created_at: nullable(timestamp),
    uuid: nullable(uuid),
    stored_subtotal: named('subtotal_price', numeric(14, 2)),
    stored_total: named('total_price', numeric(14, 2)),
    stored_discount: named('discount_amount', numeric(14, 2)),
    provider_id: nullable(integer),
    order_id: nullable(integer),
    approved_for_payment: nullable(boolean),
    discount: nullable(text),
  },
  lookups: {
    currency: currencyOf('invoice'),
    shipping: shippingOf('invoice'),
  },
  derive: {
    subtotal_price: {
      type: numeric(14, 2),
      value: ({ document_type, stored_subtotal }) => signed(document_type, stored_subtotal),
    },
    total_price: {
      type: numeric(14, 2),
      value: ({ document_type, stored_total }) => signed(document_type, stored_total),
    },
    discount_amount: {
      type: numeric(14, 2),
      value: ({ document_type, stored_discount }) => signed(document_type, stored_discount),
    },
    shipping_cost: {
      type: numeric(14, 2),
      value: ({ id, document_type }, { shipping }) => signed(document_type, orZero(shipping(id)?.cost)),
    },
    tax: {
      type: numeric(16, 2),
      value: ({ total_price, subtotal_price, shipping_cost, discount_amount }) =>
        total_price.minus(subtotal_price).minus(shipping_cost).plus(discount_amount),
    },
    currency_name: currencyName,
    conversion_rate: conversionRate,
    total_price_usd: inDollars('total_price'),
    created_on: dayIn('created_at'),
  },
  internal: ['stored_subtotal', 'stored_total', 'stored_discount'],
  ignore: ['commission_rate', 'updated_at'],
})

/** Whatever is not a standard document gives money back. */
function signed(documentType: string, amount: Decimal): Decimal {
  return documentType === 'standard' ? amount : amount.negated()
}

export default invoices

if (import.meta.main) await run(invoices)
