/** One row per product a provider offers, with about 1 KB of JSON about it. */
import type { SeedTable } from './seed-table.ts'

export const inventories: SeedTable = {
  name: 'inventories',
  rows: 50_000,
  create: `
    create table inventories (
      id bigint primary key,
      inventory_group_id integer,
      data jsonb,
      created_at timestamp,
      updated_at timestamp,
      uuid uuid,
      product_name varchar,
      product_url varchar,
      provider_id integer
    )`,
  awkward: `
    insert into inventories values
      (1, null, null, null, null, null, null, null, null),
      (2, 0, '{}', '1970-01-01', '1969-12-31 23:59:59.999999', '00000000-0000-0000-0000-000000000000', '', '', 0),
      (3, 3, '{"𝔇": "🧛🏽‍♀️", "ключ": ["漢字", "עברית", null, true, 1e-7]}', '9999-12-31 23:59:59.999999', '0001-01-01',
        'ffffffff-ffff-ffff-ffff-ffffffffffff', 'Ångström-Säule ₂ 𝔇', 'https://example.org/漢字?q=🧛', 3),
      (4, -2147483648, '[12345678901234567890.123456789, -0.0, 1e300, "\\\\", "\\"", "\\u0001"]', '1883-11-18 12:03:58.5',
        '2038-01-19 03:14:08', md5('4')::uuid, E'"a";''b''\\\\c\\td\\ne, \\\\N', 'NULL', 2147483647),
      (5, 5, (select jsonb_agg(jsonb_build_object('step', n, 'text', repeat(md5(n::text), 4))) from generate_series(1, 2000) n),
        '2000-02-29', '2024-02-29', md5('5')::uuid, repeat('Antibody ', 100) || 'A', repeat('https://example.org/', 50), 5),
      (6, 6, to_jsonb(repeat('𝔇racula ', 40000)), '2018-06-01', '2018-06-01 00:00:00.000001', md5('6')::uuid,
        repeat('Antibody ', 100) || 'B', 'https://example.org/', 6),
      (7, 7, 'null', null, null, md5('7')::uuid, 'JSON null is not null', ' ', 7),
      (9007199254740993, 8, '""', null, null, md5('8')::uuid, 'two to the 53rd and one', '', 8),
      (-9223372036854775808, 9, '0', null, null, md5('9')::uuid, 'the least', '', 9)`,
  bulk: `
    insert into inventories
    select
      g,
      case when g % 53 <> 0 then (1 + g % 4000)::int end,
      case when g % 211 <> 0 then jsonb_build_object(
        'sku', 'SKU-' || lpad(g::text, 10, '0'),
        'cas_number', (50 + g % 9999) || '-' || (10 + g % 89) || '-' || g % 10,
        'supplier', jsonb_build_object('name', 'Provider ' || g % 700, 'country', (array['US', 'DE', 'CN', 'JP'])[1 + g % 4]),
        'description', 'For research use only. Store at -20 °C, protected from light. Lot ' || hash || ' was tested by '
          || 'mass spectrometry and high performance liquid chromatography; the certificate of analysis is available.',
        'prices', jsonb_build_array(
          jsonb_build_object('amount', g * 31 % 100000 / 100.0, 'currency', 'USD', 'pack', '1 mg'),
          jsonb_build_object('amount', g * 37 % 500000 / 100.0, 'currency', 'USD', 'pack', '10 mg'),
          jsonb_build_object('amount', g * 41 % 900000 / 100.0, 'currency', 'EUR', 'pack', '100 mg')),
        'attributes', jsonb_build_object(
          'purity', (90 + g % 10)::text || '%', 'form', (array['powder', 'solution', 'lyophilised'])[1 + g % 3],
          'hazardous', g % 5 = 0, 'molecular_weight', g * 7919 % 900000 / 1000.0, 'formula', 'C' || g % 40 || 'H' || g % 80,
          'storage', null, 'shelf_life_months', g % 48),
        'tags', jsonb_build_array('research', hash, 'batch ' || g % 100, 'ünïcode ✓'),
        'checksum', hash || hash || hash,
        'synonyms', jsonb_build_array('Compound ' || g, 'NSC-' || g * 13, 'BRN ' || g * 17)) end,
      case when g % 977 <> 0 then moment end,
      case when g % 971 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 59 <> 0 then hash::uuid end,
      case when g % 61 <> 0 then 'Recombinant protein, human, expressed in E. coli, catalogue number ' || g * 3 end,
      case when g % 3 = 0 then 'https://example.org/products/' || hash when g % 67 = 0 then '' end,
      case when g % 71 <> 0 then (1 + g % 700)::int end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select
        md5('inventory ' || g) as hash,
        timestamp '2015-01-01' + g * 7001123457 % 330000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on inventories (inventory_group_id);
    create index on inventories (provider_id)`,
}
