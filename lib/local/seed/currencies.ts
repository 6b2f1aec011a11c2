/**
 * The largest: one row per exchange rate set on an order, an invoice or a proposal. XTS is ISO 4217's code for tests.
 * Documents up to 100 have only what is said of them by hand.
 */
import type { SeedTable } from './seed-table.ts'

export const currencies: SeedTable = {
  name: 'currencies',
  rows: 200_000,
  create: `
    create table currencies (
      id integer primary key,
      exchangable_id integer,
      exchangable_type varchar,
      currency varchar,
      conversion_rate numeric,
      conversion_set_at timestamp,
      conversion_history jsonb,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into currencies values
      (1, null, null, null, null, null, null, null, null),
      (2, 0, '', '', 0, '1970-01-01', '{}', '1970-01-01', '1970-01-01 00:00:00.000001'),
      (3, 3, 'Pg::𝔇racula 🧛🏽‍♀️', '₿', 0.000001, '1969-12-31 23:59:59.999999',
        '{"𝔇": "🧛", "ключ": ["漢字", "עברית", null, true, 1e-7]}', '1883-11-18 12:03:58.5', '1900-02-28 23:59:59.9'),
      (4, 4, 'Pg::Invoice', 'XTS', 999999999999.999999, '9999-12-31 23:59:59.999999', '"text"',
        '9999-12-31 23:59:59.999', '2038-01-19 03:14:08'),
      (5, 5, 'Pg::Invoice', 'XTS', 1.1200000000, '0001-01-01', 'null', '0001-01-01 00:00:00.000001', '1582-10-10'),
      (6, -2147483648, E'"a";''b''\\\\c\\td\\ne\\r\\n, \\\\N \\\\. \\x01', ' XTS ', 1, '2016-12-31 23:59:59.999999',
        '[12345678901234567890.123456789, -0.0, 1e300, "\\\\", "\\"", "\\u0001"]', '2000-02-29', '2024-02-29 12:00'),
      (7, 2147483647, repeat('Pg::Exchangable::', 20) || 'A', 'XTS', 0.1, '2020-03-08 02:30:00',
        (select jsonb_agg(jsonb_build_object('step', n, 'rate', n / 64.0, 'set_by', md5(n::text)))
           from generate_series(1, 3000) n), '2020-03-29 02:30:00', null),
      (8, 1, repeat('Pg::Exchangable::', 20) || 'B', 'XTS', 00123.4500, null, '[[[[[[]]]]]]', null, '2020-10-25 02:30:00'),
      (9, 1, 'Pg::Invoice', 'EUR', 0.913207, '2018-06-01', null, '2018-06-01', '2018-06-01'),
      (10, 1, 'Pg::Invoice', 'GBP', 0.781299, '2018-06-01 00:00:00.000001', null, '2018-06-01', '2018-06-01'),
      (11, 2, 'Pg::Invoice', 'EUR', 0, '2018-06-02', '[]', '2018-06-02', '2018-06-02'),
      (12, 3, 'Pg::Invoice', 'JPY', null, '2018-06-03', '[]', '2018-06-03', '2018-06-03');
    insert into currencies (id, exchangable_id, exchangable_type, currency, conversion_rate) values
      (13, 7, 'Pg::InvoiceLine', 'EUR', 0.9),
      (14, 7, 'Pg::ProposalBase', 'EUR', 0.9),
      (15, 8, 'Pg::Invoice', 'EUR', 1.28),
      (16, 9, 'Pg::Invoice', 'EUR', 1.28),
      (17, 10, 'Pg::Invoice', 'CNY', 6.4),
      (18, 11, 'Pg::Invoice', 'CNY', 6.4),
      (19, 12, 'Pg::Invoice', 'CAD', 1.360001),
      (20, 13, 'Pg::Invoice', 'XTS', 0.000001),
      (21, 14, 'Pg::Invoice', 'XTS', 3),
      (22, 15, 'Pg::Invoice', null, 2),
      (23, 16, 'Pg::Invoice', 'XTS', 32),
      (25, 17, 'Pg::Invoice', 'CHF', null),
      (24, 17, 'Pg::Invoice', 'CHF', 0.88),
      (27, 18, 'Pg::Invoice', 'CHF', 2),
      (26, 18, 'Pg::Invoice', 'CHF', 0),
      (28, 8, 'Pg::ProposalBase', 'EUR', null),
      (29, 9, 'Pg::ProposalBase', 'EUR', 0),
      (31, 10, 'Pg::ProposalBase', 'GBP', 4),
      (30, 10, 'Pg::ProposalBase', 'EUR', 2),
      (32, 13, 'Pg::ProposalBase', 'EUR', 1.28),
      (33, 14, 'Pg::ProposalBase', 'EUR', 1.28),
      (34, 22, 'Pg::ProposalBase', 'CNY', 6.4),
      (35, 6, 'Pg::ProposalBase', 'SEK', 10.4),
      (36, 5, 'Pg::ProposalBase', 'XTS', 8),
      (37, 4, 'Pg::ProposalBase', null, 3),
      (38, 23, 'Pg::ProposalBase', 'CAD', 1.360001),
      (39, 24, 'Pg::ProposalBase', 'XTS', 0.000001),
      (40, 27, 'Pg::PurchaseOrderBase', 'EUR', null),
      (41, 28, 'Pg::PurchaseOrderBaseInit', 'EUR', 0),
      (43, 29, 'Pg::PurchaseOrderBaseInit', 'GBP', 4),
      (42, 29, 'Pg::PurchaseOrderBase', 'EUR', 2),
      (45, 30, 'Pg::PurchaseOrderBase', 'XTS', 8),
      (44, 30, 'Pg::PurchaseOrderBaseInit', 'XTS', 3),
      (46, 31, 'Pg::PurchaseOrder', 'EUR', 2),
      (47, 44, 'Pg::PurchaseOrderBase', 'EUR', 1.28),
      (48, 45, 'Pg::PurchaseOrderBase', 'EUR', 1.28),
      (49, 46, 'Pg::PurchaseOrderBaseInit', 'EUR', 1.28),
      (50, 47, 'Pg::PurchaseOrderBase', 'CNY', 6.4),
      (51, 57, 'Pg::PurchaseOrderBase', 'CAD', 1.360001),
      (52, 58, 'Pg::PurchaseOrderBaseInit', 'XTS', 0.000001),
      (53, 39, 'Pg::PurchaseOrderBase', null, 3),
      (54, 59, 'Pg::PurchaseOrderBaseInit', 'EUR', 1.28)`,
  bulk: `
    insert into currencies
    select
      g,
      case when g % 997 <> 0 then 101 + g * 7919 % greatest($2::bigint * 3 / 10, 1) end,
      case when g % 991 <> 0 then
        (array['Pg::Invoice', 'Pg::ProposalBase', 'Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit'])[1 + g / 7 % 4] end,
      case when g % 983 <> 0 then (array['USD', 'EUR', 'GBP', 'CHF', 'CAD', 'AUD', 'SEK', 'JPY', 'INR', 'CNY'])[c] end,
      case
        when g % 499 = 0 then 0
        when g % 101 <> 0 then round(
          (array[1, 0.92, 0.79, 0.88, 1.36, 1.52, 10.4, 151, 83.5, 7.2])[c]
            * case when c = 1 then 1 else 0.9 + g * 611953 % 200000 / 1000000.0 end, 6)
      end,
      case when g % 103 <> 0 then moment end,
      case when g % 4 = 0 then jsonb_build_array(
        jsonb_build_object('from', 'USD', 'rate', 1 + g % 1000 / 1000.0, 'set_at', moment - interval '1 day'),
        jsonb_build_object('from', 'USD', 'rate', 1 + g % 777 / 1000.0, 'set_at', moment)) end,
      case when g % 977 <> 0 then moment end,
      case when g % 971 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        (array[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10])[1 + g * 7907 % 21] as c,
        timestamp '2012-05-01' + g * 1577123457 % 400000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on currencies (exchangable_type, exchangable_id)',
}
