/** One row per order of a customer with a provider. */
import type { SeedTable } from './seed-table.ts'

export const orders: SeedTable = {
  name: 'orders',
  rows: 15_000,
  create: `
    create table orders (
      id integer primary key,
      provider_id integer,
      request_id integer,
      client_id integer,
      organization_id integer,
      obligations jsonb,
      state varchar not null,
      declined boolean not null,
      on_hold boolean not null,
      order_cancelled boolean not null,
      request_cancelled boolean not null,
      last_computed_status varchar,
      uuid uuid not null,
      created_at timestamp,
      updated_at timestamp,
      booster double precision
    )`,
  awkward: `
    insert into orders values
      (1, null, null, null, null, null, '', false, false, false, false, null, '00000000-0000-0000-0000-000000000000', null, null, null),
      (2, 0, 0, 0, 0, '{}', 'of a request that is gone', true, true, true, true, '', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
        '1970-01-01', '1969-12-31 23:59:59.999999', '-0'),
      (3, 3, 1, 3, 77, '{"𝔇": ["🧛", "漢字", null, 1e-7]}', 'öffentlich', false, false, false, false, 'Grüße 🧛🏽‍♀️', md5('3')::uuid,
        '9999-12-31 23:59:59.999999', '0001-01-01', 'NaN'),
      (4, 4, 3, 4, 77, 'null', 'of a user that is gone', false, false, false, false, 'NULL', md5('4')::uuid, '1883-11-18 12:03:58.5',
        '2038-01-19 03:14:08', 'Infinity'),
      (5, 1, 4, 5, 77, '[]', 'of a user without email, by a provider without a name', false, false, false, false, null, md5('5')::uuid,
        '2018-06-01', '2018-06-01 00:00:00.000001', '-Infinity'),
      (6, 6, 5, 6, 77, '"text"', 'of a user with email', false, false, false, false, null, md5('6')::uuid, '2000-02-29', '2024-02-29', 0.1),
      (7, 7, 6, 7, null, null, 'with every timepoint', false, true, false, false, null, md5('7')::uuid, null, null, '5e-324'),
      (8, 2, 7, 8, 77, null, 'with a user whose email is empty', false, false, false, false, null, md5('8')::uuid, null, null, 1),
      (9, 2, 8, 9, 77, null, 'with a timepoint without date, of a request without organization', false, false, false, false, null,
        md5('9')::uuid, null, null, 1),
      (10, 2, 5, 2147483647, 77, null, 'with several timepoints of one name', false, false, false, false, null, md5('10')::uuid, null,
        null, 1),
      (11, 2, 9, -2147483648, 77, null, 'with timepoints of other names', false, false, false, false, null, md5('11')::uuid, null, null, 1),
      (12, 2147483647, 10, 12, 77, null, 'by a provider that is gone', false, false, false, false, null, md5('12')::uuid, null, null, 1)`,
  bulk: `
    insert into orders
    select
      g,
      case when g % 31 <> 0 then (1 + g * 7919 % 720)::int end,
      case when g % 29 <> 0 then (1 + g * 7919 % greatest($2::bigint * 2 / 3, 1))::int end,
      case when g % 23 <> 0 then (1 + g * 7919 % 4000)::int end,
      case when g % 19 <> 0 then (1 + g * 104729 % 3000)::int end,
      case when g % 4 = 0 then jsonb_build_object('due', g % 30, 'of', jsonb_build_array('provider', 'customer')) end,
      (array['open', 'accepted', 'shipped', 'done'])[1 + g % 4],
      g % 13 = 0,
      g % 17 = 0,
      g % 11 = 0,
      g % 22 = 0,
      case when g % 41 <> 0 then (array['Work in Progress', 'Completed', 'Vendor Drafting Proposal'])[1 + g % 3] end,
      md5('order ' || g)::uuid,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 3 <> 0 then g * 611953 % 200000 / 100000.0 end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 25101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on orders (provider_id);
    create index on orders (request_id);
    create index on orders (client_id);
    create index on orders (organization_id)`,
}
