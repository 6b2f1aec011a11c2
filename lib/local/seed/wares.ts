/** One row per kind of service or product that providers offer. */
import type { SeedTable } from './seed-table.ts'

export const wares: SeedTable = {
  name: 'wares',
  rows: 5_000,
  create: `
    create table wares (
      id integer primary key,
      name varchar,
      created_at timestamp,
      updated_at timestamp,
      slug varchar,
      description text,
      ware_type varchar
    )`,
  awkward: `
    insert into wares values
      (1, null, null, null, null, null, null),
      (2, '', '1970-01-01', '1969-12-31 23:59:59.999999', '', '', ''),
      (3, '𝔇racula 🧛🏽‍♀️ assay', '9999-12-31 23:59:59.999999', '0001-01-01', 'dracula-assay', 'Grüße, 漢字, עברית, e' || chr(769), 'Pg::Service'),
      (4, E'"a";''b''\\\\c\\td\\ne\\r\\n, \\\\N', '1883-11-18 12:03:58.5', '2038-01-19 03:14:08', 'NULL', E'\\n\\n\\t', ' '),
      (5, repeat('Synthesis of ', 50) || 'A', '2000-02-29', '2024-02-29', repeat('synthesis-', 50), repeat('𝔇', 20000), 'Pg::Service'),
      (6, repeat('Synthesis of ', 50) || 'B', '2018-06-01', '2018-06-01 00:00:00.000001', 'b', repeat('A long description. ', 8192), 'Pg::Product')`,
  bulk: `
    insert into wares
    select
      g,
      case when g % 97 <> 0 then (array['Sequencing', 'Mass Spectrometry', 'Peptide Synthesis', 'Histology'])[1 + g % 4] || ' ' || g end,
      case when g % 83 <> 0 then moment end,
      case when g % 79 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 97 <> 0 then 'ware-' || g end,
      case when g % 5 <> 0 then 'A service of laboratories that are certified; its report holds ' || repeat(md5(g::text) || ' ', (1 + g % 8)::int) end,
      case when g % 89 <> 0 then (array['Pg::Service', 'Pg::Product', 'Pg::CustomService'])[1 + g % 3] end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2012-05-01' + g * 77101123457 % 400000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create unique index on wares (slug)',
}
