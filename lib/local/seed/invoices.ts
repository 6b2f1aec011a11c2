/** One row per invoice or credit note. Those up to 100 have only the currencies, shippings and taxes given them by hand. */
import type { SeedTable } from './seed-table.ts'

export const invoices: SeedTable = {
  name: 'invoices',
  rows: 20_000,
  create: `
    create table invoices (
      id integer primary key,
      invoice_number varchar,
      cancelled boolean not null,
      issued_at timestamp,
      document_type varchar not null,
      commission_rate numeric(7, 4),
      purchase_order_id integer,
      created_at timestamp,
      updated_at timestamp,
      uuid uuid,
      subtotal_price numeric(14, 2) not null,
      total_price numeric(14, 2) not null,
      discount_amount numeric(14, 2) not null,
      provider_id integer,
      order_id integer,
      approved_for_payment boolean,
      discount varchar
    )`,
  awkward: `
    insert into invoices values
      (1, null, false, null, 'standard', null, null, null, null, null, 0, 100, 0, null, null, null, null),
      (2, '', true, '1970-01-01', 'standard', -0.0001, 0, '1970-01-01', '1969-12-31 23:59:59.999999',
        '00000000-0000-0000-0000-000000000000', 90, 100, 0, 0, 0, false, ''),
      (3, 'null rate', false, '9999-12-31 23:59:59.999999', 'credit_note', 999.9999, 2147483647, '9999-12-31 23:59:59.999999',
        '0001-01-01', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 90, 100, 1.25, 2147483647, 2147483647, true, '10 %'),
      (4, 'the greatest', false, '1883-11-18 12:03:58.5', 'standard', 12.5, -2147483648, '1883-11-18 12:03:58.5',
        '2038-01-19 03:14:08', md5('4')::uuid, 999999999999.99, 999999999999.99, 0, -2147483648, -2147483648, null, 'NULL'),
      (5, 'Gutschrift № 5 🧛🏽‍♀️ 漢字', false, '2018-06-01', 'Gutschrift 🧛', 0, 5, '2018-06-01', '2018-06-01', md5('5')::uuid,
        -90, -100.01, -5, 5, 5, true, 'עברית e' || chr(769)),
      (6, 'two shippings', false, null, 'standard', null, 6, '2018-06-01 00:00:00.000001', null, md5('6')::uuid, 90, 100, 0, 6, 6, null,
        null),
      (7, 'all of other types', false, null, 'standard', null, 7, '1969-12-31 23:59:59.999999', null, md5('7')::uuid, 90, 100, 0, 7, 7,
        null, null);
    insert into invoices (id, invoice_number, cancelled, document_type, created_at, uuid, subtotal_price, total_price, discount_amount)
    select id, name, false, type, created_at::timestamp, md5(name)::uuid, subtotal, total, discount
    from (values
      (8, 'half', 'standard', '2018-05-31 23:59:59.999999', 0, 0.01, 0),
      (9, 'half of a credit', 'credit_note', '2018-06-01 00:00:00.000001', 0.04, 0.01, 0.02),
      (10, 'another half', 'standard', '1969-12-31', 0.01, 0.01, 0.01),
      (11, 'another half of a credit', 'credit_note', '1900-02-28 12:00', 0, 0.01, 0),
      (12, 'a hair less than a half', 'standard', '2000-02-29', 0, 999999999879.59, 0),
      (13, 'least rate', 'credit_note', '0001-01-01', 123456.78, 123456.78, 0),
      (14, 'thirds', 'credit_note', null, 0, 999999999999.99, 0),
      (15, 'rate without currency', 'standard', null, 80, 100, 20),
      (16, 'half of a thirty-second', 'standard', null, 0, -0.01, 0),
      (17, 'null rate after a good one', 'standard', null, 1, 1, 0),
      (18, 'good rate after a zero', 'credit_note', null, 1, 1, 0),
      (19, 'no type', '', null, 90, 100, 0),
      (20, 'standard in other letters', 'Standard', null, 90, 100, 0),
      (21, 'nothing', 'credit_note', null, 0, 0, 0),
      (-2147483648, 'least shipping', 'standard', null, 0, -999999999999.99, 0)
    ) as given (id, name, type, created_at, subtotal, total, discount)`,
  bulk: `
    insert into invoices
    select
      g,
      case when g % 41 <> 0 then 'INV-' || lpad(g::text, 8, '0') end,
      g % 17 = 0,
      case when g % 5 <> 0 then moment + interval '1 day' end,
      case when g % 7 = 0 then 'credit_note' else 'standard' end,
      case when g % 3 <> 0 then (array[0, 5, 12.5, 8.8751])[1 + g % 4] end,
      case when g % 11 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 89 <> 0 then md5('invoice ' || g)::uuid end,
      cents / 100.0,
      round(cents * 1.0825 / 100, 2),
      case when g % 6 = 0 then cents / 2000 / 100.0 else 0 end,
      case when g % 19 <> 0 then (1 + g * 7919 % 700)::int end,
      case when g % 23 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 29 <> 0 then g % 2 = 0 end,
      case when g % 6 = 0 then (g % 20) || ' %' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        g * 104729 % 90000000 as cents,
        timestamp '2013-01-01' + g * 19101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on invoices (purchase_order_id);
    create index on invoices (provider_id);
    create index on invoices (order_id)`,
}
