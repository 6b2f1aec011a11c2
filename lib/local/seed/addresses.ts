/** One row per address of a user, an organization or a provider; half of its columns nobody exports. */
import type { SeedTable } from './seed-table.ts'

export const addresses: SeedTable = {
  name: 'addresses',
  rows: 15_000,
  create: `
    create table addresses (
      id integer primary key,
      type varchar,
      organization_name varchar,
      site_name varchar,
      attention varchar,
      person_name varchar,
      care_of varchar,
      notes text,
      total varchar,
      currency varchar,
      address_id varchar,
      street varchar,
      street2 varchar,
      city varchar,
      state varchar,
      zipcode varchar,
      country varchar,
      created_at timestamp,
      updated_at timestamp,
      name varchar,
      site_type varchar,
      text text,
      addressable_id integer,
      addressable_type varchar,
      legal_entity_id integer
    )`,
  awkward: `
    insert into addresses values
      (1, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null, null),
      (2, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '1970-01-01', '1969-12-31 23:59:59.999999', '', '', '',
        0, '', 0),
      (3, 'Pg::ShippingAddress', 'Ångström & Söhne', '研究所', 'z. H. 🧛🏽‍♀️', 'João d’Ávila', 'c/o', E'"a";''b''\\\\c\\td\\ne, \\\\N',
        '12.50', '€', 'A-3', 'Straße des 17. Juni 135', '3º andar', 'Łódź', 'Île-de-France', '00501', 'ישראל',
        '9999-12-31 23:59:59.999999', '0001-01-01', '𝔇', 'lab', repeat('𝔇', 5000), 2147483647, 'Pg::User', -2147483648),
      (4, 'Pg::BillingAddress', 'NULL', 'null', 'None', ' leading and trailing ', null, null, null, null, '4', E'one\\r\\ntwo', null,
        'São Paulo', 'SP', '01310-100', 'BR', '1883-11-18 12:03:58.5', null, null, null, null, 4, 'Pg::Organization', 4)`,
  bulk: `
    insert into addresses
    select
      g,
      case when g % 97 <> 0 then (array['Pg::ShippingAddress', 'Pg::BillingAddress', 'Pg::SiteAddress'])[1 + g % 3] end,
      case when g % 3 <> 0 then 'Organization ' || g % 3000 end,
      case when g % 5 = 0 then 'Building ' || g % 60 end,
      case when g % 7 = 0 then 'Receiving, dock ' || g % 9 end,
      case when g % 11 <> 0 then (array['Mina', 'Jonathan', 'Lucy', 'Abraham'])[1 + g % 4] || ' ' || md5(g::text) end,
      case when g % 31 = 0 then 'c/o Laboratory ' || g end,
      case when g % 37 = 0 then 'Ring twice' end,
      case when g % 41 = 0 then (g % 900)::text end,
      case when g % 41 = 0 then 'USD' end,
      case when g % 43 = 0 then 'A-' || g end,
      case when g % 101 <> 0 then g % 999 || ' Main Street' end,
      case when g % 6 = 0 then 'Suite ' || g % 400 end,
      case when g % 103 <> 0 then (array['Boston', 'San Diego', 'Wien', 'Zürich', '上海'])[1 + g % 5] end,
      case when g % 5 < 2 then (array['MA', 'CA'])[1 + g % 2] end,
      case when g % 107 <> 0 then lpad((g * 7919 % 100000)::text, 5, '0') end,
      case when g % 109 <> 0 then (array['US', 'US', 'AT', 'CH', 'CN'])[1 + g % 5] end,
      case when g % 83 <> 0 then moment end,
      case when g % 79 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 13 = 0 then 'Address ' || g end,
      case when g % 17 = 0 then 'lab' end,
      case when g % 19 = 0 then g % 999 || ' Main Street, ' || g end,
      case when g % 89 <> 0 then (1 + g * 7919 % 4000)::int end,
      case when g % 89 <> 0 then (array['Pg::User', 'Pg::Organization', 'Pg::Provider'])[1 + g % 3] end,
      case when g % 4 = 0 then (1 + g % 900)::int end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2012-05-01' + g * 24101123457 % 400000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on addresses (address_id);
    create index on addresses (addressable_type, addressable_id);
    create index on addresses (legal_entity_id)`,
}
