/** One row per version of a purchase order, the customer's and the provider's. Those up to 100 have only what is given them by hand. */
import type { SeedTable } from './seed-table.ts'

export const purchaseOrders: SeedTable = {
  name: 'purchase_orders',
  rows: 15_000,
  create: `
    create table purchase_orders (
      id integer primary key,
      version_number integer not null,
      referenced_po_id integer,
      ad_po_number varchar,
      payment_terms integer,
      po_number varchar,
      po_created_at timestamp,
      accepted boolean,
      rejected boolean,
      obsoleted boolean,
      completed boolean,
      justifications varchar[] not null,
      commission_rate numeric(7, 4),
      provider_shipping_address_id integer,
      customer_shipping_address_id integer,
      cpo_id integer,
      proposal_id integer,
      created_at timestamp,
      uuid uuid,
      total_price numeric(14, 2) not null,
      subtotal_price numeric(14, 2) not null,
      provider_id integer,
      order_id integer,
      type varchar,
      supplier_updated boolean,
      updated_at timestamp,
      user_id integer,
      request_id integer
    )`,
  awkward: `
    insert into purchase_orders values
      (1, 1, null, null, null, '', '1970-01-01', null, null, null, null, '{}', null, null, null, null, null, null, null, 0, 0, null, null,
        'Pg::PurchaseOrder', null, null, null, null),
      (54, -2147483648, 2147483647, 'AD 🧛🏽‍♀️ 漢字', -2147483648, 'Bestell-№ עברית e' || chr(769), '9999-12-31 23:59:59.999999', true, false,
        false, false, '{NULL,"a, \\"b\\" {c}",🧛,NULL,""}', 999.9999, 2147483647, -2147483648, -2147483648, 2147483647,
        '9999-12-31 23:59:59.999999', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 999999999999.99, -999999999999.99, 3, 2147483647,
        'Pg::CustomerPurchaseOrder', true, '0001-01-01', 2147483647, 2147483647),
      (55, 2147483647, null, '', 0, E'tab\\there, \\\\N', '1969-12-31 23:59:59.999999', false, true, true, true, '[0:1]={a,b}', -0.0001, 0, 0, 0,
        0, '1883-11-18 12:03:58.5', '00000000-0000-0000-0000-000000000000', -999999999999.99, 999999999999.99, 0, 0,
        'Pg::PurchaseOrder', false, '1969-12-31 23:59:59.999999', 0, 0);
    insert into purchase_orders (id, version_number, referenced_po_id, obsoleted, completed, rejected, ad_po_number, po_number, po_created_at,
      type, justifications, total_price, subtotal_price)
    select id, version, reference, obsoleted, completed, rejected, 'AD-' || id, 'PO-' || id, '2018-06-01', 'Pg::PurchaseOrder', '{status}', 1, 1
    from (values
      (2, 1, null, true, false, false),
      (3, 2, 1, true, true, true),
      (4, 2, 1, false, false, false),
      (5, 2, null, false, false, false),
      (6, 3, 4, null, true, true),
      (7, 1, 6, false, false, null),
      (8, 1, null, false, true, false),
      (9, 1, null, null, true, true),
      (10, 1, null, null, null, true),
      (11, 1, null, null, null, null),
      (12, 0, 0, false, false, false),
      (13, 2, null, false, true, false),
      (61, 2, 0, false, false, true)
    ) as given (id, version, reference, obsoleted, completed, rejected);
    insert into purchase_orders (id, version_number, type, po_number, po_created_at, ad_po_number, cpo_id, justifications, total_price, subtotal_price)
    select id, 1, type, number, created_at::timestamp, ad_number, cpo_id, '{number}', 1, 1
    from (values
      (14, 'Pg::PurchaseOrder', null, '2018-06-01', 'AD-14', null),
      (15, 'Pg::PurchaseOrder', 'PO-15', null, 'AD-15', null),
      (16, 'Pg::ProviderPurchaseOrder', 'PO-16', '2018-06-01', 'AD-19 of the provider', 19),
      (17, null, 'PO-17', '2018-06-01', 'AD-17', null),
      (18, 'Pg::PurchaseOrderDraft', 'PO-18', '2018-06-01', 'AD-18', 18),
      (19, 'Pg::CustomerPurchaseOrder', 'PO-19', '2018-06-01', 'AD-19', null),
      (20, 'Pg::CustomerPurchaseOrder', 'PO-20', '2018-06-01 23:59:59.999999', null, null),
      (22, 'Pg::ProviderPurchaseOrder', null, null, 'AD-20, the last', 20),
      (21, 'Pg::ProviderPurchaseOrder', 'PO-21', '2018-06-01', 'AD-20, the first', 20),
      (23, 'Pg::CustomerPurchaseOrder', 'PO-23', '2018-06-01 00:00:00.000001', 'AD-23', 19),
      (24, 'Pg::CustomerPurchaseOrder', 'PO-24', '0001-01-01', 'AD-24', 23),
      (25, 'Pg::ProviderPurchaseOrder', 'PO-25', '2018-06-01', null, 24),
      (26, 'Pg::ProviderPurchaseOrder', 'PO-26', '2018-06-01', 'AD-26', null)
    ) as given (id, type, number, created_at, ad_number, cpo_id);
    insert into purchase_orders (id, version_number, type, po_number, po_created_at, justifications, proposal_id, order_id, provider_id,
      total_price, subtotal_price)
    select id, 1, 'Pg::CustomerPurchaseOrder', 'PO-' || id, '2018-06-01 12:00', array[name], proposal_id, order_id, provider_id, total, subtotal
    from (values
      (27, 'null rate', null, null, 4, 100, 90),
      (28, 'zero rate', null, null, 4, 100, 90),
      (29, 'rates of both types', null, null, 4, 100, 90),
      (30, 'rates of both types, the other way', null, null, 4, 100, 90),
      (31, 'rate of another type', null, null, 4, 100, 90),
      (32, 'own shipping', 31, null, 4, 100, 90),
      (33, 'own shipping of 0', 31, null, 4, 100, 90),
      (34, 'no own shipping', 31, null, 4, 100, 90),
      (35, 'own shipping of 0, none of the proposal', 36, null, 4, 100, 90),
      (36, 'no own shipping, 0 of the proposal', 33, null, 4, 100, 90),
      (37, 'several shippings', 32, null, 4, 100, 90),
      (38, 'own tax; shipping of another type', 34, null, 4, 100, 90),
      (39, 'own tax of 0; rate without currency', 34, null, 4, 100, 90),
      (40, 'no own tax', 34, null, 4, 100, 90),
      (41, 'no own tax, another of the proposal', 35, null, 4, 100, 90),
      (42, 'own tax of another type', 37, null, 4, 100, 90),
      (43, 'several taxes', 34, null, 4, 100, 90),
      (44, 'tax and tax of its shipping', null, null, 4, 100, 90),
      (45, 'halves', null, null, 4, 0.01, -0.01),
      (46, 'half of a tax below zero', null, null, 4, 100, 90),
      (47, 'half of a tax', null, null, 4, 0.01, -0.01),
      (48, 'supplier of no order', null, null, 4, 100, 90),
      (49, 'supplier', null, 1, 4, 100, 90),
      (50, 'supplier of null', null, 2, 4, 100, 90),
      (51, 'supplier of another action', null, 3, 4, 100, 90),
      (52, 'several suppliers; provider gone', null, 4, 2147483647, 100, 90),
      (53, 'several suppliers, the last null; provider without a name', null, 5, 1, 100, 90),
      (56, 'supplier is empty', 0, 6, null, 100, 90),
      (57, 'a hair less than a half', null, 7, 4, 999999999879.59, -999999999879.59),
      (58, 'least rate', null, 8, 4, 123456.78, -123456.78),
      (59, 'half of its shipping''s tax', null, 9, 4, 0.64, 0.32),
      (60, 'tax of another type', null, 10, 4, 100, 90)
    ) as given (id, name, proposal_id, order_id, provider_id, total, subtotal)`,
  bulk: `
    insert into purchase_orders
    select
      g,
      (1 + g % 5 / 3)::int,
      case when g % 4 = 0 then (g / 2)::int end,
      case when g % 6 <> 0 then 'AD-' || lpad(g::text, 7, '0') end,
      case when g % 31 <> 0 then (array[30, 60, 90])[1 + g % 3] end,
      case when g % 29 <> 0 then 'PO-' || lpad(g::text, 7, '0') end,
      case when g % 37 <> 0 then moment + interval '1 day' end,
      case when g % 11 <> 0 then g % 2 = 0 end,
      case when g % 13 <> 0 then g % 19 = 0 end,
      case when g % 17 <> 0 then g % 23 = 0 end,
      case when g % 19 <> 0 then g % 3 = 0 end,
      (array['price', 'quality', 'speed'])[1 + g % 2:g % 5],
      case when g % 3 <> 0 then (array[0, 5, 12.5, 8.8751])[1 + g % 4] end,
      case when g % 7 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 8 <> 0 then (1 + g * 104729 % 15000)::int end,
      case when g % 3 = 0 then (101 + g * 7919 % greatest($2::bigint - 100, 1))::int end,
      case when g % 9 <> 0 then (101 + g * 7919 % greatest($2::bigint * 5 / 3, 1))::int end,
      case when g % 79 <> 0 then moment end,
      case when g % 89 <> 0 then md5('purchase order ' || g)::uuid end,
      round(cents * 1.0825 / 100, 2),
      cents / 100.0,
      case when g % 23 <> 0 then (1 + g * 7919 % 720)::int end,
      case when g % 10 <> 0 then (101 + g * 7919 % greatest($2::bigint, 1))::int end,
      case when g % 41 <> 0 then (array['Pg::ProviderPurchaseOrder', 'Pg::CustomerPurchaseOrder', 'Pg::PurchaseOrder'])[1 + g % 3] end,
      case when g % 43 <> 0 then g % 5 = 0 end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 47 <> 0 then (1 + g * 7919 % 4000)::int end,
      case when g % 53 <> 0 then (1 + g * 7919 % 10000)::int end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        g * 104729 % 90000000 as cents,
        timestamp '2013-01-01' + g * 25101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on purchase_orders (referenced_po_id);
    create index on purchase_orders (provider_shipping_address_id);
    create index on purchase_orders (customer_shipping_address_id);
    create index on purchase_orders (cpo_id);
    create index on purchase_orders (proposal_id);
    create index on purchase_orders (provider_id);
    create index on purchase_orders (order_id);
    create index on purchase_orders (user_id);
    create index on purchase_orders (request_id)`,
}
