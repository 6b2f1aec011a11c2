-- Sessions are compared by equality, which null has with nothing, and days by identity, which null has with itself.
with firsts as (
  select distinct on (session_id, created_at::date) session_id, created_at::date as day, email
  from events
  where event is not null and email is not null and session_id is not null
  order by session_id, created_at::date, created_at, id
)
select
  id, event, events.email, username, application, duration, remote_addr, host, action, controller, events.session_id, computer_id,
  query, raw_post, categories::varchar[], source::varchar[], providers, uuid, datetime, created_at, updated_at, api_version,
  organization_id, firsts.email as full_email
from events
left join firsts on firsts.session_id = events.session_id and firsts.day is not distinct from created_at::date
where event is not null
