/** One row per message between a customer and a provider; some ids are beyond what a double holds. */
import type { SeedTable } from './seed-table.ts'

export const notes: SeedTable = {
  name: 'notes',
  rows: 20_000,
  create: `
    create table notes (
      id bigint primary key,
      title varchar,
      body text,
      status varchar,
      request_id integer,
      uuid uuid not null,
      ware_id varchar,
      user_id integer,
      invoice_id integer,
      purchase_order_id integer,
      proposal_id integer,
      created_at timestamp,
      updated_at timestamp
    )`,
  awkward: `
    insert into notes values
      (1, null, null, null, null, '00000000-0000-0000-0000-000000000000', null, null, null, null, null, null, null),
      (2, '', '', '', 0, 'ffffffff-ffff-ffff-ffff-ffffffffffff', '', 0, 0, 0, 0,
        '1970-01-01', '1969-12-31 23:59:59.999999'),
      (3, '🧛🏽‍♀️ 𝔇racula', 'Grüße, 漢字, עברית, e' || chr(769) || ', ' || chr(65533) || chr(1114111), 'öffentlich', 3,
        md5('3')::uuid, 'wäre', 3, 3, 3, 3, '9999-12-31 23:59:59.999999', '0001-01-01'),
      (4, E'"a";''b''\\\\c\\td\\ne\\r\\n, \\\\N \\\\. \\x01', E'\\n\\n\\t', ' ', -2147483648, md5('4')::uuid, 'NULL', 2147483647,
        -1, 1, 2147483647, '1883-11-18 12:03:58.5', '2038-01-19 03:14:08'),
      (5, repeat('Re: ', 200) || 'A', repeat('A long message. ', 65536), 'read', 5, md5('5')::uuid, '5', 5, 5, 5, 5,
        '2000-02-29', '2024-02-29'),
      (6, repeat('Re: ', 200) || 'B', repeat('𝔇', 20000), 'read', 6, md5('6')::uuid, '6', 6, 6, 6, 6,
        '2018-06-01', '2018-06-01 00:00:00.000001'),
      (9007199254740992, 'two to the 53rd', 'even', 'read', 7, md5('7')::uuid, '7', 7, 7, 7, 7, null, null),
      (9007199254740993, 'two to the 53rd and one', 'odd', 'read', 8, md5('8')::uuid, '8', 8, 8, 8, 8, null, null),
      (9223372036854775807, 'the greatest', 'id', 'read', 9, md5('9')::uuid, '9', 9, 9, 9, 9, null, null),
      (-9223372036854775808, 'the least', 'id', 'read', 10, md5('10')::uuid, '10', 10, 10, 10, 10, null, null)`,
  bulk: `
    insert into notes
    select
      g,
      case when g % 9 <> 0 then 'Question about request ' || g % 5000 end,
      case when g % 29 = 0 then '' when g % 31 <> 0 then
        'Thank you for the proposal. Before we can go on, our scientists would like to know the following, if you please: '
          || repeat(md5(g::text) || ' ', (1 + g % 12)::int) end,
      case when g % 37 <> 0 then (array['read', 'unread', 'archived'])[1 + g % 3] end,
      case when g % 3 <> 0 then (1 + g % 5000)::int end,
      md5('note ' || g)::uuid,
      case when g % 5 = 0 then (g % 800)::text end,
      case when g % 41 <> 0 then (1 + g % 2000)::int end,
      case when g % 7 = 0 then (1 + g % 9000)::int end,
      case when g % 11 = 0 then (1 + g % 8000)::int end,
      case when g % 13 = 0 then (1 + g % 7000)::int end,
      case when g % 977 <> 0 then moment end,
      case when g % 971 <> 0 then moment + g % 86400 * interval '1.000001 seconds' end
    from generate_series($1::bigint, $2::bigint) g
    cross join lateral (
      select timestamp '2014-01-01' + g * 17101123457 % 340000000000000 * interval '1 microsecond' as moment
    ) drawn`,
  indexes: `
    create index on notes (request_id);
    create index on notes (ware_id);
    create index on notes (user_id);
    create index on notes (invoice_id);
    create index on notes (purchase_order_id);
    create index on notes (proposal_id)`,
}
