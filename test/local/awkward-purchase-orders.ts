import { exported, last, purchaseOrderTypes } from './last-row.ts'

/** What purchase orders must have among them: a query for each, as in awkward-joins.ts. */
export const awkwardPurchaseOrders: Readonly<Record<string, string>> = { ...joined(), ...statuses() }

function joined(): Record<string, string> {
  const from = `select from purchase_orders po where ${exported}`
  const shipping = last.shipping(purchaseOrderTypes, 'po.id')
  const ofProposal = last.shipping(`('Pg::ProposalBase')`, 'po.proposal_id')
  const tax = last.tax(purchaseOrderTypes, 'po.id')
  const taxOfProposal = last.tax(`('Pg::ProposalBase')`, 'po.proposal_id')
  const rate = last.currency(purchaseOrderTypes, 'po.id')
  const providers = `(select count(*) from purchase_orders other where other.cpo_id = po.id and other.type = 'Pg::ProviderPurchaseOrder')`
  const requests = `(select count(*) from action_items where action_items.order_id = po.order_id and action_performed = 'new_request')`
  const supplier = `(select provider_id from action_items where action_items.order_id = po.order_id and action_performed = 'new_request' order by id desc limit 1)`
  return {
    'a purchase order with a rate under the second of its types, and a lesser one under the first': `${from}
      and (${rate}).exchangable_type = 'Pg::PurchaseOrderBaseInit'
      and exists (select from currencies where exchangable_type = 'Pg::PurchaseOrderBase' and exchangable_id = po.id)`,
    'a purchase order with a rate under the first of its types, and a lesser one under the second': `${from}
      and (${rate}).exchangable_type = 'Pg::PurchaseOrderBase'
      and exists (select from currencies where exchangable_type = 'Pg::PurchaseOrderBaseInit' and exchangable_id = po.id)`,
    'own shipping beside the proposal’s': `${from} and (${shipping}).cost > 0 and (${ofProposal}).cost > 0`,
    'own shipping of 0, and the proposal’s': `${from} and (${shipping}).cost = 0 and (${ofProposal}).cost > 0`,
    'own shipping of 0, none of the proposal': `${from} and (${shipping}).cost = 0 and po.proposal_id is not null and ${ofProposal} is null`,
    'no own shipping, but the proposal’s': `${from} and ${shipping} is null and (${ofProposal}).cost > 0`,
    'no own shipping, 0 of the proposal': `${from} and ${shipping} is null and (${ofProposal}).cost = 0`,
    'no shipping at all': `${from} and ${shipping} is null and ${ofProposal} is null`,
    'several shippings of a purchase order, the last of them 0': `${from} and (${shipping}).cost = 0
      and (select sum(cost) from shippings where shipable_type in ${purchaseOrderTypes} and shipable_id = po.id) > 0`,
    'several shippings of a proposal': `${from} and (select count(*) from shippings
      where shipable_type = 'Pg::ProposalBase' and shipable_id = po.proposal_id) > 1`,
    'own retail tax beside the proposal’s': `${from} and (${tax}).amount > 0 and (${taxOfProposal}).amount > 0`,
    'own retail tax of 0, and the proposal’s': `${from} and (${tax}).amount = 0 and (${tax}).percent_rate > 0 and (${taxOfProposal}).amount > 0`,
    'own retail tax of 0, none of the proposal': `${from} and (${tax}).amount = 0 and ${taxOfProposal} is null`,
    'no own retail tax, but the proposal’s': `${from} and ${tax} is null and (${taxOfProposal}).amount > 0 and (${taxOfProposal}).percent_rate > 0`,
    'no retail tax at all': `${from} and ${tax} is null and ${taxOfProposal} is null`,
    'a tax of another type beside no retail tax': `${from} and ${tax} is null
      and exists (select from taxes where taxable_type in ${purchaseOrderTypes} and taxable_id = po.id)`,
    'several retail taxes of a purchase order, the last of them 0': `${from} and (${tax}).amount = 0
      and (select sum(amount) from taxes where taxable_type in ${purchaseOrderTypes} and taxable_id = po.id) > 0`,
    'a tax whose part of the shipping counts': `${from} and (${tax}).percent_rate > 0 and (${shipping}).cost > 0 and (${rate}).conversion_rate > 0`,
    'a tax whose part of the proposal’s shipping counts': `${from} and (${tax}).percent_rate > 0
      and coalesce((${shipping}).cost, 0) = 0 and (${ofProposal}).cost > 0`,
    'a retail tax of the proposal’s id under another type': `${from} and ${tax} is null and ${taxOfProposal} is null
      and exists (select from taxes where taxable_type = 'Pg::Invoice' and taxable_id = po.proposal_id and taxes.type = 'Pg::RetailTax')`,
    'a tax on shipping that lies on a half': `${from} and (${tax}).amount = 0 and (${shipping}).cost > 0
      and pg_temp.half((${shipping}).cost * (${tax}).percent_rate / 100, (${rate}).conversion_rate)`,
    'a shipping that lies on a half': `${from} and pg_temp.half((${shipping}).cost, (${rate}).conversion_rate)`,
    'a tax below zero that lies on a half': `${from} and (${tax}).amount < 0 and pg_temp.half((${tax}).amount, (${rate}).conversion_rate)`,
    'a purchase order and a half below zero': `${from} and subtotal_price < 0 and pg_temp.half(subtotal_price, (${rate}).conversion_rate)`,
    'no purchase order of a provider': `${from} and ${providers} = 0 and ad_po_number is not null`,
    'one purchase order of a provider': `${from} and ${providers} = 1 and ad_po_number is not null`,
    'several purchase orders of a provider, the greatest id not in the last place': `${from} and ${providers} > 1
      and (select (array_agg(id order by ctid desc))[1] < max(id) from purchase_orders other where other.cpo_id = po.id)`,
    'a purchase order of a provider without a number': `${from} and ad_po_number is not null and exists (select from purchase_orders other
      where other.cpo_id = po.id and other.type = 'Pg::ProviderPurchaseOrder' and other.ad_po_number is null)`,
    'a purchase order of a customer named as a provider’s': `${from} and exists (select from purchase_orders other
      where other.cpo_id = po.id and other.type <> 'Pg::ProviderPurchaseOrder')`,
    'a supplier': `${from} and ${requests} = 1 and ${supplier} is not null`,
    'a supplier of null': `${from} and ${requests} = 1 and ${supplier} is null`,
    'another action only': `${from} and ${requests} = 0 and exists (select from action_items where action_items.order_id = po.order_id)`,
    'several suppliers of one order': `${from} and ${requests} > 1 and ${supplier} is not null`,
    'several suppliers of one order, the last of them null': `${from} and ${requests} > 1 and ${supplier} is null`,
    'a purchase order without order beside a request without one': `${from} and po.order_id is null
      and exists (select from action_items where action_items.order_id is null and action_performed = 'new_request')`,
    'a number that is null': `select from purchase_orders where po_number is null and type = 'Pg::PurchaseOrder'`,
    'a number that is empty': `${from} and po_number = ''`,
    'an order that nobody placed yet': `select from purchase_orders where po_created_at is null and type = 'Pg::PurchaseOrder'`,
    'a purchase order of another type': `select from purchase_orders where type = 'Pg::PurchaseOrderDraft'`,
    'a purchase order of no type': 'select from purchase_orders where type is null',
    'a commission rate of six decimals': `${from} and commission_rate = -0.0001`,
  }
}

/** Each is a state of a purchase order that is exported. */
function statuses(): Record<string, string> {
  return Object.fromEntries(
    [
      'obsoleted and completed and rejected and version_number > 1 and referenced_po_id is not null',
      'obsoleted and not completed and not rejected and version_number = 1',
      'version_number > 1 and referenced_po_id is not null and not obsoleted and not completed',
      'version_number > 1 and referenced_po_id is not null and completed and rejected',
      'version_number > 1 and referenced_po_id is null and not completed',
      'version_number > 1 and referenced_po_id is null and completed',
      'version_number = 1 and referenced_po_id is not null and not completed',
      'completed and not rejected and version_number = 1',
      'completed and rejected and obsoleted is null',
      'rejected and completed is null',
      'obsoleted is null and completed is null and rejected is null',
      'not obsoleted and not completed and not rejected and version_number < 1',
    ].map((state) => [
      `a purchase order that is ${state}`,
      `select from purchase_orders where ${exported} and ${state}`,
    ]),
  )
}
