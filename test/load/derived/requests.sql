select requests.*, first.filter1, first.filter2, first.filter3
from requests
-- By their place, whatever number the array counts from.
cross join lateral (
  select
    max(filter) filter (where place = 1)::text as filter1,
    max(filter) filter (where place = 2)::text as filter2,
    max(filter) filter (where place = 3)::text as filter3
  from unnest(filters) with ordinality as listed (filter, place)
) as first
