select
  ratings.id, value, ware_id, spam, provider_id, ratings.created_at, request_id, order_id, comment, organization_id, user_id,
  providers.name as provider_name,
  ratings.created_at::date as created_on
from ratings
left join providers on providers.id = ratings.provider_id
where not spam
