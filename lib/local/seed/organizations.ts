/** One row per customer's organization; a division names the one it belongs to. */
import type { SeedTable } from './seed-table.ts'

export const organizations: SeedTable = {
  name: 'organizations',
  rows: 3_000,
  create: `
    create table organizations (
      id integer primary key,
      name varchar,
      uuid uuid,
      created_at timestamp,
      updated_at timestamp,
      parent_id integer,
      domain varchar,
      webstore boolean not null,
      archived_at timestamp
    )`,
  awkward: `
    insert into organizations values
      (1, null, null, null, null, null, null, false, null),
      (2, '', '00000000-0000-0000-0000-000000000000', '1970-01-01', '1969-12-31 23:59:59.999999', 0, '', true, '1970-01-01'),
      (3, 'Ångström & Söhne, 漢字 🧛🏽‍♀️', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '9999-12-31 23:59:59.999999', '0001-01-01', 3,
        'xn--ngstrm-hua5l.example', false, '2038-01-19 03:14:08'),
      (4, E'"a";''b''\\\\c\\td\\ne, \\\\N', md5('4')::uuid, '1883-11-18 12:03:58.5', '2024-02-29', 2147483647, 'NULL', true, null),
      (5, repeat('University ', 100) || 'A', md5('5')::uuid, '2018-06-01', '2018-06-01 00:00:00.000001', -2147483648, ' ', false,
        null)`,
  bulk: `
    insert into organizations
    select
      g,
      case when g % 97 <> 0 then 'Organization ' || g || (array[' Ltd', ' GmbH', ', Inc.', ' S.à r.l.'])[1 + g % 4] end,
      case when g % 89 <> 0 then md5('organization ' || g)::uuid end,
      case when g % 83 <> 0 then moment end,
      case when g % 79 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 4 = 0 then (g / 4)::int end,
      case when g % 73 <> 0 then 'o' || g || '.example.org' end,
      g % 3 = 0,
      case when g % 11 = 0 then moment + interval '1 year' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2012-05-01' + g * 118101123457 % 400000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on organizations (parent_id)',
}
