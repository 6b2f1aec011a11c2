/**
 * A table that keeps a journal of itself: every version of every row, with the transaction that wrote it. The journal
 * can tell afterwards which rows any snapshot of Postgres saw.
 */
import type postgres from 'postgres'

/** In words, for a comparison: microseconds since 1970 and texts. */
export type JournalRow = readonly [
  id: string,
  createdAt: string | null,
  changedAt: string | null,
  note: string | null,
]

/** How far `changed_at` may lie behind the moment an update commits: less than the overlap that scripts declare. */
export const mostLateSeconds = 3

/** @param days so many days have rows to begin with, and one partition the rows of no day */
export async function createSource(
  sql: postgres.Sql,
  { days, rowsPerDay }: { days: number; rowsPerDay: number },
) {
  await sql.unsafe(`
    create table moments (id bigint primary key, created_at timestamptz, changed_at timestamptz, note text);
    create index on moments (created_at, id);
    create index on moments (changed_at);
    create sequence moment_ids;

    create table journal (
      version bigserial primary key,
      xid bigint not null default txid_current(),
      id bigint not null,
      gone boolean not null,
      created_at timestamptz,
      changed_at timestamptz,
      note text
    );
    create index on journal (id, version);

    -- After the row is locked, so that versions of one row are numbered in the order they replace each other.
    create function write_down() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        insert into journal (id, gone) values (old.id, true);
      else
        insert into journal (id, gone, created_at, changed_at, note)
        values (new.id, false, new.created_at, new.changed_at, new.note);
      end if;
      return null;
    end $$;
    create trigger write_down after insert or update or delete on moments for each row execute function write_down();

    -- What a script's overlap promises of the source: no transaction takes longer, and no clock is slower.
    create function refuse_late() returns trigger language plpgsql as $$
    begin
      if clock_timestamp() - new.changed_at > interval '${mostLateSeconds} seconds' then
        raise exception 'an update commits too late for its changed_at';
      end if;
      return null;
    end $$;
    create constraint trigger refuse_late after update on moments deferrable initially deferred
      for each row execute function refuse_late();

    insert into moments
    select nextval('moment_ids'), case when day <= ${days} then '2026-01-01Z'::timestamptz + day * interval '1 day' + n * interval '7 minutes' end,
      '2026-06-01Z', 'first'
    from generate_series(1, ${days + 1}) day, generate_series(1, ${rowsPerDay}) n`)
}

export async function dropSource(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    drop table if exists moments, journal;
    drop sequence if exists moment_ids;
    drop function if exists write_down, refuse_late`)
}

/**
 * The rows that a snapshot saw.
 * @param snapshot as Postgres' `pg_snapshot` has it; transactions that it calls over have committed, or left no journal
 */
export async function rowsSeenBy(sql: postgres.Sql, snapshot: string): Promise<JournalRow[]> {
  const rows = await sql<{ words: JournalRow }[]>`
    select jsonb_build_array(id::text, (extract(epoch from created_at) * 1000000)::bigint::text,
      (extract(epoch from changed_at) * 1000000)::bigint::text, note) as words
    from (
      select distinct on (id) * from journal
      where txid_visible_in_snapshot(xid, ${snapshot}::txid_snapshot) order by id, version desc
    ) last
    where not gone order by id`
  return rows.map(({ words }) => words)
}
