select
  orders.id, orders.provider_id, orders.request_id, orders.client_id, requests.organization_id, orders.obligations, orders.state,
  orders.declined, orders.order_cancelled, orders.request_cancelled, orders.last_computed_status, orders.uuid, orders.created_at,
  orders.updated_at, orders.booster,
  providers.name as provider_name,
  users.email as user_email,
  approval.date as approval_date,
  review.date as review_date,
  submission.date as submission_date,
  completion.date as completion_date
from orders
left join providers on providers.id = orders.provider_id
left join requests on requests.id = orders.request_id
left join users on users.id = requests.user_id
left join (select distinct on (order_id) order_id, date from timepoints where name = 'approval date' order by order_id, id desc)
  as approval on approval.order_id = orders.id
left join (select distinct on (order_id) order_id, date from timepoints where name = 'review date' order by order_id, id desc)
  as review on review.order_id = orders.id
left join (select distinct on (order_id) order_id, date from timepoints where name = 'submission date' order by order_id, id desc)
  as submission on submission.order_id = orders.id
left join (select distinct on (order_id) order_id, date from timepoints where name = 'completion date' order by order_id, id desc)
  as completion on completion.order_id = orders.id
