select
  id, type, reference_of_type, reference_to_id, reference_of_id, created_at, updated_at,
  fields ->> 'location' as location,
  fields ->> 'email' as email,
  fields ->> 'company' as company,
  fields ->> 'last_name' as last_name,
  fields ->> 'first_name' as first_name,
  fields ->> 'organization_name' as organization_name
from refs
where type = 'Pg::UserRef'
