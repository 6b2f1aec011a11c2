select
  id, type, reference_of_type, reference_to_type, reference_to_id, reference_of_id, created_at, updated_at,
  fields ->> 'name' as name,
  fields ->> 'slug' as slug,
  (fields ->> 'score')::double precision as score,
  fields ->> 'contract_status' as contract_status
from refs
where type = 'Pg::ProviderRef'
