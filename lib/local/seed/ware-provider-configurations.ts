/** One row per provider that may be asked for a ware, and how it is ranked. */
import type { SeedTable } from './seed-table.ts'

export const wareProviderConfigurations: SeedTable = {
  name: 'ware_provider_configurations',
  rows: 10_000,
  create: `
    create table ware_provider_configurations (
      id bigint primary key,
      ware_id integer,
      provider_id integer,
      required boolean,
      created_at timestamp,
      updated_at timestamp,
      organization_id integer,
      auto_assigned boolean not null,
      booster double precision not null
    )`,
  awkward: `
    insert into ware_provider_configurations values
      (1, null, null, null, null, null, null, false, 0),
      (2, 0, 0, false, '1970-01-01', '1969-12-31 23:59:59.999999', 0, true, '-0'),
      (3, 2147483647, -2147483648, true, '9999-12-31 23:59:59.999999', '0001-01-01', 2147483647, true, '1.7976931348623157e308'),
      (4, 4, 4, true, '1883-11-18 12:03:58.5', '2038-01-19 03:14:08', null, false, '5e-324'),
      (5, 5, 5, null, '2000-02-29', '2024-02-29', 5, false, 'NaN'),
      (6, 6, 6, null, '2018-06-01', '2018-06-01 00:00:00.000001', 6, false, 'Infinity'),
      (7, 7, 7, null, null, null, 7, false, '-Infinity'),
      (8, 8, 8, null, null, null, 8, false, 0.1),
      (9007199254740993, 9, 9, null, null, null, 9, false, 9007199254740993),
      (-9223372036854775808, 10, 10, null, null, null, 10, false, '-2.2250738585072014e-308')`,
  bulk: `
    insert into ware_provider_configurations
    select
      g,
      case when g % 197 <> 0 then (1 + g * 7919 % 5000)::int end,
      case when g % 193 <> 0 then (1 + g % 700)::int end,
      case when g % 3 <> 0 then g % 4 = 0 end,
      case when g % 191 <> 0 then moment end,
      case when g % 181 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 5 = 0 then (1 + g % 3000)::int end,
      g % 7 = 0,
      g * 611953 % 200000 / 100000.0
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2014-01-01' + g * 34101123457 % 340000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on ware_provider_configurations (ware_id);
    create index on ware_provider_configurations (provider_id);
    create index on ware_provider_configurations (organization_id)`,
}
