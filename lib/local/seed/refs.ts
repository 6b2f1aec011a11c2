/** One row per reference of one record to another; what it says of it stands in JSON. */
import type { SeedTable } from './seed-table.ts'

export const refs: SeedTable = {
  name: 'refs',
  rows: 6_000,
  create: `
    create table refs (
      id bigint primary key,
      type varchar,
      fields jsonb,
      reference_of_type varchar,
      reference_to_type varchar,
      reference_of_id integer,
      reference_to_id integer,
      uuid uuid not null,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into refs
    select
      id, type, fields::jsonb,
      case when id % 5 <> 0 then 'Pg::Organization' end,
      case when id % 5 <> 1 then 'Pg::𝔇racula 🧛🏽‍♀️' end,
      case when id % 5 <> 2 then (id % 2147483648)::int end,
      case when id % 5 <> 3 then (-(id % 2147483648))::int end,
      md5('awkward reference ' || id)::uuid,
      (array[null, '0001-01-01', '1969-12-31 23:59:59.999999', '1970-01-01', '1883-11-18 12:03:58.5'])[1 + abs(id % 5)]::timestamp,
      (array['9999-12-31 23:59:59.999999', null, '2018-06-01', '2018-06-01 00:00:00.000001'])[1 + abs(id % 4)]::timestamp
    from (values
      (1, null, null),
      (2, 'Pg::UserRef', null),
      (3, 'Pg::UserRef', '{}'),
      (4, 'Pg::UserRef', 'null'),
      (5, 'Pg::UserRef', '{"location": "Łódź", "email": "\\u00e5@example.org", "company": "", "last_name": "d’Ávila", "first_name": "🧛",
        "organization_name": "NULL", "name": "of no column"}'),
      (6, 'Pg::UserRef', '{"location": null, "email": 4711, "company": true, "last_name": 1.50, "first_name": false,
        "organization_name": -0.0}'),
      (7, 'Pg::UserRef', '{"location": {"city": "Wien", "at": [48.2, 16.37, null]}, "email": ["a", "b"], "company": {},
        "last_name": [], "first_name": {"b": 1, "a": {"d": "\\"", "c": "ü"}}, "organization_name": 12345678901234567890.10}'),
      (8, 'Pg::UserRef', '{"user": {"email": "deeper@example.org"}, "Email": "other", "organization": "a"}'),
      (9, 'Pg::UserRef', '["email", "company"]'),
      (10, 'Pg::UserRef', '"email"'),
      (11, 'Pg::ProviderRef', null),
      (12, 'Pg::ProviderRef', '{}'),
      (13, 'Pg::ProviderRef', '{"name": "Ångström & Söhne", "slug": "漢字", "score": 4.5, "contract_status": "signed"}'),
      (14, 'Pg::ProviderRef', '{"name": null, "slug": null, "score": null, "contract_status": null}'),
      (15, 'Pg::ProviderRef', '{"name": "score in a string", "score": "4.5"}'),
      (16, 'Pg::ProviderRef', '{"name": "score in a string with an exponent", "score": "-1.25e-7"}'),
      (17, 'Pg::ProviderRef', '{"name": "score with more digits than a double", "score": 0.1234567890123456789012345}'),
      (18, 'Pg::ProviderRef', '{"name": "score beyond 2^53", "score": 9007199254740993, "contract_status": {"is": "nested"}}'),
      (19, 'Pg::ProviderRef', '{"name": "score of nothing", "score": 0, "contract_status": ["a", {"b": null}]}'),
      (20, 'Pg::ProviderRef', '{"provider": {"name": "deeper", "score": 1}}'),
      (21, 'Pg::ProviderRef', 'null'),
      (22, 'Pg::ProviderRef', '[]'),
      (23, 'Pg::userref', '{"email": "of another type"}'),
      (24, '', '{"email": "of no type", "name": "of no type"}'),
      (25, 'Pg::WareRef', '{"name": "of another type", "score": 1}'),
      (9007199254740993, 'Pg::UserRef', '{"email": "greatest@example.org"}'),
      (-9007199254740993, 'Pg::ProviderRef', '{"name": "least", "score": -1}')
    ) as given (id, type, fields)`,
  bulk: `
    insert into refs
    select
      g,
      (array['Pg::UserRef', 'Pg::ProviderRef', 'Pg::WareRef'])[1 + g % 3],
      case
        when g % 41 = 0 then null
        when g % 3 = 0 then jsonb_strip_nulls(jsonb_build_object(
          'location', case when g % 2 = 0 then 'Boston' end, 'email', 'ref' || g || '@example.org', 'company', 'Company ' || g % 90,
          'last_name', 'Harker', 'first_name', case when g % 4 > 0 then 'Mina' end, 'organization_name', 'Organization ' || g % 3000))
        else jsonb_build_object('name', 'Laboratory ' || g % 700, 'slug', 'provider-' || g % 700, 'score', g % 1000 / 100.0,
          'contract_status', (array['signed', 'sent', null])[1 + g % 5])
      end,
      case when g % 37 <> 0 then (array['Pg::Organization', 'Pg::User'])[1 + g % 2] end,
      case when g % 31 <> 0 then (array['Pg::User', 'Pg::Provider', 'Pg::Ware'])[1 + g % 3] end,
      case when g % 29 <> 0 then (1 + g * 7919 % 3000)::int end,
      case when g % 23 <> 0 then (1 + g * 7919 % 4000)::int end,
      md5('reference ' || g)::uuid,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2014-01-01' + g * 54101123457 % 340000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on refs (reference_of_type, reference_of_id);
    create index on refs (reference_to_type, reference_to_id)`,
}
