/**
 * What a day does to a table of events: one row of a hundred is new, changed, late, gone, or moved to another day. Most of it
 * happens in the last days, some in days that were long over.
 */
import postgres from 'postgres'

/** Rows, by what became of them. */
export interface EventChanges {
  readonly changed: number
  readonly added: number
  readonly late: number
  readonly moved: number
  readonly removed: number
}

/** The events that are no awkward ones, by their place among the days; the last one is 1. */
const days = `
  days as (
    select created_at::date as day, row_number() over (order by created_at::date desc) as place, count(*) as rows
    from events where created_at between '2025-01-01' and '2027-01-01' group by 1
  ),
  hundredth as (select greatest(count(*) / 100, 10) as rows from events)`

const now = `(clock_timestamp() at time zone 'UTC')`

const statements: Readonly<Record<keyof EventChanges, string>> = {
  changed: `
    with ${days}
    update events set duration = coalesce(duration, 0) + 1, updated_at = ${now}
    where id in (
      select events.id from events join days on days.day = created_at::date, hundredth
      where place <= 4 order by created_at desc limit (select rows * 7 / 10 from hundredth))`,
  added: `
    with ${days}
    insert into events (id, event, email, session_id, uuid, datetime, created_at, updated_at)
    select 2000000000 + g, 'view', 'today' || g % 50 || '@example.org', 'today ' || g % 100, md5('added ' || g)::uuid, at, at, ${now}
    from hundredth, generate_series(1, rows * 2 / 10) g,
      lateral (select (select max(day) from days) + interval '1 day' + g * interval '1 second' as at) one`,
  late: `
    with ${days}
    insert into events (id, event, email, session_id, uuid, datetime, created_at, updated_at)
    select 3000000000 + g, 'view', 'late@example.org', 'late ' || g, md5('late ' || g)::uuid, day, day, day + interval '1 hour'
    from hundredth, generate_series(1, rows / 25) g, days where place = (select max(place) * 5 / 8 from days)`,
  moved: `
    with ${days}
    update events set created_at = created_at - interval '1 day', updated_at = ${now}
    where id in (
      select events.id from events join days on days.day = created_at::date
      where place = (select max(place) / 3 from days) order by events.id limit (select rows / 33 from hundredth))`,
  removed: `
    with ${days}
    delete from events
    where id in (
      select events.id from events join days on days.day = created_at::date
      where place = (select max(place) * 7 / 8 from days) order by events.id limit (select rows / 33 from hundredth))`,
}

export interface ChangeOptions {
  /** Begins nothing more; nothing has changed then. */
  readonly signal?: AbortSignal
}

/** @param url of a seeded database; to be called once */
export async function changeEvents(url: string, { signal }: ChangeOptions = {}): Promise<EventChanges> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'dracula/seed' } })
  try {
    return await sql.begin(async (transaction) => {
      const count = async (name: keyof EventChanges) => {
        signal?.throwIfAborted()
        return (await transaction.unsafe(statements[name])).count
      }
      return {
        changed: await count('changed'),
        added: await count('added'),
        late: await count('late'),
        moved: await count('moved'),
        removed: await count('removed'),
      }
    })
  } finally {
    await sql.end({ timeout: 1 })
  }
}
