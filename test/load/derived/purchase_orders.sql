select
  own.id,
  coalesce(of_provider.ad_po_number, own.ad_po_number) as ad_po_number,
  own.po_number, own.po_created_at,
  own.po_created_at::date as po_submission_date,
  case
    when own.obsoleted then 'Obsoleted'
    when own.version_number > 1 and own.referenced_po_id is not null then 'Amended'
    when own.completed then 'Completed'
    when own.rejected then 'Rejected'
    else 'Work in Progress'
  end as status,
  own.created_at, own.proposal_id, own.total_price, own.subtotal_price, own.provider_id,
  providers.name as provider_name,
  supplier.provider_id as supplier_id,
  own.justifications,
  rate.currency,
  rate.conversion_rate::numeric(18, 6),
  -- Amounts have 8 decimals at most and rates 6: a quotient is a half of its sixth decimal, or farther from one than its 30th.
  round(own.total_price::numeric(60, 30) / nullif(rate.conversion_rate, 0), 6)::numeric(18, 6) as total_price_usd,
  round(own.subtotal_price::numeric(60, 30) / nullif(rate.conversion_rate, 0), 6)::numeric(18, 6) as subtotal_price_usd,
  money.tax_amount,
  tax.percent_rate as tax_percent,
  round(
    (money.tax_amount + money.shipping_cost * coalesce(tax.percent_rate, 0) * 0.01)::numeric(60, 30) / nullif(rate.conversion_rate, 0),
    6
  )::numeric(18, 6) as tax_amount_usd,
  money.shipping_cost,
  round(money.shipping_cost::numeric(60, 30) / nullif(rate.conversion_rate, 0), 6)::numeric(18, 6) as shipping_cost_usd,
  (own.commission_rate * 0.01)::numeric(9, 6) as commission_rate,
  own.order_id, own.provider_shipping_address_id, own.customer_shipping_address_id, own.cpo_id, own.uuid, own.rejected,
  own.obsoleted, own.type, own.supplier_updated, own.updated_at, own.user_id, own.payment_terms, own.request_id
from purchase_orders as own
left join providers on providers.id = own.provider_id
left join lateral (
  select ad_po_number from purchase_orders as other
  where other.type = 'Pg::ProviderPurchaseOrder' and other.cpo_id = own.id
  order by id desc limit 1
) as of_provider on true
left join lateral (
  select provider_id from action_items
  where action_performed = 'new_request' and action_items.order_id = own.order_id
  order by id desc limit 1
) as supplier on true
-- One row always: that of the greatest id, or what stands for none.
cross join lateral (
  select currency, conversion_rate
  from (
    select id, currency, conversion_rate from currencies
    where exchangable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit') and exchangable_id = own.id
    union all
    select null, 'USD', 1
  ) as candidates
  order by id desc nulls last
  limit 1
) as rate
left join lateral (
  select amount, percent_rate from taxes
  where taxable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit') and taxable_id = own.id and type = 'Pg::RetailTax'
  order by id desc limit 1
) as tax on true
left join lateral (
  select amount from taxes
  where taxable_type = 'Pg::ProposalBase' and taxable_id = own.proposal_id and type = 'Pg::RetailTax'
  order by id desc limit 1
) as tax_of_proposal on true
left join lateral (
  select cost from shippings
  where shipable_type in ('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit') and shipable_id = own.id
  order by id desc limit 1
) as shipping on true
left join lateral (
  select cost from shippings where shipable_type = 'Pg::ProposalBase' and shipable_id = own.proposal_id
  order by id desc limit 1
) as shipping_of_proposal on true
cross join lateral (
  select
    coalesce(nullif(tax.amount, 0), tax_of_proposal.amount, 0)::numeric(14, 2) as tax_amount,
    coalesce(nullif(shipping.cost, 0), shipping_of_proposal.cost, 0)::numeric(14, 2) as shipping_cost
) as money
where own.type in ('Pg::CustomerPurchaseOrder', 'Pg::PurchaseOrder')
  and own.po_number is not null
  and own.po_created_at is not null
