#!/usr/bin/env bun
import { fraction, inUsd, orZero, percentOf, rateOf } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import {
  array,
  bigint,
  boolean,
  type Decimal,
  date,
  integer,
  lookup,
  named,
  nullable,
  numeric,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { dayOf } from '../lib/time.ts'

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
    providerPurchaseOrder: lookup({
      from: 'purchase_orders',
      where: `type = 'Pg::ProviderPurchaseOrder'`,
      key: 'cpo_id',
      latestBy: 'id',
      columns: { id: integer, cpo_id: nullable(integer), ad_po_number: nullable(text) },
    }),
    currency: lookup({
      from: 'currencies',
      where: `exchangable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit')`,
      key: 'exchangable_id',
      latestBy: 'id',
      columns: {
        id: integer,
        exchangable_id: nullable(integer),
        currency: nullable(text),
        conversion_rate: nullable(numeric(18, 6)),
      },
    }),
    shipping: lookup({
      from: 'shippings',
      where: `shipable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit')`,
      key: 'shipable_id',
      latestBy: 'id',
      columns: { id: integer, shipable_id: nullable(integer), cost: numeric(14, 2) },
    }),
    proposalShipping: lookup({
      from: 'shippings',
      where: `shipable_type = 'Pg::ProposalBase'`,
      key: 'shipable_id',
      latestBy: 'id',
      columns: { id: integer, shipable_id: nullable(integer), cost: numeric(14, 2) },
    }),
    retailTax: lookup({
      from: 'taxes',
      where: `taxable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit') and type = 'Pg::RetailTax'`,
      key: 'taxable_id',
      latestBy: 'id',
      columns: {
        id: integer,
        taxable_id: nullable(integer),
        amount: numeric(14, 2),
        percent_rate: numeric(7, 4),
      },
    }),
    proposalRetailTax: lookup({
      from: 'taxes',
      where: `taxable_type = 'Pg::ProposalBase' and type = 'Pg::RetailTax'`,
      key: 'taxable_id',
      latestBy: 'id',
      columns: { id: integer, taxable_id: nullable(integer), amount: numeric(14, 2) },
    }),
    newRequest: lookup({
      from: 'action_items',
      where: `action_performed = 'new_request'`,
      key: 'order_id',
      latestBy: 'id',
      columns: { id: bigint, order_id: nullable(integer), provider_id: nullable(text) },
    }),
    provider: lookup({ from: 'providers', key: 'id', columns: { id: integer, name: nullable(text) } }),
  },
  derive: {
    ad_po_number: {
      type: nullable(text),
      value: ({ id, own_ad_po_number }, { providerPurchaseOrder }) =>
        providerPurchaseOrder(id)?.ad_po_number ?? own_ad_po_number,
    },
    po_submission_date: { type: nullable(date), value: ({ po_created_at }) => dayOf(po_created_at) },
    status: { type: text, value: statusOf },
    provider_name: {
      type: nullable(text),
      value: ({ provider_id }, { provider }) => provider(provider_id)?.name ?? null,
    },
    supplier_id: {
      type: nullable(text),
      value: ({ order_id }, { newRequest }) => newRequest(order_id)?.provider_id ?? null,
    },
    commission_rate: {
      type: nullable(numeric(9, 6)),
      value: ({ stored_commission_rate: percent }) => (percent === null ? null : fraction(percent)),
    },
    currency: {
      type: nullable(text),
      value: ({ id }, { currency }) => rateOf(currency(id)).currency,
    },
    conversion_rate: {
      type: nullable(numeric(18, 6)),
      value: ({ id }, { currency }) => rateOf(currency(id)).conversion_rate,
    },
    shipping_cost: {
      type: numeric(14, 2),
      value: ({ id, proposal_id }, { shipping, proposalShipping }) =>
        unlessZero(shipping(id)?.cost) ?? orZero(proposalShipping(proposal_id)?.cost),
    },
    tax_amount: {
      type: numeric(14, 2),
      value: ({ id, proposal_id }, { retailTax, proposalRetailTax }) =>
        unlessZero(retailTax(id)?.amount) ?? orZero(proposalRetailTax(proposal_id)?.amount),
    },
    tax_percent: {
      type: nullable(numeric(7, 4)),
      value: ({ id }, { retailTax }) => retailTax(id)?.percent_rate ?? null,
    },
    total_price_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ total_price, conversion_rate }) => inUsd(total_price, conversion_rate),
    },
    subtotal_price_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ subtotal_price, conversion_rate }) => inUsd(subtotal_price, conversion_rate),
    },
    shipping_cost_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ shipping_cost, conversion_rate }) => inUsd(shipping_cost, conversion_rate),
    },
    tax_amount_usd: {
      type: nullable(numeric(18, 6)),
      value: ({ tax_amount, shipping_cost, tax_percent, conversion_rate }) =>
        inUsd(tax_amount.plus(percentOf(shipping_cost, orZero(tax_percent))), conversion_rate),
    },
  },
  internal: ['version_number', 'referenced_po_id', 'own_ad_po_number', 'completed', 'stored_commission_rate'],
  ignore: ['accepted'],
})

interface Progress {
  readonly version_number: number
  readonly referenced_po_id: number | null
  readonly obsoleted: boolean | null
  readonly completed: boolean | null
  readonly rejected: boolean | null
}

/** The first that holds. */
function statusOf({ version_number, referenced_po_id, obsoleted, completed, rejected }: Progress): string {
  if (obsoleted) return 'Obsoleted'
  if (version_number > 1 && referenced_po_id !== null) return 'Amended'
  if (completed) return 'Completed'
  return rejected ? 'Rejected' : 'Work in Progress'
}

/** A cost of zero stands for none. */
function unlessZero(amount: Decimal | undefined): Decimal | undefined {
  return amount?.isZero() ? undefined : amount
}

export default purchaseOrders

if (import.meta.main) await run(purchaseOrders)
