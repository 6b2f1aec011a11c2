/** One row per user; single sign-on leaves JSON of its own. */
import type { SeedTable } from './seed-table.ts'

export const users: SeedTable = {
  name: 'users',
  rows: 4_000,
  create: `
    create table users (
      id integer primary key,
      shipping_address_id integer,
      billing_address_id integer,
      active boolean not null,
      company varchar,
      email varchar,
      first_name varchar,
      last_name varchar,
      last_request_at timestamp,
      last_sign_in_at timestamp,
      created_at timestamp,
      sso_attributes jsonb,
      user_agreement_signed_at timestamp,
      expired_at timestamp,
      uuid uuid
    )`,
  awkward: `
    insert into users values
      (1, null, null, false, null, null, null, null, null, null, null, null, null, null, null),
      (2, 0, 0, true, '', '', '', '', '1970-01-01', '1969-12-31 23:59:59.999999', '1970-01-01', '{}', '0001-01-01', '0001-01-01',
        '00000000-0000-0000-0000-000000000000'),
      (3, 2147483647, -2147483648, true, 'Ångström & Söhne, 漢字 🧛🏽‍♀️', 'd’ávila@例え.jp', 'João', 'd’Ávila e' || chr(769),
        '9999-12-31 23:59:59.999999', '9999-12-31', '9999-12-31 23:59:59.999999',
        '{"email": "\\u00e5ngstr\\u00f6m+\\ud83e\\udddb@example.org", "name": "\\u6f22"}', '2038-01-19 03:14:08', '2024-02-29',
        'ffffffff-ffff-ffff-ffff-ffffffffffff'),
      (4, 4, 4, true, null, 'first@example.org', 'Mina', null, null, null, '1883-11-18 12:03:58.5', '{"name": "no email"}', null,
        null, md5('4')::uuid),
      (5, 5, 5, true, null, 'last@example.org', null, 'Harker', null, null, '2018-06-01', '{"email": null}', null, null,
        md5('5')::uuid),
      (6, 6, 6, true, null, 'both@example.org', 'Lucy', 'Westenra', null, null, '2018-06-01 00:00:00.000001', '{"email": 4711}',
        null, null, md5('6')::uuid),
      (7, 7, 7, true, null, 'blanks@example.org', ' Abraham ', '', null, null, null, '{"email": ""}', null, null, md5('7')::uuid),
      (8, 8, 8, true, null, 'nothing@example.org', '', null, null, null, null, 'null', null, null, md5('8')::uuid),
      (9, 9, 9, true, null, 'deeper@example.org', null, '', null, null, null, '{"user": {"email": "deeper@example.org"}}', null, null,
        md5('9')::uuid),
      (10, 10, 10, true, null, 'list@example.org', 'Jonathan', 'Harker', null, null, null, '["email", "a@example.org"]', null, null,
        md5('10')::uuid),
      (11, 11, 11, true, null, 'quotes@example.org', 'null', 'null', null, null, null,
        '{"email": "\\"quoted \\\\\\\\ name\\"\\t@example.org"}', null, null, md5('11')::uuid),
      (12, 12, 12, true, null, 'string@example.org', 'NULL', 'None', null, null, null, '"email"', null, null, md5('12')::uuid),
      (13, 13, 13, true, null, 'digits@example.org', 'Renfield', '13', null, null, null,
        '{"email": 12345678901234567890.10, "Email": "other"}', null, null, md5('13')::uuid),
      (14, 14, 14, true, null, 'object@example.org', 'Quincey', 'Morris', null, null, null,
        '{"email": {"value": "q@example.org", "of": [1, null, true]}}', null, null, md5('14')::uuid),
      (15, 15, 15, true, null, null, 'Arthur', 'Holmwood', null, null, null, '{"email": true}', null, null, md5('15')::uuid)`,
  bulk: `
    insert into users
    select
      g,
      case when g % 5 <> 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 7 <> 0 then (1 + g * 104729 % 15000)::int end,
      g % 11 <> 0,
      case when g % 3 <> 0 then 'Organization ' || g % 3000 end,
      case when g % 97 <> 0 then 'user' || g || '@example.org' end,
      case when g % 13 <> 0 then (array['Mina', 'Jonathan', 'Lucy', 'Abraham', 'Łucja', '美奈'])[1 + g % 6] end,
      case when g % 17 <> 0 then (array['Harker', 'Westenra', 'Van Helsing', 'Ó Briain'])[1 + g / 6 % 4] end,
      case when g % 4 <> 0 then moment + interval '400 days' end,
      case when g % 6 <> 0 then moment + interval '500 days' end,
      case when g % 89 <> 0 then moment end,
      case when g % 3 = 0 then jsonb_build_object('email', 'sso' || g || '@example.org', 'groups', jsonb_build_array(g % 7, 'all')) end,
      case when g % 8 <> 0 then moment + interval '1 hour' end,
      case when g % 19 = 0 then moment + interval '900 days' end,
      case when g % 83 <> 0 then md5('user ' || g)::uuid end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2012-05-01' + g * 94101123457 % 300000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on users (shipping_address_id);
    create index on users (billing_address_id)`,
}
