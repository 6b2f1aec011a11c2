/** The two enriched tables that are measured, with all that they look rows up in; hashes stand for chance. */

/** Drawn per number `g`: three numbers below 2^31. */
const chance = `
  cross join lateral (
    select
      hashint8(g)::bigint & 2147483647 as h1,
      hashint8(g + 1000000007)::bigint & 2147483647 as h2,
      hashint8(g + 2000000011)::bigint & 2147483647 as h3
  ) chance`

/** What both look up in; made by whichever comes first. */
export const createLookedUp = `
  create table if not exists providers (id integer primary key, name varchar);
  create table if not exists currencies (
    id integer primary key, exchangable_id integer, exchangable_type varchar, currency varchar, conversion_rate numeric
  );
  create table if not exists shippings (
    id integer primary key, shipable_id integer, shipable_type varchar, cost numeric(14, 2) not null
  );
  create table if not exists taxes (
    id integer primary key, taxable_id integer, taxable_type varchar, amount numeric(14, 2) not null,
    percent_rate numeric(7, 4) not null, type varchar
  );
  create table if not exists action_items (
    id bigint primary key, order_id integer, provider_id varchar, action_performed varchar
  );
  insert into providers select g, 'Provider ' || g from generate_series(1, 20000) g on conflict do nothing`

/** A currency for nine documents in ten of `type`, and shippings and taxes for half of them. */
function fillLookedUp(type: string, from: number): string {
  return `
    insert into currencies
    select ${from} + g, g, '${type}', (array['USD', 'EUR', 'GBP', 'CHF', 'JPY'])[1 + h1 % 5],
      case when h2 % 50 > 0 then h2 % 2000000 / 1000000.0 end
    from generate_series(1, $1::bigint) g ${chance} where h3 % 10 > 0;
    insert into shippings
    select ${from} + g, g, '${type}', h1 % 100000 / 100.0 from generate_series(1, $1::bigint) g ${chance} where h2 % 2 = 0;
    insert into taxes
    select ${from} + g, g, '${type}', h1 % 100000 / 100.0, h2 % 250000 / 10000.0, 'Pg::RetailTax'
    from generate_series(1, $1::bigint) g ${chance} where h3 % 2 = 0`
}

const place = 100_000_000

export const createPurchaseOrders = `
  create table purchase_orders (
    id integer primary key, version_number integer not null, referenced_po_id integer, ad_po_number varchar,
    payment_terms integer, po_number varchar, po_created_at timestamp, accepted boolean, rejected boolean,
    obsoleted boolean, completed boolean, justifications text[] not null, commission_rate numeric(7, 4),
    provider_shipping_address_id integer, customer_shipping_address_id integer, cpo_id integer, proposal_id integer,
    created_at timestamp, uuid uuid, total_price numeric(14, 2) not null, subtotal_price numeric(14, 2) not null,
    provider_id integer, order_id integer, type varchar, supplier_updated boolean, updated_at timestamp,
    user_id integer, request_id integer
  );
  ${createLookedUp}`

/** `$1` customers' purchase orders, each of an order and a proposal made not long before, and one of a provider for every tenth. */
export const fillPurchaseOrders = `
  insert into purchase_orders
  select g, 1 + h1 % 3, case when h1 % 4 = 0 then g / 2 end, case when h2 % 2 = 0 then 'AD-' || h2 % 1000000 end,
    (array[30, 45, 60, 90])[1 + h1 % 4], 'PO-' || lpad(g::text, 9, '0'),
    timestamp '2015-01-01' + g * interval '37.000123 seconds', h1 % 2 = 0, h2 % 9 = 0, h3 % 11 = 0, h1 % 3 = 0,
    case when h3 % 5 = 0 then array['lowest price'] else array[]::text[] end, h2 % 250000 / 10000.0,
    h1 % 50000, h2 % 50000, null, greatest(1, g - h3 % 5000), timestamp '2015-01-01' + g * interval '37 seconds', md5(g::text)::uuid,
    h1 % 100000000 / 100.0, h1 % 90000000 / 100.0, 1 + h2 % 20000, greatest(1, g - h1 % 5000),
    (array['Pg::CustomerPurchaseOrder', 'Pg::PurchaseOrder'])[1 + h1 % 2], h1 % 7 = 0,
    timestamp '2020-01-01' + h3 % 100000 * interval '1 minute', 1 + h1 % 100000, 1 + h2 % 100000
  from generate_series(1, $1::bigint) g ${chance};
  insert into purchase_orders (id, version_number, ad_po_number, cpo_id, type, justifications, total_price, subtotal_price)
  select ${place} + g, 1, 'AD-P-' || g, g, 'Pg::ProviderPurchaseOrder', array[]::text[], 0, 0
  from generate_series(1, $1::bigint, 10) g;
  insert into action_items
  select g, g, (1 + h1 % 20000)::text, 'new_request' from generate_series(1, $1::bigint) g ${chance};
  ${fillLookedUp('Pg::PurchaseOrderBase', 0)};
  ${fillLookedUp('Pg::ProposalBase', place)}`

export const createInvoices = `
  create table invoices (
    id integer primary key, invoice_number varchar, cancelled boolean not null, issued_at timestamp,
    document_type varchar not null, commission_rate numeric(7, 4), purchase_order_id integer, created_at timestamp,
    updated_at timestamp, uuid uuid, subtotal_price numeric(14, 2) not null, total_price numeric(14, 2) not null,
    discount_amount numeric(14, 2) not null, provider_id integer, order_id integer, approved_for_payment boolean,
    discount varchar
  );
  ${createLookedUp}`

export const fillInvoices = `
  insert into invoices
  select g, 'INV-' || lpad(g::text, 9, '0'), h1 % 20 = 0, timestamp '2015-01-01' + g * interval '41.5 seconds',
    case when h2 % 15 = 0 then 'credit_note' else 'standard' end, h2 % 250000 / 10000.0, 1 + h3 % $1,
    timestamp '2015-01-01' + g * interval '41 seconds', timestamp '2020-01-01' + h3 % 100000 * interval '1 minute',
    md5(g::text)::uuid, h1 % 90000000 / 100.0, h1 % 100000000 / 100.0, h3 % 1000 / 100.0, 1 + h2 % 20000, 1 + h3 % $1,
    h1 % 2 = 0, case when h1 % 30 = 0 then 'early payment' end
  from generate_series(1, $1::bigint) g ${chance};
  ${fillLookedUp('Pg::Invoice', 2 * place)}`
