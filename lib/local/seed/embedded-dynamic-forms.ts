/** One row per version of a form; its JSON is kept as it was written, blanks and repeated keys too. */
import type { SeedTable } from './seed-table.ts'

export const embeddedDynamicForms: SeedTable = {
  name: 'embedded_dynamic_forms',
  rows: 1_000,
  create: `
    create table embedded_dynamic_forms (
      id integer primary key,
      name varchar,
      version_number integer,
      slug varchar,
      key varchar,
      schema json,
      options json,
      data json,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into embedded_dynamic_forms values
      (1, null, null, null, null, null, null, null, null, null),
      (2, '', 0, '', '', '{}', '[]', '""', '1970-01-01', '1969-12-31 23:59:59.999999'),
      (3, '𝔇racula 🧛🏽‍♀️', 2147483647, 'dracula', 'ключ', 'null', '{"a" :  1.50, "a": null}',
        E'{\\n\\t"\\\\u0041": ["漢字", "עברית", 1e-7, -0.0, 12345678901234567890.123456789]\\n}', '9999-12-31 23:59:59.999999',
        '0001-01-01'),
      (4, E'"a";''b''\\\\c\\td\\ne, \\\\N', -2147483648, 'NULL', ' ', '1', 'true', '"text"', '1883-11-18 12:03:58.5',
        '2038-01-19 03:14:08'),
      (5, 'long', 5, 'long', 'long', (select json_agg(json_build_object('field', n, 'label', md5(n::text)))
         from generate_series(1, 3000) n), '{}', to_json(repeat('𝔇racula ', 20000)), '2000-02-29', '2024-02-29')`,
  bulk: `
    insert into embedded_dynamic_forms
    select
      g,
      case when g % 37 <> 0 then 'Form ' || g / 4 end,
      case when g % 41 <> 0 then (1 + g % 4)::int end,
      case when g % 43 <> 0 then 'form-' || g / 4 end,
      case when g % 47 <> 0 then md5('form ' || g) end,
      case when g % 53 <> 0 then json_build_object('title', 'Form ' || g / 4, 'fields',
        (select json_agg(json_build_object('name', 'field_' || n, 'type', 'string', 'required', n % 2 = 0))
           from generate_series(1, 1 + g % 20) n)) end,
      case when g % 3 <> 0 then json_build_object('columns', 1 + g % 3, 'theme', 'plain') end,
      case when g % 2 = 0 then json_build_object('field_1', md5(g::text), 'field_2', g) end,
      case when g % 31 <> 0 then moment end,
      case when g % 29 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2016-01-01' + g * 301101123457 % 300000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on embedded_dynamic_forms (slug, version_number)',
}
