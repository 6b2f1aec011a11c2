/**
 * One row per tax on a proposal, a purchase order or an invoice; a credit's amounts are negative.
 * Documents up to 100 have only those given them by hand.
 */
import type { SeedTable } from './seed-table.ts'

export const taxes: SeedTable = {
  name: 'taxes',
  rows: 60_000,
  create: `
    create table taxes (
      id integer primary key,
      taxable_id integer,
      taxable_type varchar,
      amount numeric(14, 2) not null,
      category varchar,
      currency varchar,
      description text,
      locale varchar,
      notes text,
      percent_rate numeric(7, 4) not null,
      created_at timestamp,
      updated_at timestamp,
      type varchar
    )`,
  awkward: `
    insert into taxes values
      (1, null, null, 0, null, null, null, null, null, 0, null, null, null),
      (2, 0, '', -0.01, '', '', '', '', '', -0.0001, '1970-01-01', '1969-12-31 23:59:59.999999', ''),
      (3, 2147483647, 'Pg::ProposalBase', 999999999999.99, 'sales', 'XTS', 'the greatest', 'en-US', null, 999.9999,
        '9999-12-31 23:59:59.999999', '0001-01-01', 'Pg::RetailTax'),
      (4, -2147483648, 'Pg::Invoice', -999999999999.99, 'sales', 'XTS', 'the least', 'en-US', null, -999.9999,
        '1883-11-18 12:03:58.5', '2038-01-19 03:14:08', 'Pg::RetailTax'),
      (5, 5, 'Pg::Invoice', 19.00, 'MwSt. 🧛', 'EUR', 'Steuer für „𝔇racula“, 漢字, עברית, e' || chr(769), 'de-AT',
        E'tab\\there\\nnew line, \\\\N and "quotes" and ''apostrophes''', 19, '2000-02-29', '2024-02-29', 'Pg::RetailTax'),
      (6, 6, 'Pg::Invoice', 0.10, 'sales', 'EUR', repeat('Value added tax on research services, ', 30) || 'A', 'en-GB',
        chr(65533) || chr(1114111), 7.7, '2018-06-01', '2018-06-01 00:00:00.000001', 'Pg::RetailTax'),
      (7, 6, 'Pg::Invoice', 0.20, 'sales', 'EUR', repeat('Value added tax on research services, ', 30) || 'B', 'en-GB',
        ' leading and trailing ', 7.7, '2018-06-01', '2018-06-01', 'Pg::RetailTax'),
      (8, 6, 'Pg::Invoice', 0.30, 'sales', 'EUR', repeat('𝔇', 5000), 'en-GB', 'NULL', 7.7, null, null, 'Pg::WholesaleTax');
    insert into taxes (id, taxable_id, taxable_type, amount, percent_rate, type) values
      (9, 3, 'Pg::ProposalBase', 0.03, 1, 'Pg::RetailTax'),
      (10, 4, 'Pg::ProposalBase', 0.03, 1, 'Pg::RetailTax'),
      (11, 5, 'Pg::ProposalBase', 0.03, 1, 'Pg::RetailTax'),
      (12, 6, 'Pg::ProposalBase', 0.03, 1, 'Pg::RetailTax'),
      (14, 10, 'Pg::ProposalBase', 2, 2, 'Pg::RetailTax'),
      (13, 10, 'Pg::ProposalBase', 1, 1, 'Pg::RetailTax'),
      (15, 11, 'Pg::ProposalBase', 1.50, 1, 'Pg::RetailTax'),
      (16, 11, 'Pg::ProposalBase', 9.99, 1, 'Pg::WholesaleTax'),
      (17, 12, 'Pg::ProposalBase', 9.99, 1, 'Pg::WholesaleTax'),
      (18, 12, 'Pg::ProposalBase', 9.99, 1, null),
      (19, 21, 'Pg::ProposalBase', 0, 5, 'Pg::RetailTax'),
      (20, 22, 'Pg::ProposalBase', 0.02, 5, 'Pg::RetailTax'),
      (21, 7, 'Pg::Invoice', 9.99, 1, 'Pg::RetailTax'),
      (22, 8, 'Pg::ProposalBase', 5, 1, 'Pg::RetailTax'),
      (23, 38, 'Pg::PurchaseOrderBase', 4.44, 8.8751, 'Pg::RetailTax'),
      (24, 34, 'Pg::ProposalBase', 3.21, 19, 'Pg::RetailTax'),
      (25, 39, 'Pg::PurchaseOrderBaseInit', 0, 7.7, 'Pg::RetailTax'),
      (26, 35, 'Pg::ProposalBase', 8.88, 1, 'Pg::WholesaleTax'),
      (27, 42, 'Pg::PurchaseOrderBase', 6.66, 6, 'Pg::WholesaleTax'),
      (28, 37, 'Pg::ProposalBase', 1.11, 1, 'Pg::RetailTax'),
      (29, 37, 'Pg::ProposalBase', 2.22, 2, 'Pg::WholesaleTax'),
      (31, 43, 'Pg::PurchaseOrderBaseInit', 0, 2.5, 'Pg::RetailTax'),
      (30, 43, 'Pg::PurchaseOrderBase', 5, 5, 'Pg::RetailTax'),
      (32, 44, 'Pg::PurchaseOrderBase', 1, 8.8751, 'Pg::RetailTax'),
      (33, 46, 'Pg::PurchaseOrderBaseInit', -0.01, 0, 'Pg::RetailTax'),
      (34, 47, 'Pg::PurchaseOrderBase', 0.01, 0, 'Pg::RetailTax'),
      (35, 60, 'Pg::PurchaseOrder', 9.99, 9, 'Pg::RetailTax'),
      (36, 59, 'Pg::PurchaseOrderBase', 0, 4, 'Pg::RetailTax'),
      (37, 27, 'Pg::PurchaseOrderBase', 1, 1, 'Pg::RetailTax'),
      (38, 28, 'Pg::PurchaseOrderBase', 1, 1, 'Pg::RetailTax'),
      (39, 36, 'Pg::Invoice', 7.77, 7, 'Pg::RetailTax'),
      (40, 34, 'Pg::PurchaseOrderBase', 1, 10, 'Pg::RetailTax')`,
  bulk: `
    insert into taxes
    select
      g,
      case when g % 997 <> 0 then 101 + g * 7919 % greatest($2::bigint / 2, 1) end,
      case when g % 991 <> 0 then
        (array['Pg::ProposalBase', 'Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit', 'Pg::Invoice'])[1 + g / 7 % 4] end,
      case when g % 13 = 0 then 0 when g % 11 = 0 then -cents / 100.0 else cents / 100.0 end,
      case when g % 7 <> 0 then (array['sales', 'vat', 'gst', 'withholding', 'none'])[1 + g % 5] end,
      case when g % 983 <> 0 then (array['USD', 'USD', 'USD', 'EUR', 'GBP', 'CHF'])[1 + g % 6] end,
      case when g % 3 <> 0 then
        'Tax on services rendered to the customer named in the document, as computed on the day of its issue, number '
          || 'T-' || lpad(g::text, 9, '0') end,
      case when g % 5 <> 0 then (array['en-US', 'en-GB', 'de-AT', 'fr-CH'])[1 + g % 4] end,
      case when g % 17 = 0 then '' when g % 19 = 0 then 'vérifié ✅ ' || md5(g::text) end,
      case when g % 13 = 0 then 0 else (array[20, 19, 8.875, 7.7, 21, 0.0001, 6.25])[1 + g % 7] end,
      case when g % 977 <> 0 then moment end,
      case when g % 971 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 967 <> 0 then (array['Pg::RetailTax', 'Pg::RetailTax', 'Pg::WholesaleTax'])[1 + g % 3] end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        g * 104729 % 50000000 as cents,
        timestamp '2013-01-01' + g * 6101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on taxes (taxable_type, taxable_id)',
}
