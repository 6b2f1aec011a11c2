/** One row per dated step of an order; joined, not exported. Orders up to 100 have only what is said of them by hand. */
import type { SeedTable } from './seed-table.ts'

export const timepoints: SeedTable = {
  name: 'timepoints',
  rows: 30_000,
  create: `
    create table timepoints (
      id integer primary key,
      name varchar,
      date timestamp,
      slug varchar,
      order_id integer,
      uuid uuid not null,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into timepoints
    select id, name, date::timestamp, replace(lower(name), ' ', '-'), order_id, md5('awkward timepoint ' || id)::uuid,
      case when id % 3 > 0 then timestamp '2018-06-01' end, case when id % 4 > 0 then timestamp '2018-06-01 00:00:00.000001' end
    from (values
      (1, null, null, null),
      (2, 'approval date', '2018-06-01', null),
      (3, 'approval date', '1969-12-31 23:59:59.999999', 7),
      (4, 'review date', '1970-01-01', 7),
      (5, 'submission date', '9999-12-31 23:59:59.999999', 7),
      (6, 'completion date', '0001-01-01', 7),
      (7, 'kick-off date', '2018-06-02', 7),
      (8, 'approval date', null, 9),
      (9, 'review date', '2018-06-01 23:59:59.999999', 9),
      (10, 'approval date', '2020-02-29 12:00:00.000001', 10),
      (11, 'approval date', '2018-06-01 00:00:00.000001', 10),
      (12, 'review date', '2018-06-01', 10),
      (13, 'review date', null, 10),
      (14, 'completion date', '2018-06-03', 10),
      (15, 'completion date', '2018-06-02', 10),
      (16, 'completion date', '2018-06-01', 10),
      (17, 'Approval Date', '2018-06-01', 11),
      (18, 'review date ', '2018-06-01', 11),
      (19, 'submission_date', '2018-06-01', 11),
      (20, '', '2018-06-01', 11),
      (21, 'approval date', '2018-06-01', 0),
      (22, 'approval date', '2018-06-01', 2147483647)
    ) as given (id, name, date, order_id)`,
  bulk: `
    insert into timepoints
    select
      g,
      (array['approval date', 'review date', 'submission date', 'completion date', 'kick-off date'])[1 + g % 5],
      case when g % 17 <> 0 then moment end,
      'timepoint-' || g % 5,
      case when g % 37 <> 0 then (101 + g * 7919 % greatest($2::bigint / 2, 1))::int end,
      md5('timepoint ' || g)::uuid,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 12101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: 'create index on timepoints (order_id)',
}
