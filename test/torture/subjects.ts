/** What is disturbed: each a table of its own with rows that say which generation they are of. */
import type postgres from 'postgres'
import type { Random } from '../support/random.ts'
import { type Digest, digestOf } from './digest.ts'

export type Action = 'load' | 'pods' | 'rollback' | 'folder'

export interface Subject {
  /** Its table in Postgres and in the lake, and its script. */
  readonly name: string
  /** What is done to it while it is disturbed. */
  readonly action: Action
  readonly iceberg: boolean
  /** Flags of its loads. */
  readonly args: readonly string[]
  readonly rows: number
  /** Which columns readers of the lake compare, in words of Postgres. */
  readonly columns: readonly string[]
}

/** Partitions of those that have some. */
const days = 6
const declared = ['--catalog', 'declared']
const plain = { iceberg: false, rows: 300, columns: ['id', 'gen', 'note'] }
const timed = { iceberg: true, rows: 300, columns: ['id', 'gen', 'note', 'created_at'] }

export const subjects: readonly Subject[] = [
  { ...plain, name: 'plain', action: 'load', args: declared },
  { ...plain, name: 'crawled', action: 'load', args: ['--catalog', 'crawler'] },
  { ...plain, name: 'computed', action: 'load', args: declared, columns: ['id', 'gen', 'note', 'total'] },
  { ...plain, name: 'sliced', action: 'load', args: [...declared, '--connections', '2'], rows: 3_000 },
  { ...plain, name: 'pods', action: 'pods', args: declared, rows: 3_000 },
  { ...plain, name: 'reverted', action: 'rollback', args: declared },
  { ...plain, name: 'kept', action: 'folder', args: declared },
  { ...timed, name: 'partitioned', action: 'load', args: [] },
  { ...timed, name: 'incremental', action: 'load', args: [] },
  { ...timed, name: 'returned', action: 'rollback', args: [] },
]

/** A table of two partitions in Postgres, one of which can be detached. */
const isPartitioned = ({ name }: Subject) => name === 'sliced'

export async function createSubject(sql: postgres.Sql, subject: Subject): Promise<void> {
  const { name, rows } = subject
  const columns = `id bigint not null, gen integer not null, note text, created_at timestamptz not null, changed_at timestamptz not null`
  if (isPartitioned(subject)) {
    const half = rows / 2
    await sql.unsafe(`
      create table ${name} (${columns}) partition by range (id);
      create table ${name}_low partition of ${name} for values from (minvalue) to (${half});
      create table ${name}_high partition of ${name} for values from (${half}) to (maxvalue);
      create unique index on ${name} (id)`)
  } else {
    await sql.unsafe(
      `create table ${name} (${columns}, primary key (id)); create index on ${name} (created_at, id)`,
    )
  }
  if (name === 'computed')
    await sql`create table computed_rates (id bigint primary key, rate bigint not null)`
  await sql.unsafe(`
    insert into ${name}
    select g, 1, case when g % 9 > 0 then repeat('note ' || g, 1 + g % 3) end,
      timestamptz '2026-01-01Z' + (g % ${days}) * interval '1 day', now()
    from generate_series(0, ${rows - 1}) g`)
  if (name === 'computed') await sql`insert into computed_rates select g, 1 from generate_series(0, 6) g`
  await sql.unsafe(`analyze ${name}`)
}

/** Rows are changed, added, deleted and moved: no two generations have the same rows, and most days stay. */
export async function changeRows(
  sql: postgres.TransactionSql,
  { name }: Subject,
  { gen, random }: { readonly gen: number; readonly random: Random },
): Promise<void> {
  const [first, other, moved] = [random.integer(days), random.integer(days), random.integer(days)]
  const day = (of: number) => `timestamptz '2026-01-01Z' + ${of} * interval '1 day'`
  await sql.unsafe(`
    update ${name} set gen = ${gen}, changed_at = clock_timestamp()
      where created_at = ${day(first)} and id % ${2 + random.integer(5)} = 0;
    delete from ${name} where id = (select id from ${name} where created_at = ${day(other)} order by id limit 1);
    update ${name} set created_at = ${day(moved)}, changed_at = clock_timestamp()
      where id = (select id from ${name} where created_at = ${day(first)} order by id desc limit 1);
    insert into ${name} select max(id) + 1, ${gen}, 'new in ${gen}', ${day(moved)}, clock_timestamp() from ${name}`)
  if (name === 'computed') await sql`update computed_rates set rate = ${gen}`
}

/** What a load of this moment gives its readers. */
export async function rowsIn(
  sql: postgres.Sql | postgres.TransactionSql,
  { name, columns }: Subject,
): Promise<Digest> {
  const words = columns.map((column) => {
    if (column === 'created_at') return `(extract(epoch from created_at) * 1000)::bigint::text`
    if (column === 'total') return `(gen * (select rate from computed_rates r where r.id = t.id % 7))::text`
    return `${column}::text`
  })
  return digestOf(await sql.unsafe(`select ${words.join(', ')} from ${name} t`).values())
}
