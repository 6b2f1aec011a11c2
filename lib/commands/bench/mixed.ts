#!/usr/bin/env bun
/** A wide table of everything: arrays, uuids, JSON, timestamps with time zone, text of all lengths, bare numerics. */
import { run } from '../../run.ts'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  doublePrecision,
  integer,
  json,
  jsonb,
  nullable,
  numeric,
  real,
  smallint,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../table.ts'

/** One row per thing that happened. */
const mixed = table({
  name: 'mixed',
  columns: {
    id: bigint,
    public_id: uuid,
    parent_id: nullable(uuid),
    kind: text,
    status: nullable(text),
    title: nullable(text),
    body: nullable(text),
    url: nullable(text),
    email: nullable(text),
    country: nullable(text),
    is_active: boolean,
    is_flagged: nullable(boolean),
    small: nullable(smallint),
    counter: integer,
    big: nullable(bigint),
    price: numeric(14, 2),
    rate: nullable(numeric(18, 6)),
    weight: nullable(numeric(30, 10)),
    score: doublePrecision,
    ratio: nullable(real),
    day: date,
    created_at: timestamptz,
    updated_at: nullable(timestamptz),
    local_at: nullable(timestamp),
    payload: nullable(jsonb),
    raw: nullable(json),
    tags: array(text),
    amounts: nullable(array(numeric(12, 2))),
    readings: nullable(array(integer)),
    digest: nullable(bytea),
  },
})

export const createMixed = `
  create table mixed (
    id bigint not null, public_id uuid not null, parent_id uuid, kind text not null, status varchar(20), title text,
    body text, url text, email text, country char(2), is_active boolean not null, is_flagged boolean, small smallint,
    counter integer not null, big bigint, price numeric(14,2) not null, rate numeric(18,6), weight numeric,
    score double precision not null, ratio real, day date not null, created_at timestamptz not null,
    updated_at timestamptz, local_at timestamp, payload jsonb, raw json, tags text[] not null, amounts numeric(12,2)[],
    readings integer[], digest bytea
  )`

/** `$1` rows, the same every time; hashes stand for chance. */
export const fillMixed = `
  insert into mixed
  select
    g, md5(g::text)::uuid, case when h1 % 3 > 0 then md5((g / 2)::text)::uuid end,
    (array['created', 'paid', 'shipped', 'returned'])[1 + h1 % 4], case when h2 % 5 > 0 then 'status ' || h2 % 12 end,
    'Order ' || h1 % 100000 || ' of customer ' || h2 % 5000,
    case when h3 % 4 > 0 then repeat('Lorem ipsum dolor sit amet, ' || h1 % 1000 || ' ', 1 + (h3 % 6)::int) end,
    'https://example.org/orders/' || h1 || '?from=' || h2 % 1000, 'user' || h2 % 200000 || '@example.org',
    (array['US', 'DE', 'FR', 'JP', 'SE'])[1 + h2 % 5], h1 % 2 = 0, case when h2 % 7 > 0 then h3 % 2 = 0 end,
    (h1 % 1000)::smallint, (h2 % 1000000)::int, case when h3 % 9 > 0 then h1::bigint * h2 end,
    h1 % 10000000 / 100.0, case when h2 % 6 > 0 then h2 % 2000000 / 1000000.0 end,
    case when h3 % 6 > 0 then h1::numeric * h2 / 10000000000 end, h1 / 2147483647.0, h2 / 65536.0,
    date '2015-01-01' + (h1 % 3650)::int, timestamptz '2015-01-01 00:00+00' + g * interval '37.000123 seconds',
    case when h1 % 8 > 0 then timestamptz '2015-01-01 00:00+00' + g * interval '37.5 seconds' + h2 % 1000 * interval '1 hour' end,
    timestamp '2020-01-01' + h3 % 100000 * interval '1 minute',
    case when h1 % 4 > 0 then jsonb_build_object('sku', h2 % 10000, 'price', h1 % 10000 / 100.0, 'tags', jsonb_build_array('a', h3 % 10)) end,
    json_build_object('n', h3 % 100, 'ok', h1 % 2 = 0), array['tag ' || h1 % 20, 'tag ' || h2 % 20],
    case when h2 % 3 > 0 then array[h1 % 100000 / 100.0, null, h3 % 100000 / 100.0] end,
    case when h3 % 2 > 0 then array[h1 % 100, h2 % 100, h3 % 100]::int[] end, decode(md5(h1::text), 'hex')
  from generate_series(1, $1::bigint) g
  cross join lateral (
    select
      hashint8(g)::bigint & 2147483647 as h1,
      hashint8(g + 1000000007)::bigint & 2147483647 as h2,
      hashint8(g + 2000000011)::bigint & 2147483647 as h3
  ) chance`

export default mixed

if (import.meta.main) await run(mixed)
