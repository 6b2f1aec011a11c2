/** One row per item of a proposal, a purchase order or an invoice, with its price and tax rate. */
import type { SeedTable } from './seed-table.ts'

export const milestones: SeedTable = {
  name: 'milestones',
  rows: 30_000,
  create: `
    create table milestones (
      id integer primary key,
      itemizable_id integer,
      itemizable_type varchar,
      unit_price numeric(14, 2) not null,
      total_price numeric(14, 2) not null,
      type varchar not null,
      name varchar,
      quantity numeric(14, 4) not null,
      state varchar not null,
      tax_rate numeric(7, 4) not null,
      currency varchar,
      unit_of_measure varchar,
      classifications jsonb not null,
      line_number integer,
      comments text,
      created_at timestamp,
      updated_at timestamp,
      status varchar,
      provider_id integer,
      cancelled_at timestamp,
      shipped_at timestamp,
      estimated_date timestamp
    )`,
  awkward: `
    insert into milestones values
      (1, null, null, 0, 0, '', null, 0, '', 0, null, null, '{}', null, null, null, null, null, null, null, null, null),
      (2, 0, '', -0.01, -0.01, '', '', -0.0001, '', -0.0001, '', '', 'null', 0, '', '1970-01-01', '1969-12-31 23:59:59.999999', '',
        0, '1970-01-01', '1969-12-31 23:59:59.999999', '0001-01-01'),
      (3, 2147483647, 'Pg::ProposalBase', 999999999999.99, 999999999999.99, 'Pg::Milestone', 'the greatest', 9999999999.9999,
        'open', 999.9999, 'XTS', 'h', '{"𝔇": ["🧛", "漢字", null, 1e-7]}', 2147483647, 'Grüße, עברית, e' || chr(769),
        '9999-12-31 23:59:59.999999', '0001-01-01', 'öffentlich', 2147483647, '9999-12-31', '9999-12-31', '9999-12-31'),
      (4, -2147483648, 'Pg::Invoice', -999999999999.99, -999999999999.99, 'Pg::Milestone', 'the least', -9999999999.9999,
        'open', -999.9999, 'XTS', 'µg', '[12345678901234567890.123456789, -0.0, "\\\\", "\\u0001"]', -2147483648,
        E'"a";''b''\\\\c\\td\\ne, \\\\N', '1883-11-18 12:03:58.5', '2038-01-19 03:14:08', 'NULL', -2147483648, '2000-02-29',
        '2024-02-29', '2018-06-01 00:00:00.000001'),
      (5, 5, 'Pg::Invoice', 0.03, 0.03, 'Pg::Milestone', 'a tax with eight decimals', 1, 'done', 8.8751, 'EUR', 'piece', '[]', 1,
        repeat('A long comment. ', 8192), '2018-06-01', '2018-06-01', 'done', 5, null, '2018-06-02', null)`,
  bulk: `
    insert into milestones
    select
      g,
      case when g % 997 <> 0 then (1 + g * 7919 % 12000)::int end,
      case when g % 991 <> 0 then (array['Pg::ProposalBase', 'Pg::PurchaseOrderBase', 'Pg::Invoice'])[1 + g % 3] end,
      cents / 100.0,
      round(cents * (1 + g % 12) / 100.0 * case when g % 19 = 0 then -1 else 1 end, 2),
      (array['Pg::Milestone', 'Pg::MilestoneDeliverable', 'Pg::ShippingMilestone'])[1 + g % 3],
      case when g % 983 <> 0 then 'Phase ' || 1 + g % 9 || ': ' || md5(g::text) end,
      1 + g % 12,
      (array['open', 'shipped', 'received', 'done'])[1 + g % 4],
      (array[0, 0, 19, 8.875, 7.7, 20])[1 + g % 6],
      case when g % 977 <> 0 then (array['USD', 'USD', 'EUR', 'GBP'])[1 + g % 4] end,
      case when g % 971 <> 0 then (array['sample', 'hour', 'piece', 'mg'])[1 + g % 4] end,
      jsonb_build_object('unspsc', 10000000 + g % 999, 'hazardous', g % 5 = 0),
      case when g % 967 <> 0 then (1 + g % 30)::int end,
      case when g % 9 = 0 then 'As agreed, see note ' || g end,
      case when g % 953 <> 0 then moment end,
      case when g % 947 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 941 <> 0 then (array['new', 'accepted', 'closed'])[1 + g % 3] end,
      case when g % 937 <> 0 then (1 + g % 700)::int end,
      case when g % 23 = 0 then moment + interval '30 days' end,
      case when g % 4 > 0 then moment + interval '20 days' end,
      case when g % 3 > 0 then date_trunc('day', moment) + interval '25 days' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        g * 104729 % 5000000 as cents,
        timestamp '2013-01-01' + g * 12101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on milestones (itemizable_type, itemizable_id);
    create index on milestones (provider_id)`,
}
