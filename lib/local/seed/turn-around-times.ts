/**
 * One row per span of time, in seconds, that a proposal gives; joined, not exported.
 * Proposals up to 100 have only what is said of them by hand.
 */
import type { SeedTable } from './seed-table.ts'

export const turnAroundTimes: SeedTable = {
  name: 'turn_around_times',
  rows: 15_000,
  create: `
    create table turn_around_times (
      id integer primary key,
      turnaroundable_id integer,
      turnaroundable_type varchar,
      min bigint,
      max bigint,
      display_units varchar,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into turn_around_times values
      (1, null, null, null, null, null, null, null),
      (2, 3, 'Pg::ProposalBase', 86400, 172800, 'days', '1970-01-01', '1969-12-31 23:59:59.999999'),
      (3, 10, 'Pg::ProposalBase', 1, 2, 'hours', '2018-06-01', '2018-06-01'),
      (4, 10, 'Pg::ProposalBase', 9007199254740993, 9223372036854775807, 'semanas 🧛', '2017-06-01', '2017-06-01'),
      (5, 11, 'Pg::ProposalBase', null, -9223372036854775808, '', null, null),
      (6, 12, 'Pg::ProposalBase', 0, null, null, null, null),
      (7, 20, 'Pg::Proposal', 7, 7, 'of another type', null, null),
      (8, 13, 'Pg::ProposalBase', 604800, 1209600, 'weeks', null, null),
      (9, 13, 'Pg::ProposalBase', null, null, null, null, null)`,
  bulk: `
    insert into turn_around_times
    select
      g,
      case when g % 37 <> 0 then (101 + g * 7919 % greatest($2::bigint * 5 / 3, 1))::int end,
      case when g % 41 <> 0 then (array['Pg::ProposalBase', 'Pg::ProposalBase', 'Pg::WareProviderConfiguration'])[1 + g / 5 % 3] end,
      case when g % 43 <> 0 then 86400 * (1 + g % 20) end,
      case when g % 47 <> 0 then 86400 * (21 + g % 20) end,
      case when g % 53 <> 0 then (array['days', 'weeks', 'months'])[1 + g % 3] end,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 25101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on turn_around_times (turnaroundable_type, turnaroundable_id)',
}
