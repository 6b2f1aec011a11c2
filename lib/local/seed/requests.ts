/** One row per request of a customer for a service. */
import type { SeedTable } from './seed-table.ts'

export const requests: SeedTable = {
  name: 'requests',
  rows: 10_000,
  create: `
    create table requests (
      id integer primary key,
      name varchar,
      description text,
      quantity integer not null,
      request_type varchar,
      reason_for_cancelling varchar,
      filters varchar[],
      closed boolean not null,
      cancelled boolean not null,
      on_hold boolean not null,
      status varchar,
      exclude boolean not null,
      ordered_at timestamp,
      user_id integer,
      ware_id integer,
      organization_id integer,
      uuid uuid not null,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into requests values
      (1, null, null, 0, null, null, null, false, false, false, null, false, null, null, null, null,
        '00000000-0000-0000-0000-000000000000', null, null),
      (2, '', '', -1, '', '', '{}', true, true, true, '', true, '1970-01-01', 0, 0, 0, 'ffffffff-ffff-ffff-ffff-ffffffffffff',
        '1970-01-01', '1969-12-31 23:59:59.999999'),
      (3, '𝔇racula 🧛🏽‍♀️', 'Grüße, 漢字, עברית, e' || chr(769), 2147483647, 'Pg::Custom', 'too dear', '{one}', false, false, false, 'öffentlich',
        false, '9999-12-31 23:59:59.999999', 2147483647, 2147483647, 2147483647, md5('3')::uuid, '9999-12-31 23:59:59.999999',
        '0001-01-01'),
      (4, 'a user without email', null, 1, null, null, '{one,two}', false, true, false, null, false, null, 1, 4, 4, md5('4')::uuid,
        '1883-11-18 12:03:58.5', '2038-01-19 03:14:08'),
      (5, 'a user with email', null, 1, null, null, '{one,two,three}', true, false, false, null, false, null, 6, 5, 5, md5('5')::uuid,
        '2018-06-01', '2018-06-01 00:00:00.000001'),
      (6, 'five filters', null, 1, null, null, '{one,"two, \\"2\\"",drei 🧛,four,five}', false, false, true, null, false, null, 3, 6,
        -2147483648, md5('6')::uuid, '2000-02-29', '2024-02-29'),
      (7, 'a null before and after', null, 1, null, null, '{NULL,two,NULL}', false, false, false, null, true, null, 2, 7, 7,
        md5('7')::uuid, null, null),
      (8, 'nothing but nulls, and NULL', null, 1, null, null, '{NULL,NULL,"NULL",""}', false, false, false, null, false, null, 6, 8,
        null, md5('8')::uuid, null, null),
      (9, 'counts its filters from zero', null, 1, null, null, '[0:1]={zero,one}', false, false, false, null, false, null, null, 9, 9,
        md5('9')::uuid, null, null),
      (10, 'its ids agree with nobody', null, 1, null, null, '[-7:-4]={a,b,c,d}', false, false, false, null, false, null, -6, -6, 10,
        md5('10')::uuid, null, null)`,
  bulk: `
    insert into requests
    select
      g,
      case when g % 53 <> 0 then (array['Sequencing', 'Histology', 'Peptide Synthesis'])[1 + g % 3] || ' ' || g end,
      case when g % 7 <> 0 then 'We need ' || 1 + g % 40 || ' samples analysed: ' || repeat(md5(g::text) || ' ', (1 + g % 5)::int) end,
      (1 + g % 40)::int,
      case when g % 11 <> 0 then (array['Pg::Service', 'Pg::Product', 'Pg::Custom'])[1 + g % 3] end,
      case when g % 13 = 0 then 'Budget' end,
      case when g % 5 > 0 then (array['GLP', 'ISO 9001', 'Europe', 'Fast', 'Academic'])[1 + g % 2:g % 6] end,
      g % 3 = 0,
      g % 13 = 0,
      g % 17 = 0,
      case when g % 41 <> 0 then (array['open', 'ordered', 'closed'])[1 + g % 3] end,
      g % 29 = 0,
      case when g % 3 = 1 then moment + interval '9 days' end,
      case when g % 31 <> 0 then (1 + g * 7919 % greatest($2::bigint * 2 / 5, 1))::int end,
      case when g % 37 <> 0 then (1 + g * 7919 % 5000)::int end,
      case when g % 43 <> 0 then (1 + g * 7919 % 3000)::int end,
      md5('request ' || g)::uuid,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 38101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on requests (user_id);
    create index on requests (ware_id);
    create index on requests (organization_id)`,
}
