/** Locks that keep TRUNCATE, ALTER and DROP off what a load reads, without taking its snapshot. */
import { Failure } from '../failure/failure.ts'
import type { Reader, Row } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { formatRelations, quoteRelation, quoteText, type Relation, relationsNamed } from './relation.ts'

export interface Kind {
  readonly relation: Relation
  readonly oid: number
  /** `pg_class.relkind`. */
  readonly kind: string
  /** Whether this role may do what LOCK TABLE asks for: to read all its columns. Some of them are enough to read. */
  readonly whole: boolean
  /** Whether reading it reads and asks for nothing else: an ordinary table without children and policies. */
  readonly readsItselfOnly: boolean
}

/** Statements without results that go with a query, as one message. */
interface Around {
  readonly before: string
  readonly after: string
}

/**
 * In the order of `relations`.
 * @param around a transaction of its own
 * @throws Failure (3) if one is missing
 */
export async function readKinds(
  reader: Reader,
  relations: readonly Relation[],
  around?: Around,
): Promise<Kind[]> {
  if (relations.length === 0) return []
  const { before, after } = around ?? {}
  const sql = [before, kindsQuery(relations), after].filter((each) => each !== undefined).join('; ')
  const rows = await reader.query(sql)
  const found = new Map(rows.map((row) => [JSON.stringify([row['schema'], row['name']]), row]))
  return relations.map((relation) => {
    const row = found.get(JSON.stringify([relation.schema, relation.name]))
    if (row === undefined) throw missing(relation)
    return {
      relation,
      oid: Number(row['oid']),
      kind: String(row['kind']),
      whole: row['whole'] === true,
      readsItselfOnly: row['itself_only'] === true,
    }
  })
}

/** PostgreSQL 12 asks LOCK TABLE for the privilege on each child and partition too, which reading does not need. */
const childrenAreLockable = `(
  current_setting('server_version_num')::int >= 130000
  or not exists (
    with recursive tree as (
      select c.oid
      union
      select i.inhrelid from tree join pg_catalog.pg_inherits i on i.inhparent = tree.oid
    )
    select from tree where not has_table_privilege(tree.oid, 'select')
  )
)`

function kindsQuery(relations: readonly Relation[]): string {
  return `select n.nspname as schema, c.relname as name, c.oid::int8::text as oid, c.relkind::text as kind,
       has_table_privilege(c.oid, 'select') and ${childrenAreLockable} as whole,
       c.relkind = 'r' and not c.relhassubclass and not c.relrowsecurity as itself_only
     from ${relationsNamed(relations)}`
}

function missing({ schema, name }: Relation): Failure {
  return new Failure({
    exit: 3,
    act: 'read the table',
    thing: `${schema}.${name}`,
    reason: 'the database has no such table',
    advice: "Correct the script's `name` or `from`, or check which database DATABASE_URL names.",
  })
}

/** Tables, partitioned tables and views; a lock on a view locks what it names. */
export function isLockable({ kind }: Kind): boolean {
  return kind === 'r' || kind === 'p' || kind === 'v'
}

export function namesOf(kinds: readonly Kind[]): Relation[] {
  return kinds.map(({ relation }) => relation)
}

/** @throws Failure (1) if it is not to be had in time, naming who holds it if that can be seen; (2) without the privilege */
export async function lockRelations(reader: Reader, relations: readonly Relation[]): Promise<void> {
  if (relations.length === 0) return
  const sql = `lock table ${relations.map(quoteRelation).join(', ')} in access share mode`
  await waitForLock(reader, relations, sql)
}

/**
 * Where this role may read only some columns, which LOCK TABLE does not take for enough: planning locks a table as
 * reading does. It takes the transaction's snapshot first, so what happened in between is to be looked for, see
 * `isChangedSinceSnapshot`.
 * @throws Failure as `lockRelations`
 */
export async function lockByPlanning(reader: Reader, relations: readonly Relation[]): Promise<void> {
  for (const relation of relations) {
    await waitForLock(reader, [relation], `explain select from ${quoteRelation(relation)}`)
  }
}

/**
 * Whether anything that this transaction has locked has other files, or is another relation, than its snapshot says:
 * TRUNCATE, a rewriting ALTER or a replacement came between the snapshot and the lock. The catalog is read as of the
 * snapshot, and `pg_relation_filenode` tells what is there now.
 */
export async function isChangedSinceSnapshot(reader: Reader): Promise<boolean> {
  const rows = await reader.query(
    `select from pg_catalog.pg_locks l left join pg_catalog.pg_class c on c.oid = l.relation
     where l.pid = pg_backend_pid() and l.locktype = 'relation' and (
       c.relkind in ('r', 'm') and c.relfilenode <> 0
         and pg_catalog.pg_relation_filenode(c.oid) is distinct from c.relfilenode
       or c.oid is null and pg_catalog.pg_get_indexdef(l.relation) is null)
     limit 1`,
  )
  return rows.length > 0
}

async function waitForLock(reader: Reader, relations: readonly Relation[], sql: string): Promise<void> {
  try {
    await reader.query(sql)
  } catch (error) {
    const failure = postgresFailure(error, 'lock', formatRelations(relations))
    if (failure.exit !== 1) throw failure
    throw (await heldBy(reader, relations, failure)) ?? failure
  }
}

/** Who holds an exclusive lock now, which with luck is who held it a moment ago. */
async function heldBy(
  reader: Reader,
  relations: readonly Relation[],
  failure: Failure,
): Promise<Failure | undefined> {
  const rows = await reader
    .query('rollback')
    .then(() =>
      reader.query(
        `select l.relation::regclass::text as name, l.pid, a.usename, a.application_name, a.state,
           to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS') as since
         from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
         where l.granted and l.mode = 'AccessExclusiveLock' and l.relation in (${relations.map((each) => `to_regclass(${quoteText(quoteRelation(each))})`).join(', ')})
         limit 1`,
      ),
    )
    .catch(() => [])
  const [row] = rows
  if (row === undefined) return undefined
  return new Failure({
    exit: 1,
    act: 'lock',
    thing: String(row['name']),
    reason: `${holderOf(row)} holds it exclusively`,
    advice: 'Try again when that is done.',
    cause: failure,
  })
}

/** Only roles like pg_read_all_stats see what others do; a prepared transaction has no process. */
function holderOf({ pid, usename, application_name, state, since }: Row): string {
  if (pid === null) return 'a prepared transaction (see pg_prepared_xacts)'
  const program = application_name ? `, ${application_name}` : ''
  const activity = state && since ? `, ${state} since ${since} UTC` : ''
  const who = usename ? ` (${usename}${program}${activity})` : ''
  const hidden = activity === '' ? ', which this role may not look at,' : ''
  return `process ${pid}${who}${hidden}`
}
