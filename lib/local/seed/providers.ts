/** One row per laboratory that offers services, and how far it has come with its account. */
import type { SeedTable } from './seed-table.ts'

export const providers: SeedTable = {
  name: 'providers',
  rows: 700,
  create: `
    create table providers (
      id integer primary key,
      name varchar,
      slug varchar,
      uuid uuid,
      created_at timestamp,
      certifications varchar[] not null,
      setup varchar[] not null,
      score double precision not null,
      tier integer,
      contact_emails varchar[],
      sales_email varchar,
      phone_number varchar,
      ads_advertiser_id integer,
      website varchar,
      number_of_employees varchar,
      type_of_company varchar
    )`,
  awkward: `
    insert into providers values
      (1, null, null, null, null, '{}', '{}', 0, null, null, null, null, null, null, null, null),
      (2, '', '', '00000000-0000-0000-0000-000000000000', '1970-01-01', '{""}', '{""}', '-0', 0, '{}', '', '', 0, '', '', ''),
      (3, 'Ångström & Söhne, 漢字 🧛🏽‍♀️', 'ångström', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '9999-12-31 23:59:59.999999',
        '{NULL,"ISO 9001","a, \\"b\\" {c}",NULL}',
        '{"Create Account","Update Company Profile","Add Addresses","Add Certifications","Add Accounting Details"}',
        '1.7976931348623157e308', 2147483647, '{"a@xn--ngstrm-hua5l.example","研究@例え.jp",NULL}', 'sales@example.org', '+43 1 / 234',
        2147483647, 'https://example.org/漢字?q=🧛', '1 – 10', 'GmbH'),
      (4, 'says one thing three times', 'repeated', md5('4')::uuid, '1969-12-31 23:59:59.999999', '{GLP,GLP}',
        '{"Create Account","Create Account","Add Addresses","Create Account"}', 0.1, -2147483648, '{NULL}', null, null,
        -2147483648, null, 'NULL', null),
      (5, 'says what nobody knows', 'unknown', md5('5')::uuid, '1883-11-18 12:03:58.5', '{NULL}',
        '{"Verify Bank",NULL,"create account","Add Addresses ","Add Certifications"}', 'NaN', 1, '{"x@example.org"}', null, null, 5,
        null, null, null),
      (6, 'all five, twice, and another', 'all', md5('6')::uuid, '2018-06-01', '{}',
        '{"Add Accounting Details","Add Certifications","Add Addresses","Update Company Profile","Create Account",
          "Create Account","Update Company Profile","Add Addresses","Add Certifications","Add Accounting Details","More"}',
        'Infinity', 2, null, null, null, null, null, null, null),
      (7, 'counts its setup from zero', 'zero', md5('7')::uuid, '0001-01-01', '[0:1]={GLP,GCP}',
        '[0:1]={"Create Account","Add Certifications"}', '5e-324', 3, '[-1:0]={a,b}', null, null, null, null, null, null)`,
  bulk: `
    insert into providers
    select
      g,
      case when g % 97 <> 0 then (array['Laboratory ', 'Institute ', 'Università ', 'Labor für Analytik '])[1 + g % 4] || g end,
      case when g % 89 <> 0 then 'provider-' || g end,
      case when g % 83 <> 0 then md5('provider ' || g)::uuid end,
      case when g % 79 <> 0 then timestamp '2012-05-01' + g * 24101123457 % 400000000000000 * interval '1 microsecond' end,
      (array['ISO 9001', 'GLP', 'GCP', 'AAALAC'])[1 + g % 5:g % 4 + g % 3],
      (array['Create Account', 'Update Company Profile', 'Add Addresses', 'Add Certifications', 'Add Accounting Details',
        'Create Account'])[1 + g % 3:g % 7],
      g * 611953 % 100000 / 1000.0,
      case when g % 5 <> 0 then (1 + g % 4)::int end,
      case when g % 7 <> 0 then (array['info@p' || g || '.example.org', 'orders@p' || g || '.example.org'])[1:1 + g % 2] end,
      case when g % 3 <> 0 then 'sales@p' || g || '.example.org' end,
      case when g % 4 <> 0 then '+1 555 ' || lpad((g % 10000)::text, 4, '0') end,
      case when g % 6 = 0 then (g * 3)::int end,
      case when g % 8 <> 0 then 'https://p' || g || '.example.org' end,
      case when g % 9 <> 0 then (array['1-10', '11-50', '51-200', '200+'])[1 + g % 4] end,
      case when g % 10 <> 0 then (array['CRO', 'Academic', 'Manufacturer'])[1 + g % 3] end
    from generate_series($1::bigint, $2::bigint) g`,
  indexes: 'create index on providers (ads_advertiser_id)',
}
