/**
 * The longest: one row per thing somebody did on the site, 2,500 a day for 400 days at scale 1, by when it was recorded.
 * Rows arrive late, some know no day, and a session goes on past midnight; its first events know no email yet.
 */
import type { SeedTable } from './seed-table.ts'

export const events: SeedTable = {
  name: 'events',
  rows: 1_000_000,
  create: `
    create table events (
      id bigint primary key,
      event varchar,
      email varchar,
      username varchar,
      application varchar,
      duration double precision,
      remote_addr varchar,
      host varchar,
      action varchar,
      controller varchar,
      session_id varchar,
      computer_id varchar,
      query text,
      raw_post text,
      categories text[],
      source text[],
      providers jsonb,
      uuid uuid not null,
      datetime timestamp,
      created_at timestamp,
      updated_at timestamp,
      api_version varchar,
      organization_id integer
    )`,
  awkward: `
    insert into events (id, uuid) values (1, md5('event 1')::uuid);
    insert into events values
      (2, '', '', '', '', 0, '', '', '', '', '', '', '', '', '{}', '{}', '{}', '00000000-0000-0000-0000-000000000000',
        '1970-01-01', '1970-01-01', '1969-12-31 23:59:59.999999', '', 0),
      (3, 'Übersicht 🧛🏽‍♀️', 'd’ávila@例え.jp', 'João', '研究所', '-0', '2001:db8::1', '例え.jp', 'ключ', 'עברית',
        'midnight', 'Ångström', '?q=漢字&x=%00', E'"a";''b''\\\\c\\td\\ne\\r\\n, \\\\N', '{a,NULL,"",NULL}', '{NULL}',
        '["漢字", null, true, 1e-7, 12345678901234567890.123456789]', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
        '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999', '2018-06-01', 'v2', 2147483647),
      (4, 'view', null, null, null, 'NaN', null, null, null, null, 'midnight', null, null, null, '{"a,b","c\\"d","{}"}', null,
        'null', md5('event 4')::uuid, '0001-01-01', '0001-01-01', '0001-01-01', null, -2147483648);
    insert into events (id, event, email, duration, session_id, uuid, created_at, updated_at)
    select id, event, email, duration, session_id, md5('event ' || id)::uuid, created_at::timestamp, updated_at::timestamp
    from (values
      (5, 'view', null, 'Infinity'::float8, 'midnight', '1969-12-31 23:59:59.999999', null),
      (6, 'view', 'the next day''s', '-Infinity', 'midnight', '1970-01-01', '1970-01-01'),
      (7, 'view', 'the next year''s', 5e-324, 'midnight', '2024-02-29', '2024-03-01'),
      (8, 'view', null, 0.1, 'midnight', '2024-02-29 23:59:59.999999', '2024-02-29'),
      (9, 'view', 'of the greatest id', null, 'tied', '2024-02-29 12:00', '2024-03-01'),
      (9223372036854775807, 'view', 'of the same moment', null, 'tied', '2024-02-29 12:00', '2024-03-01'),
      (9223372036854775806, 'view', 'earlier by a microsecond', null, 'tied', '2024-02-29 11:59:59.999999', null),
      (9007199254740993, 'view', null, null, 'tied', '2024-02-29', null),
      (13, null, 'of no event', null, 'tied', '2024-02-29', null),
      (14, 'view', '', null, 'an empty email', '2024-02-29 00:00', null),
      (15, 'view', 'not the first', null, 'an empty email', '2024-02-29 00:01', null),
      (16, 'view', 'of no session', null, null, '2024-02-29', null),
      (17, 'view', null, null, null, '2024-02-29', null),
      (18, 'view', 'of no day, second', null, 'no day', null, '2024-02-29'),
      (-9007199254740993, 'view', 'of no day, first', null, 'no day', null, null),
      (20, 'view', null, null, 'no day', null, null),
      (21, 'view', 'of a day', null, 'no day', '2024-02-29', null),
      (22, null, null, null, null, '2024-03-01', null)
    ) as given (id, event, email, duration, session_id, created_at, updated_at)`,
  bulk: `
    insert into events
    select
      g,
      case when g % 13 <> 0 then (array['view', 'search', 'click', 'sign_in', 'request', 'download'])[1 + g * 7919 % 6] end,
      case when at_session >= 4 and g % 17 <> 0 then 'user' || session * 7919 % 4000 + g % 29 / 28 || '@example.org' end,
      case when at_session >= 4 and g % 19 <> 0 then 'user' || session * 7919 % 4000 end,
      case when g % 31 <> 0 then (array['marketplace', 'backoffice', 'api'])[1 + g % 3] end,
      case when g % 37 <> 0 then g * 104729 % 3000000 / 1000.0 end,
      case when g % 41 <> 0 then '198.51.' || session % 100 || '.' || session % 250 end,
      case when g % 43 <> 0 then 'www' || g % 4 || '.example.org' end,
      case when g % 47 <> 0 then (array['index', 'show', 'create', 'update'])[1 + g * 31 % 4] end,
      case when g % 53 <> 0 then (array['wares', 'providers', 'orders', 'requests', 'sessions'])[1 + g * 37 % 5] end,
      case when g % 211 = 0 then 'kiosk ' || g % 3 when g % 59 <> 0 then 'session ' || session end,
      case when g % 61 <> 0 then 'computer ' || session * 31 % 9000 end,
      case when g % 3 = 0 then 'q=antibody+' || g % 5000 || '&page=' || g % 9 end,
      case when g % 8 = 0 then '{"request":{"id":' || g * 7919 % 10000 || ',"note":"für später"}}' end,
      case when g % 5 = 0 then array['biology', null, 'batch ' || g % 20] when g % 7 = 0 then '{}' end,
      case when g % 4 = 0 then array[(array['mail', 'advert', 'link'])[1 + g % 3]] end,
      case when g % 6 = 0 then jsonb_build_array(1 + g * 7919 % 700, 1 + g * 31 % 700) end,
      md5('event ' || g)::uuid,
      case when g % 67 <> 0 then moment - interval '0.25 seconds' end,
      case when g % 499 <> 0 then moment end,
      case when g % 101 <> 0 then moment + g % 7 * interval '1.000001 seconds' end,
      case when g % 71 <> 0 then (array['v1', 'v2'])[1 + g % 2] end,
      case when g % 9 <> 0 then (1 + session * 7919 % 3000)::int end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        -- Four sessions at a time, of six events each, two of them at the same moment.
        g / 24 * 4 + g / 2 % 4 as session,
        g % 24 / 8 * 2 + g % 2 as at_session,
        greatest(least($2::bigint / 2500, 400), 4) * 86400000000 as span
    ) drawn
    cross join lateral (
      select timestamp '2025-01-01' + interval '1 microsecond' * (
        ((g / 2 * 2 - $1::bigint) * (span / greatest($2::bigint - $1::bigint + 1, 1))
          -- Some are recorded later than others of before.
          + case when g % 5 = 0 then 1200000000 else 0 end
          -- Some arrive when their day is long over.
          + case when g % 97 = 0 then span - g % 30 * 86400000000 % span else 0 end + span) % span) as moment
    ) dated`,
  indexes: `
    create index on events (created_at, id);
    create index on events (updated_at);
    create index on events (organization_id)`,
}
