#!/usr/bin/env bun
import { fraction, inUsd, orZero, percentOf } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import {
  array,
  bigint,
  boolean,
  integer,
  named,
  nullable,
  numeric,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { ownOrProposals, retailTaxOn, retailTaxRateOn, shippingOf } from './shared/charges.ts'
import { conversionRate, currencyName, currencyOf, inDollars } from './shared/currency.ts'
import { dayIn } from './shared/day.ts'
import { latestRow } from './shared/latest-row.ts'
import { provider, providerName } from './shared/provider.ts'

/** One row per purchase order a customer has issued; what it lacks of shipping and tax is its proposal's. */
const purchaseOrders = table({
  name: 'purchase_orders',
  where: `type in ('Pg::CustomerPurchaseOrder', 'Pg::PurchaseOrder')
    and po_number is not null and po_created_at is not null`,
  columns: {
    id: integer,
    version_number: integer,
    referenced_po_id: nullable(integer),
    own_ad_po_number: named('ad_po_number', nullable(text)),
    payment_terms: nullable(integer),
    po_number: nullable(text),
    po_created_at: nullable(timestamp),
    rejected: nullable(boolean),
    obsoleted: nullable(boolean),
    completed: nullable(boolean),
    justifications: array(text),
    stored_commission_rate: named('commission_rate', nullable(numeric(7, 4))),
    provider_shipping_address_id: nullable(integer),
    customer_shipping_address_id: nullable(integer),
    cpo_id: nullable(integer),
    proposal_id: nullable(integer),
    created_at: nullable(timestamp),
    uuid: nullable(uuid),
    total_price: numeric(14, 2),
    subtotal_price: numeric(14, 2),
    provider_id: nullable(integer),
    order_id: nullable(integer),
    type: nullable(text),
    supplier_updated: nullable(boolean),
    updated_at: nullable(timestamp),
    user_id: nullable(integer),
    request_id: nullable(integer),
  },
  lookups: {
    ofProvider: latestRow('purchase_orders', 'cpo_id', `type = 'Pg::ProviderPurchaseOrder'`, {
      ad_po_number: nullable(text),
    }),
    currency: currencyOf('purchaseOrder'),
    shipping: shippingOf('purchaseOrder'),
    proposalShipping: shippingOf('proposal'),
    tax: retailTaxRateOn('purchaseOrder'),
    proposalTax: retailTaxOn('proposal'),
    item: latestRow('action_items', 'order_id', `action_performed = 'new_request'`, {
      id: bigint,
      provider_id: nullable(text),
    }),
    provider,
  },
  derive: {
    ad_po_number: {
      type: nullable(text),
      value: ({ id, own_ad_po_number }, { ofProvider }) => ofProvider(id)?.ad_po_number ?? own_ad_po_number,
    },
    po_submission_date: dayIn('po_created_at'),
    status: {
      type: text,
      value: ({ obsoleted, version_number, referenced_po_id, completed, rejected }) => {
        if (obsoleted) return 'Obsoleted'
        if (version_number > 1 && referenced_po_id !== null) return 'Amended'
        return completed ? 'Completed' : rejected ? 'Rejected' : 'Work in Progress'
      },
    },
    provider_name: providerName,
    supplier_id: { type: nullable(text), value: ({ order_id }, { item }) => item(order_id)?.provider_id },
    commission_rate: { type: nullable(numeric(9, 6)), value: (row) => fraction(row.stored_commission_rate) },
    currency: currencyName,
    conversion_rate: conversionRate,
    shipping_cost: ownOrProposals('cost', 'shipping', 'proposalShipping'),
    tax_amount: ownOrProposals('amount', 'tax', 'proposalTax'),
    tax_percent: { type: nullable(numeric(7, 4)), value: ({ id }, { tax }) => tax(id)?.percent_rate },
    total_price_usd: inDollars('total_price'),
    subtotal_price_usd: inDollars('subtotal_price'),
    shipping_cost_usd: inDollars('shipping_cost'),
    tax_amount_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ tax_amount, shipping_cost, tax_percent, conversion_rate }) =>
        inUsd(tax_amount.plus(percentOf(shipping_cost, orZero(tax_percent))), conversion_rate),
    },
  },
  internal: ['version_number', 'referenced_po_id', 'own_ad_po_number', 'completed', 'stored_commission_rate'],
  ignore: ['accepted'],
})

export default purchaseOrders

if (import.meta.main) await run(purchaseOrders)
