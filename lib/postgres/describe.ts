/** What Postgres says of a source: its kind, its columns, about how big it is. Run inside the snapshot. */

import type { SourceComments } from '../declare/documentation.ts'
import { formatSource, type SourceName } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import { numericModifier } from '../types/numeric-modifier.ts'
import type { Reader } from './connect.ts'
import { describeQuery } from './describe-query.ts'
import { postgresFailure } from './failure.ts'
import { outputIn, outputOf } from './output-function.ts'
import { type Relation, relationsNamed } from './relation.ts'
import type { Source, SourceColumn, SourceKind } from './source.ts'

/** `pg_class.relkind`. */
const kinds: Readonly<Record<string, SourceKind>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialised view',
  f: 'foreign table',
}

const unknownSize = { estimatedRows: undefined, estimatedBytes: undefined }

/** @throws Failure (3) if there is no such relation, or it is one that has no rows to read */
export async function describeSource(reader: Reader, relation: SourceName): Promise<Source> {
  const { oid, ...described } = await describeColumns(reader, relation)
  if (relation.schema === undefined) return { ...described, ...unknownSize }
  try {
    return { ...described, ...(await estimateSize(reader, [{ oid, ...described }])) }
  } catch (error) {
    throw postgresFailure(error, 'describe', `${relation.schema}.${relation.name}`)
  }
}

/** What the catalog says of a source. */
export interface DescribedColumns extends Pick<Source, 'kind' | 'columns' | 'evaluated' | 'comments'> {
  readonly oid: string
}

/**
 * From the catalog alone: it takes no lock on the relation and touches no file of it.
 * @throws Failure as `describeSource`
 */
export async function describeColumns(reader: Reader, relation: SourceName): Promise<DescribedColumns> {
  const thing = formatSource(relation)
  try {
    if (relation.query !== undefined) {
      return {
        kind: 'query',
        evaluated: true,
        columns: await describeQuery(reader, relation.query),
        oid: '0',
      }
    }
    if (relation.tenants !== undefined) throw new Error(`${thing} is a table of each tenant, and not one.`)
    const [described] = await describeRelations(reader, [relation])
    return described!
  } catch (error) {
    throw postgresFailure(error, 'describe', thing)
  }
}

/**
 * In their order, however many there are, by two queries.
 * @throws Failure as `describeSource`; the driver's error
 */
export async function describeRelations(
  reader: Pick<Reader, 'query'>,
  relations: readonly Relation[],
): Promise<DescribedColumns[]> {
  const found = await reader.query(
    `select n.nspname::text as schema, c.relname::text as name, c.oid::int8::text as oid, c.relkind::text as kind,
       ${isEvaluated} as evaluated, ${commentOf(`pg_catalog.obj_description(c.oid, 'pg_class')`, mostLetters.relation)} as comment
     from ${relationsNamed(relations)}`,
  )
  const byName = new Map(found.map((row) => [`${row['schema']}\0${row['name']}`, row]))
  const described = relations.map(({ schema, name }) => {
    const row = byName.get(`${schema}\0${name}`)
    const kind = kinds[String(row?.['kind'])]
    if (row === undefined || kind === undefined) throw notReadable(`${schema}.${name}`, row !== undefined)
    return { row, kind, evaluated: row['evaluated'] === true, oid: String(row['oid']) }
  })
  const all = await reader.query(columnsQuery(described.map(({ oid }) => oid)))
  const byRelation = Map.groupBy(all, ({ relation }) => String(relation))
  return described.map(({ row: found, ...each }) => {
    const rows = byRelation.get(each.oid) ?? []
    const enforced = each.kind === 'table' || each.kind === 'partitioned'
    return {
      ...each,
      columns: rows.map((row) => toColumn(row, enforced)),
      comments: commentsIn(found, rows),
    }
  })
}

/**
 * Whether reading a relation computes something. That of a table may: a virtual column is computed as it is read (since
 * PostgreSQL 18), and a partition may be foreign.
 */
const isEvaluated = `(
  c.relkind in ('v', 'f')
  or exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attgenerated = 'v')
  or exists (
    with recursive tree as (
      select c.oid
      union
      select i.inhrelid from tree join pg_catalog.pg_inherits i on i.inhparent = tree.oid
    )
    select from tree join pg_catalog.pg_class part on part.oid = tree.oid where part.relkind = 'f'
  )
)`

/** What a lake takes of a comment is shorter by far, blanks at its ends left out. */
const mostLetters = { relation: 8192, column: 1024 }

/** Those of which every byte means a letter that UTF8 has too. */
const translatable = "'{UTF8,LATIN1,LATIN2,LATIN4,LATIN5,LATIN6,LATIN7,LATIN8,LATIN9,LATIN10,KOI8R}'"

/** No comment is to stop a load, as one would that cannot be converted to UTF8. */
function commentOf(sql: string, letters: number): string {
  return `(
    select pg_catalog.left(d.text, ${letters}) from (select ${sql} as text) d
    where pg_catalog.getdatabaseencoding() operator(pg_catalog.=) any (${translatable}::pg_catalog.name[])
      or d.text operator(pg_catalog.!~) '[^\\x01-\\x7f]')`
}

