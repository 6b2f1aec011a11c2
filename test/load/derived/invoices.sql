with
-- Only the row with the greatest id counts.
rate as (
  select distinct on (exchangable_id) exchangable_id, currency, conversion_rate
  from currencies where exchangable_type = 'Pg::Invoice' order by exchangable_id, id desc
),
shipping as (
  select distinct on (shipable_id) shipable_id, cost
  from shippings where shipable_type = 'Pg::Invoice' order by shipable_id, id desc
),
signed as (
  select
    invoices.id, invoice_number, cancelled, issued_at, document_type, purchase_order_id, created_at, uuid,
    sign * subtotal_price as subtotal_price,
    sign * total_price as total_price,
    sign * discount_amount as discount_amount,
    provider_id, order_id, approved_for_payment, discount,
    sign * coalesce(shipping.cost, 0) as shipping_cost,
    case when rate.exchangable_id is null then 'USD' else rate.currency end as currency_name,
    case when rate.exchangable_id is null then 1 else rate.conversion_rate end as conversion_rate
  from invoices
  cross join lateral (select case document_type when 'standard' then 1 else -1 end as sign) as kind
  left join rate on rate.exchangable_id = invoices.id
  left join shipping on shipping.shipable_id = invoices.id
)
select
  id, invoice_number, cancelled, issued_at, document_type, purchase_order_id, created_at, uuid,
  subtotal_price::numeric(14, 2), total_price::numeric(14, 2), discount_amount::numeric(14, 2),
  provider_id, order_id, approved_for_payment, discount,
  shipping_cost::numeric(14, 2),
  currency_name::text,
  conversion_rate::numeric(18, 6),
  total_price - subtotal_price - shipping_cost + discount_amount as tax,
  -- Amounts have 2 decimals and rates 6: a quotient is a half of its sixth decimal, or farther from one than its 30th.
  round(total_price::numeric(60, 30) / nullif(conversion_rate, 0), 6)::numeric(18, 6) as total_price_usd,
  created_at::date as created_on
from signed
