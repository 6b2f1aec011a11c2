select
  proposals.*,
  tax.amount as tax,
  amounts.total_price_no_tax,
  -- Amounts have 2 decimals and rates 6: a quotient is a half of its sixth decimal, or farther from one than its 30th.
  round(amounts.total_price_no_tax::numeric(60, 30) / nullif(rate.conversion_rate, 0), 6)::numeric(18, 6) as total_price_usd,
  round(proposals.total_price::numeric(60, 30) / nullif(rate.conversion_rate, 0), 6)::numeric(18, 6) as total_price_with_tax_usd,
  span.min as min_turnaround_time,
  span.max as max_turnaround_time,
  span.display_units,
  providers.name as provider_name,
  rate.currency,
  rate.conversion_rate::numeric(18, 6),
  proposals.created_at::date as created_on
from proposals
left join providers on providers.id = proposals.provider_id
-- One row always: that of the greatest id, or what stands for none.
cross join lateral (
  select currency, conversion_rate
  from (
    select id, currency, conversion_rate from currencies
    where exchangable_type = 'Pg::ProposalBase' and exchangable_id = proposals.id
    union all
    select null, 'USD', 1
  ) as candidates
  order by id desc nulls last
  limit 1
) as rate
left join lateral (
  select amount from taxes
  where taxable_type = 'Pg::ProposalBase' and taxable_id = proposals.id and type = 'Pg::RetailTax'
  order by id desc limit 1
) as tax on true
left join lateral (
  select min, max, display_units from turn_around_times
  where turnaroundable_type = 'Pg::ProposalBase' and turnaroundable_id = proposals.id
  order by id desc limit 1
) as span on true
cross join lateral (
  select
    case
      when proposals.created_at > timestamp '2018-06-01 00:00:00' then proposals.total_price - coalesce(tax.amount, 0)
      else proposals.total_price
    end as total_price_no_tax
) as amounts
where proposals.active and proposals.order_id is not null
