/** The tables of Postgres that the scripts of this folder read, and what is done to them between loads. */
import type { Sql } from 'postgres'

/** Rows of each table, few where nothing is proved by many. */
export const rowsOf = { every_kind: 500, crawled: 200, documents: 60_000, visits: 3_000 } as const
export type TableName = keyof typeof rowsOf
export const tableNames = Object.keys(rowsOf) as TableName[]

export async function fill(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table every_kind (
      id integer primary key, small smallint, large bigint, price numeric(14, 2), exact numeric(38, 10),
      share double precision, ratio real, flag boolean, name text, born date, at timestamp, seen timestamptz,
      code uuid, payload bytea, document jsonb, marks integer[], words text[]);
    insert into every_kind select
      n, n % 32768 - 16384, n * 9007199254740993, n / 100.0, n * 1234567890123456789.0123456789,
      case n % 7 when 0 then 'NaN' when 1 then '-0' else sqrt(n) end, case n % 5 when 0 then null else n / 3.0 end,
      n % 3 = 0, case n % 11 when 0 then null when 1 then '' else repeat('é𝄞', n % 40) || n end,
      date '1582-10-15' + n * 700, timestamp '1969-12-31 23:59:59.999999' + n * interval '1 day 1 microsecond',
      timestamptz '2026-03-29 01:00:00+00' + n * interval '1 minute 1 microsecond',
      md5(n::text)::uuid, decode(md5(n::text), 'hex'), jsonb_build_object('n', n, 'é', array[n, null]),
      case n % 4 when 0 then null when 1 then '{}' else array[n, null, -n] end, array['a,"b"', null, n::text]
    from generate_series(1, ${rowsOf.every_kind}) n;

    create table crawled (id integer primary key, name text, price numeric(12, 3), at timestamp);
    insert into crawled select n, 'name ' || n, n / 8.0, timestamp '2026-01-01' + n * interval '1 hour'
    from generate_series(1, ${rowsOf.crawled}) n;

    create table documents (id integer primary key, content bytea not null);
    insert into documents select n, (
      select string_agg(sha256((n * 10 + part)::text::bytea), ''::bytea order by part) from generate_series(0, 9) part)
    from generate_series(1, ${rowsOf.documents}) n;

    create table visits (id bigint primary key, kind text, amount numeric(12, 2), at timestamptz, changed timestamptz not null);
    insert into visits select
      n, case n % 4 when 0 then null else 'kind ' || n % 4 end, n / 4.0,
      case n % 100 when 0 then null else timestamptz '2026-03-01 00:00+00' + (n % 10) * interval '1 day' + n * interval '1 second' end,
      timestamptz '2026-03-20 00:00+00'
    from generate_series(1, ${rowsOf.visits}) n;
    analyze`)
}

/** One row gone, one new, a tenth of them others. */
export async function changeKinds(sql: Sql): Promise<void> {
  await sql.unsafe(`
    delete from every_kind where id = (select min(id) from every_kind);
    insert into every_kind (id, name) select max(id) + 1, 'new' from every_kind;
    update every_kind set price = price + 1, name = name || '!' where id % 10 = 0`)
}

/** Two days of ten: rows that have changed in one, one that is gone from the other. */
export async function changeVisits(sql: Sql): Promise<void> {
  await sql.unsafe(`
    update visits set amount = amount + 1, changed = now() where at >= '2026-03-03' and at < '2026-03-04';
    delete from visits where id = (select max(id) from visits where at >= '2026-03-06' and at < '2026-03-07')`)
}