function commentsIn(
  relation: Record<string, unknown>,
  columns: readonly Record<string, unknown>[],
): SourceComments {
  const commented = columns.flatMap(({ name, comment }) =>
    typeof comment === 'string' ? [[String(name), comment] as const] : [],
  )
  const { comment } = relation
  return {
    table: typeof comment === 'string' ? comment : undefined,
    columns: Object.fromEntries(commented),
  }
}

function notReadable(thing: string, exists: boolean): Failure {
  return new Failure({
    exit: 3,
    act: 'read the table',
    thing,
    reason: exists ? 'it is neither a table nor a view' : 'the database has no such table',
    advice: "Correct the script's `name` or `from`, or check which database DATABASE_URL names.",
  })
}

/**
 * A domain's base type and typmod are those at the end of its chain, and it is not null if any link says so. An
 * array's elements may be of a domain again.
 * Since PostgreSQL 18 `attnotnull` is also set by a constraint that was never validated.
 */
function columnsQuery(oids: readonly string[]): string {
  return `
    with recursive base as (
      select a.attrelid, a.attnum, a.atttypid as type, a.atttypmod as typmod, false as not_null
      from pg_catalog.pg_attribute a
      where a.attrelid = any ('{${oids.join(',')}}'::oid[]) and a.attnum > 0 and not a.attisdropped
      union all
      select base.attrelid, base.attnum, t.typbasetype, t.typtypmod, t.typnotnull
      from base join pg_catalog.pg_type t on t.oid = base.type where t.typtype = 'd'
    ),
    element as (
      select base.attrelid, base.attnum, e.oid as type, base.typmod
      from base
        join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
        join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
      union all
      select element.attrelid, element.attnum, t.typbasetype, t.typtypmod
      from element join pg_catalog.pg_type t on t.oid = element.type where t.typtype = 'd'
    )
    select a.attrelid::int8::text as relation, a.attname::text as name,
      pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
      case when n.nspname = 'pg_catalog' then '' else n.nspname || '.' end || t.typname as typname,
      case when en.nspname = 'pg_catalog' then '' else en.nspname || '.' end || e.typname as element,
      (${outputOf('t')}) as output,
      case when e.typdelim = ',' then (${outputOf('e')}) end as element_output,
      ${commentOf('pg_catalog.col_description(a.attrelid, a.attnum)', mostLetters.column)} as comment,
      coalesce(elements.typmod, base.typmod) as typmod,
      links.not_null
        or a.attnotnull and not exists (
          select from pg_catalog.pg_constraint k
          where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated
        ) as not_null
    from base
      join (
        select attrelid, attnum, bool_or(not_null) as not_null from base group by attrelid, attnum
      ) links on links.attrelid = base.attrelid and links.attnum = base.attnum
      join pg_catalog.pg_attribute a on a.attrelid = base.attrelid and a.attnum = base.attnum
      join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      left join (
        element elements join pg_catalog.pg_type e on e.oid = elements.type and e.typtype <> 'd'
        join pg_catalog.pg_namespace en on en.oid = e.typnamespace
      ) on elements.attrelid = a.attrelid and elements.attnum = a.attnum
    order by a.attrelid, a.attnum`
}

function toColumn(row: Record<string, unknown>, enforced: boolean): SourceColumn {
  const typname = String(row['typname'])
  const element =
    typeof row['element'] === 'string'
      ? { typname: row['element'], ...outputIn(row['element_output']) }
      : undefined
  return {
    name: String(row['name']),
    type: String(row['type']),
    typname,
    notNull: enforced ? row['not_null'] === true : undefined,
    ...(element && { element }),
    ...outputIn(row['output']),
    ...((element?.typname ?? typname) === 'numeric' && numericModifier(Number(row['typmod']))),
  }
}

/** Estimates as the planner does, of all of them together: the density of the last ANALYZE or VACUUM, times the pages there are now. */
export async function estimateSize(
  reader: Pick<Reader, 'query'>,
  relations: readonly Pick<DescribedColumns, 'oid' | 'kind'>[],
): Promise<Pick<Source, 'estimatedRows' | 'estimatedBytes'>> {
  if (relations.some(({ kind }) => kind === 'view' || kind === 'foreign table')) return unknownSize
  const oids = relations.map(({ oid }) => oid)
  const [row] = await reader.query(`
    with recursive tree as (
      select unnest('{${oids.join(',')}}'::oid[]) as oid
      union
      select i.inhrelid from tree join pg_catalog.pg_inherits i on i.inhparent = tree.oid
    ),
    part as (
      select c.reltuples::float8 as tuples, c.relpages::float8 as pages, pg_catalog.pg_table_size(c.oid)::float8 as bytes,
        pg_catalog.pg_relation_size(c.oid)::float8 / current_setting('block_size')::int as pages_now
      from tree join pg_catalog.pg_class c on c.oid = tree.oid where c.relkind in ('r', 'm')
    )
    select sum(bytes) as bytes,
      sum(case when pages_now = 0 then 0 when pages > 0 and tuples >= 0 then tuples / pages * pages_now end) as rows,
      coalesce(bool_or(pages_now > 0 and not (pages > 0 and tuples >= 0)), false) as unknown
    from part`)
  return {
    estimatedRows: row?.['unknown'] === true ? undefined : Math.round(Number(row?.['rows'] ?? 0)),
    estimatedBytes: Number(row?.['bytes'] ?? 0),
  }
}
