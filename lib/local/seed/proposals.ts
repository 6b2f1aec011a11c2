/** One row per offer of a provider. Those up to 100 have only the currencies, taxes and times given them by hand. */
import type { SeedTable } from './seed-table.ts'

export const proposals: SeedTable = {
  name: 'proposals',
  rows: 25_000,
  create: `
    create table proposals (
      id integer primary key,
      active boolean not null,
      description text not null,
      obsoleted boolean not null,
      proposal_type varchar,
      state varchar,
      exclude boolean not null,
      justifications varchar[],
      commission_rate numeric(7, 4),
      user_full_name varchar,
      user_id integer,
      uuid uuid,
      created_at timestamp,
      updated_at timestamp,
      subtotal_price numeric(14, 2) not null,
      total_price numeric(14, 2) not null,
      provider_id integer,
      tax_category varchar,
      order_id integer,
      type varchar,
      ware_id integer,
      status varchar
    )`,
  awkward: `
    insert into proposals values
      (1, false, '', true, null, null, false, null, null, null, null, null, null, null, 0, 0, null, null, 1, null, null, null),
      (2, true, 'without order', true, '', '', true, '{}', -0.0001, '', 0, '00000000-0000-0000-0000-000000000000', '1970-01-01',
        '1969-12-31 23:59:59.999999', 0, 100, 0, '', null, '', 0, ''),
      (3, true, 'just before the day 🧛🏽‍♀️ 漢字 עברית e' || chr(769), true, 'custom', 'öffentlich', false, '{NULL,"a, \\"b\\" {c}",🧛,NULL,""}',
        999.9999, 'João d’Ávila', 2147483647, 'ffffffff-ffff-ffff-ffff-ffffffffffff', '2018-05-31 23:59:59.999999',
        '9999-12-31 23:59:59.999999', 0.10, 0.13, 3, 'Pg::Ångström', 2147483647, 'Pg::Proposal', 2147483647, 'NULL'),
      (18, true, E'tab\\there, \\\\N', false, null, null, false, '[0:1]={a,b}', null, null, null, null, null, null, 0, 100, null, null,
        -2147483648, null, null, null);
    insert into proposals (id, active, description, obsoleted, exclude, uuid, created_at, subtotal_price, total_price, provider_id, order_id)
    select id, active, name, false, false, md5(name)::uuid, created_at::timestamp, total, total, provider_id, order_id
    from (values
      (4, true, 'at the very instant', '2018-06-01', 0.13, 4, 4),
      (5, true, 'just after the instant', '2018-06-01 00:00:00.000001', 0.13, 5, 5),
      (6, true, 'with a tax, of no date', null, 0.13, 6, 6),
      (7, true, 'rate, but the tax is of an invoice', '2019-01-01', 100, 7, 7),
      (8, true, 'null rate', '2019-01-01', 100, 4, 8),
      (9, true, 'zero rate', '2019-01-01', 100, 4, 9),
      (10, true, 'several of everything', '9999-12-31 23:59:59.999999', 100, 4, 10),
      (11, true, 'taxes of several types', '2019-01-01', 100, 4, 11),
      (12, true, 'taxes of other types', '2019-01-01', 100, 4, 12),
      (13, true, 'half', '1969-12-31 23:59:59.999999', 0.01, 4, 1),
      (14, true, 'half below zero', '1970-01-01', -0.01, 4, 1),
      (15, true, 'of a provider that is gone', '2019-01-01', 100, 2147483647, 1),
      (16, true, 'of a provider without a name', '2019-01-01', 100, 1, 1),
      (17, true, 'for an order that is gone', '2019-01-01', 100, null, 0),
      (19, false, 'neither active nor ordered', '2019-01-01', 100, 4, null),
      (20, true, 'time of another type', '2019-01-01', 100, 4, 1),
      (21, true, 'tax of zero', '2019-01-01', 100, 4, 1),
      (22, true, 'half after its tax', '2019-01-01', 0.03, 4, 1),
      (23, true, 'a hair less than a half', '0001-01-01', 999999999879.59, 4, 1),
      (24, true, 'least rate', '1883-11-18 12:03:58.5', -123456.78, 4, 1),
      (2147483647, true, 'all of it tax', '2019-01-01', 999999999999.99, 4, 1)
    ) as given (id, active, name, created_at, total, provider_id, order_id)`,
  bulk: `
    insert into proposals
    select
      g,
      g % 7 <> 0,
      'Offer ' || g || ': ' || md5(g::text),
      g % 13 = 0,
      case when g % 31 <> 0 then (array['standard', 'custom'])[1 + g % 2] end,
      case when g % 29 <> 0 then (array['draft', 'sent', 'accepted'])[1 + g % 3] end,
      g % 37 = 0,
      case when g % 4 = 0 then (array['price', 'quality', 'speed'])[1 + g % 2:g % 5] end,
      case when g % 3 <> 0 then (array[0, 5, 12.5, 8.8751])[1 + g % 4] end,
      case when g % 19 <> 0 then (array['Mina Harker', 'Lucy Westenra'])[1 + g % 2] end,
      case when g % 17 <> 0 then (1 + g * 7919 % 4000)::int end,
      case when g % 89 <> 0 then md5('proposal ' || g)::uuid end,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      cents / 100.0,
      round(cents * 1.0825 / 100, 2),
      case when g % 23 <> 0 then (1 + g * 7919 % 720)::int end,
      case when g % 6 = 0 then (array['goods', 'services'])[1 + g % 4 / 2] end,
      case when g % 9 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 41 <> 0 then (array['Pg::Proposal', 'Pg::CustomProposal'])[1 + g % 2] end,
      case when g % 43 <> 0 then (1 + g * 7919 % 5000)::int end,
      case when g % 47 <> 0 then (array['open', 'accepted', 'declined'])[1 + g % 3] end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        g * 104729 % 90000000 as cents,
        timestamp '2013-01-01' + g * 15101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on proposals (user_id);
    create index on proposals (provider_id);
    create index on proposals (order_id);
    create index on proposals (ware_id)`,
}
