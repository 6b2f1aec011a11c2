/** What Postgres knows of a relation beyond its columns' types, for the one who writes its script. */
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteRelation, quoteText, type Relation } from './relation.ts'

export interface ColumnAnnotation {
  readonly comment: string | undefined
  /** Labels of an enum, or of an array of enums, in the enum's order. */
  readonly labels: readonly string[] | undefined
  /** `pg_type.typtype` of the base type, of the elements for an array: b, c, e, m or r; `a` if those are arrays. */
  readonly kind: string
}

export interface Annotations {
  readonly comment: string | undefined
  readonly columns: ReadonlyMap<string, ColumnAnnotation>
}

/** @throws Failure as Postgres fails */
export async function readAnnotations(reader: Reader, relation: Relation): Promise<Annotations> {
  const oid = `${quoteText(quoteRelation(relation))}::regclass`
  try {
    const [about] = await reader.query(`select pg_catalog.obj_description(${oid}, 'pg_class') as comment`)
    const rows = await reader.query(columnsQuery(oid))
    return {
      comment: textOf(about?.['comment']),
      columns: new Map(rows.map((row) => [String(row['name']), toAnnotation(row)])),
    }
  } catch (error) {
    throw postgresFailure(error, 'describe', `${relation.schema}.${relation.name}`)
  }
}

/** Domains are followed to their base type; then from an array to its elements, and to the base type of those. */
function columnsQuery(oid: string): string {
  return `
    with recursive base as (
      select a.attnum, a.atttypid as type
      from pg_catalog.pg_attribute a
      where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped
      union all
      select base.attnum, t.typbasetype
      from base join pg_catalog.pg_type t on t.oid = base.type where t.typtype = 'd'
    ),
    element as (
      select base.attnum, e.oid as type
      from base
        join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
        join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
      union all
      select element.attnum, t.typbasetype
      from element join pg_catalog.pg_type t on t.oid = element.type where t.typtype = 'd'
    )
    select a.attname::text as name,
      pg_catalog.col_description(a.attrelid, a.attnum) as comment,
      case when e.typcategory = 'A' then 'a' else coalesce(e.typtype, t.typtype)::text end as kind,
      (select json_agg(l.enumlabel order by l.enumsortorder)::text
       from pg_catalog.pg_enum l where l.enumtypid = coalesce(e.oid, t.oid)) as labels
    from base
      join pg_catalog.pg_attribute a on a.attrelid = ${oid} and a.attnum = base.attnum
      join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
      left join (
        element elements join pg_catalog.pg_type e on e.oid = elements.type and e.typtype <> 'd'
      ) on elements.attnum = a.attnum
    order by a.attnum`
}

function toAnnotation(row: Record<string, unknown>): ColumnAnnotation {
  const labels = textOf(row['labels'])
  return {
    comment: textOf(row['comment']),
    labels: labels === undefined ? undefined : (JSON.parse(labels) as string[]),
    kind: String(row['kind']),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
