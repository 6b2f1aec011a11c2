/** One row per group of products that are shipped together. */
import type { SeedTable } from './seed-table.ts'

export const inventoryGroups: SeedTable = {
  name: 'inventory_groups',
  rows: 4_000,
  create: `
    create table inventory_groups (
      id integer primary key,
      index integer not null,
      metadata jsonb,
      shipping_cost numeric(14, 2) not null,
      created_at timestamp,
      updated_at timestamp,
      uuid uuid,
      deleted_at timestamp
    )`,
  awkward: `
    insert into inventory_groups values
      (1, 0, null, 0, null, null, null, null),
      (2, -1, '{}', -0.01, '1970-01-01', '1969-12-31 23:59:59.999999', '00000000-0000-0000-0000-000000000000', '1970-01-01'),
      (3, 2147483647, '{"𝔇": "🧛", "ключ": ["漢字", "עברית", null, true, 1e-7]}', 999999999999.99, '9999-12-31 23:59:59.999999',
        '0001-01-01', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '2038-01-19 03:14:08'),
      (4, -2147483648, 'null', -999999999999.99, '1883-11-18 12:03:58.5', '2024-02-29', md5('4')::uuid, null),
      (5, 5, '[12345678901234567890.123456789, -0.0, 1e300, "\\\\", "\\"", "\\u0001"]', 1, '2018-06-01',
        '2018-06-01 00:00:00.000001', md5('5')::uuid, '0001-01-01')`,
  bulk: `
    insert into inventory_groups
    select
      g,
      (g % 40)::int,
      case when g % 53 <> 0 then jsonb_build_object('rack', g % 90, 'label', 'Group ' || g, 'keep_cold', g % 3 = 0) end,
      case when g % 7 = 0 then 0 else g * 104729 % 90000 / 100.0 end,
      case when g % 83 <> 0 then moment end,
      case when g % 79 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 59 <> 0 then md5('inventory group ' || g)::uuid end,
      case when g % 13 = 0 then moment + interval '90 days' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2015-01-01' + g * 81001123457 % 330000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on inventory_groups (deleted_at)',
}
