/**
 * One row per thing somebody had to do, its provider's id a string; joined, not exported.
 * Orders up to 100 have only what is said of them by hand.
 */
import type { SeedTable } from './seed-table.ts'

export const actionItems: SeedTable = {
  name: 'action_items',
  rows: 20_000,
  create: `
    create table action_items (
      id bigint primary key,
      action_performed varchar,
      completed_at timestamp,
      proposal_id integer,
      purchase_order_id integer,
      provider_id varchar,
      uuid uuid,
      created_at timestamp,
      updated_at timestamp,
      order_id integer,
      request_id integer,
      note_id integer,
      invoice_id integer,
      request_name varchar,
      organization_id integer,
      type varchar,
      ads_ad_id integer
    )`,
  awkward: `
    insert into action_items (id, action_performed, provider_id, order_id, created_at)
    values
      (1, null, null, null, null),
      (2, 'new_request', '42', 1, '1969-12-31 23:59:59.999999'),
      (3, 'new_request', null, 2, '1970-01-01'),
      (4, 'new_proposal', '43', 3, '2018-06-01'),
      (5, 'new_request', 'first', 4, '2018-06-03'),
      (9007199254740992, 'new_request', 'second', 4, '2018-06-02'),
      (9007199254740993, 'new_request', 'Ångström 🧛', 4, '2018-06-01'),
      (9223372036854775807, 'new_order', 'of another action', 4, '2018-06-04'),
      (9, 'new_request', '44', 5, null),
      (10, 'new_request', null, 5, null),
      (11, 'new_request', '', 6, null),
      (12, 'New_Request', '45', 7, null),
      (13, 'new_request', '46', null, null),
      (14, 'new_request', '007', 8, null),
      (-9007199254740993, 'new_request', 'the least', 8, null)`,
  bulk: `
    insert into action_items
    select
      g,
      case when g % 23 <> 0 then (array['new_request', 'new_proposal', 'new_order', 'new_note'])[1 + g / 3 % 4] end,
      case when g % 2 = 0 then moment + interval '2 days' end,
      case when g % 3 = 0 then (1 + g * 7919 % 25000)::int end,
      case when g % 5 = 0 then (1 + g * 7919 % 15000)::int end,
      case when g % 19 <> 0 then (1 + g * 7919 % 700)::text end,
      case when g % 17 <> 0 then md5('action item ' || g)::uuid end,
      case when g % 79 <> 0 then moment end,
      case when g % 83 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end,
      case when g % 13 <> 0 then (101 + g * 7919 % greatest($2::bigint * 3 / 4, 1))::int end,
      case when g % 7 <> 0 then (1 + g * 7919 % 10000)::int end,
      case when g % 11 = 0 then (1 + g * 7919 % 20000)::int end,
      case when g % 7 = 0 then (1 + g * 7919 % 20000)::int end,
      case when g % 4 <> 0 then 'Request ' || g % 10000 end,
      case when g % 6 <> 0 then (1 + g * 7919 % 3000)::int end,
      case when g % 29 <> 0 then (array['Pg::ActionItem', 'Pg::Reminder'])[1 + g % 2] end,
      case when g % 31 = 0 then (g % 500)::int end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2013-01-01' + g * 18101123457 % 380000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on action_items (proposal_id);
    create index on action_items (purchase_order_id);
    create index on action_items (provider_id);
    create index on action_items (order_id);
    create index on action_items (request_id);
    create index on action_items (note_id);
    create index on action_items (invoice_id);
    create index on action_items (organization_id);
    create index on action_items (ads_ad_id)`,
}
