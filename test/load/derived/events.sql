select
  id, event, email, username, application, duration, remote_addr, host, action, controller, session_id, computer_id, query,
  raw_post, categories::varchar[], source::varchar[], providers, uuid, datetime, created_at, updated_at, api_version, organization_id
from events
where event is not null
