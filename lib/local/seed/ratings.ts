/** One row per rating of a provider by a customer; spam among them. */
import type { SeedTable } from './seed-table.ts'

export const ratings: SeedTable = {
  name: 'ratings',
  rows: 3_000,
  create: `
    create table ratings (
      id integer primary key,
      value integer not null,
      ware_id varchar,
      spam boolean not null,
      provider_id integer,
      created_at timestamp,
      ware_pg_id integer,
      request_id integer,
      order_id integer,
      comment text,
      organization_id integer,
      user_id integer
    )`,
  awkward: `
    insert into ratings values
      (1, 0, null, false, null, null, null, null, null, null, null, null),
      (2, -2147483648, '', false, 0, '1970-01-01', 0, 0, 0, '', 0, 0),
      (3, 2147483647, 'wäre', false, 3, '9999-12-31 23:59:59.999999', 2147483647, 2147483647, 2147483647,
        'Grüße, 漢字, עברית, 🧛🏽‍♀️, e' || chr(769), 2147483647, 2147483647),
      (4, 1, '4', true, 3, '2018-06-01', 4, 4, 4, 'Buy now', 4, 4),
      (5, 5, '5', false, 2147483647, '1969-12-31 23:59:59.999999', 5, 5, 5, 'of a provider that is gone', 5, 5),
      (6, 5, '6', false, 1, '1883-11-18 12:03:58.5', 6, 6, 6, 'of a provider without a name', 6, 6),
      (7, 5, '7', false, 2, '2018-06-01 00:00:00.000001', 7, 7, 7, E'tab\\there, \\\\N', 7, 7),
      (8, 5, '8', false, 4, '0001-01-01', 8, 8, 8, repeat('𝔇', 5000), 8, 8),
      (9, 5, '9', true, null, null, 9, 9, 9, 'spam without a provider', 9, 9)`,
  bulk: `
    insert into ratings
    select
      g,
      (1 + g % 5)::int,
      case when g % 13 <> 0 then (g % 800)::text end,
      g % 11 = 0,
      case when g % 17 <> 0 then (1 + g * 7919 % greatest($2::bigint / 4, 1))::int end,
      case when g % 19 <> 0 then timestamp '2014-01-01' + g * 94101123457 % 340000000000000 * interval '1 microsecond' end,
      case when g % 23 <> 0 then (g % 800)::int end,
      case when g % 29 <> 0 then (1 + g * 7919 % 10000)::int end,
      case when g % 31 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 3 = 0 then 'Fast and careful, report ' || md5(g::text) end,
      case when g % 37 <> 0 then (1 + g * 7919 % 3000)::int end,
      case when g % 41 <> 0 then (1 + g * 7919 % 4000)::int end
    from generate_series($1::bigint, $2::bigint) g`,
  indexes: `
    create index on ratings (ware_id);
    create index on ratings (provider_id);
    create index on ratings (ware_pg_id);
    create index on ratings (request_id);
    create index on ratings (order_id);
    create index on ratings (organization_id);
    create index on ratings (user_id)`,
}
