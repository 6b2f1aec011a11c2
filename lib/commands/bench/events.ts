/** Events by day: a table in partitions, loaded whole and by what has changed in it. */
import postgres from 'postgres'

export interface Events {
  readonly name: string
  readonly rows: number
  /** The same number of rows in each, in the order they are stored in. */
  readonly days: number
}

const firstDay = Date.UTC(2014, 0, 1)

/** ISO 8601. @param at counted from the first */
export function dayAt(at: number): string {
  return new Date(firstDay + at * 86_400_000).toISOString().slice(0, 10)
}

/** @param reconcile when keys are compared, as a script says it */
export function eventsScript(name: string, source: string, reconcile: string): string {
  return `#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, day, every, integer, nullable, numeric, table, text, timestamptz, uuid } from '../lib/table.ts'

/** One row per event. */
const ${name} = table({
  name: '${name}',
  from: '${source}',
  columns: {
    id: bigint,
    created_at: timestamptz,
    updated_at: timestamptz,
    organization_id: integer,
    type: text,
    email: nullable(text),
    subject: nullable(text),
    clicks: integer,
    amount: nullable(numeric(14, 2)),
    token: uuid,
  },
  partitionBy: day('created_at'),
  incremental: { changed: 'updated_at', overlap: '2h', key: 'id', reconcile: ${reconcile === 'always' ? "'always'" : reconcile} },
})

export default ${name}

if (import.meta.main) await run(${name})
`
}

/** Makes the table and fills it, with the indexes that whoever serves it has on it. */
export async function fillEvents(url: string, { name, rows, days }: Events): Promise<void> {
  await withDatabase(url, async (sql) => {
    await sql.unsafe(`
      begin;
      create table ${name} (
        id bigint not null, created_at timestamptz not null, updated_at timestamptz not null, organization_id integer not null,
        type text not null, email text, subject text, clicks integer not null, amount numeric(14, 2), token uuid not null
      );
      insert into ${name}
      select g, at, at + h1 % 86400 * interval '1 second', h1 % 20000,
        (array['delivered', 'opened', 'clicked', 'bounced'])[1 + h2 % 4],
        case when h2 % 10 > 0 then 'person' || h2 % 500000 || '@example.com' end,
        case when h1 % 10 > 0 then 'About order ' || h1 % 1000000 end, h1 % 12,
        case when h2 % 3 > 0 then h1 % 10000000 / 100.0 end, md5(g::text)::uuid
      from generate_series(1, ${rows}::bigint) g
      cross join lateral (select hashint8(g)::bigint & 2147483647 as h1, hashint8(g + 1000000007)::bigint & 2147483647 as h2) chance
      cross join lateral (
        select timestamptz '${dayAt(0)} 00:00+00' + (g - 1) * ${days} / ${rows} * interval '1 day' + h2 % 86400 * interval '1 second' as at
      ) moment;
      alter table ${name} add primary key (id);
      create index on ${name} (created_at);
      create index on ${name} (updated_at);
      commit`)
    await sql.unsafe(`vacuum analyze ${name}`)
  })
}

/** Changes all rows of these days. @returns how many */
export async function changeEvents(url: string, name: string, days: readonly number[]): Promise<number> {
  return withDatabase(url, async (sql) => {
    const where = days.map(
      (at) =>
        `created_at >= '${dayAt(at)} 00:00+00'::timestamptz and created_at < '${dayAt(at + 1)} 00:00+00'::timestamptz`,
    )
    const { count } = await sql.unsafe(
      `update ${name} set clicks = clicks + 1, updated_at = now() where ${where.join(' or ')}`,
    )
    return count
  })
}

async function withDatabase<Result>(
  url: string,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
