/** One row per shipping cost of a proposal, a purchase order or an invoice; of those up to 100 only by hand. */
import type { SeedTable } from './seed-table.ts'

export const shippings: SeedTable = {
  name: 'shippings',
  rows: 20_000,
  create: `
    create table shippings (
      id integer primary key,
      shipable_id integer,
      shipable_type varchar,
      cost numeric(14, 2) not null,
      free_shipping boolean not null,
      currency varchar,
      notes text,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into shippings values
      (1, null, null, 0, false, null, null, null, null),
      (2, 0, '', -0.01, true, '', '', '1970-01-01', '1969-12-31 23:59:59.999999'),
      (3, 2147483647, 'Pg::ProposalBase', 999999999999.99, false, 'XTS', 'the greatest', '9999-12-31 23:59:59.999999',
        '0001-01-01'),
      (4, -2147483648, 'Pg::Invoice', -999999999999.99, false, 'XTS', 'the least', '1883-11-18 12:03:58.5',
        '2038-01-19 03:14:08'),
      (5, 5, 'Pg::𝔇racula 🧛🏽‍♀️', 12.5, false, '€', E'Grüße, 漢字, עברית\\n\\t"a";''b''\\\\c, \\\\N', '2000-02-29', '2024-02-29'),
      (6, 6, 'Pg::Invoice', 10, false, 'EUR', 'two of one invoice', '2018-06-01', '2018-06-01 00:00:00.000001'),
      (7, 6, 'Pg::Invoice', 0, true, 'EUR', 'the later of them, at no cost', '2018-06-01', '2018-06-01');
    insert into shippings (id, shipable_id, shipable_type, cost, free_shipping) values
      (8, 7, 'Pg::ProposalBase', 33, false),
      (9, 8, 'Pg::Invoice', 0.01, false),
      (10, 9, 'Pg::Invoice', 2.50, false),
      (11, 3, 'Pg::Invoice', 1.25, false),
      (12, 32, 'Pg::PurchaseOrderBase', 5, false),
      (13, 33, 'Pg::PurchaseOrderBase', 0, true),
      (14, 31, 'Pg::ProposalBase', 7.50, false),
      (15, 35, 'Pg::PurchaseOrderBaseInit', 0, true),
      (18, 37, 'Pg::PurchaseOrderBaseInit', 0, true),
      (16, 37, 'Pg::PurchaseOrderBase', 9, false),
      (19, 32, 'Pg::ProposalBase', 2, false),
      (17, 32, 'Pg::ProposalBase', 1, false),
      (20, 33, 'Pg::ProposalBase', 0, true),
      (21, 44, 'Pg::PurchaseOrderBase', 10, false),
      (22, 38, 'Pg::PurchaseOrder', 99, false),
      (23, 43, 'Pg::PurchaseOrderBaseInit', 12.34, false),
      (24, 27, 'Pg::PurchaseOrderBase', 1, false),
      (25, 28, 'Pg::PurchaseOrderBase', 1, false),
      (26, 59, 'Pg::PurchaseOrderBase', 0.01, false)`,
  bulk: `
    insert into shippings
    select
      g,
      case when g % 997 <> 0 then 101 + g * 7919 % greatest($2::bigint * 3 / 5, 1) end,
      case when g % 991 <> 0 then
        (array['Pg::ProposalBase', 'Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit', 'Pg::Invoice'])[1 + g / 7 % 4] end,
      case when g % 5 = 0 then 0 else g * 104729 % 500000 / 100.0 end,
      g % 5 = 0,
      case when g % 983 <> 0 then (array['USD', 'USD', 'USD', 'EUR', 'GBP', 'CHF'])[1 + g % 6] end,
      case when g % 17 = 0 then '' when g % 3 = 0 then 'On dry ice, parcel ' || md5(g::text) end,
      case when g % 977 <> 0 then moment end,
      case when g % 971 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 18101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on shippings (shipable_type, shipable_id)',
}
