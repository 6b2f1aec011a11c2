/** What Postgres says of a query's columns, without running it. */

import type { Reader } from './connect.ts'
import { outputIn, outputOf } from './output-function.ts'
import { quoteText } from './relation.ts'
import { underRoleSettings } from './session-settings.ts'
import type { SourceColumn } from './source.ts'

/**
 * Types without their modifiers, as the server announces them: a `numeric(14,2)` is a bare numeric here. Nobody says
 * what is never null.
 * @throws the driver's error for what is no query, or not a readable one
 */
export async function describeQuery(reader: Reader, query: string): Promise<SourceColumn[]> {
  const announced = await underRoleSettings(reader, () =>
    reader.describe(`select * from (\n${query}\n) as source limit 0`),
  )
  if (announced.length === 0) return []
  const values = announced.map(({ name, type }, at) => `(${at}, ${quoteText(name)}, ${type}::oid)`)
  const rows = await reader.query(`
    with recursive announced (at, name, type) as (values ${values.join(', ')}),
    base as (
      select at, type from announced
      union all
      select base.at, t.typbasetype from base join pg_catalog.pg_type t on t.oid = base.type where t.typtype = 'd'
    ),
    element as (
      select base.at, e.oid as type
      from base
        join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
        join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
      union all
      select element.at, t.typbasetype
      from element join pg_catalog.pg_type t on t.oid = element.type where t.typtype = 'd'
    )
    select a.name, pg_catalog.format_type(a.type, null) as type,
      case when n.nspname = 'pg_catalog' then '' else n.nspname || '.' end || t.typname as typname,
      case when en.nspname = 'pg_catalog' then '' else en.nspname || '.' end || e.typname as element,
      (${outputOf('t')}) as output,
      case when e.typdelim = ',' then (${outputOf('e')}) end as element_output
    from announced a
      join base on base.at = a.at
      join pg_catalog.pg_type t on t.oid = base.type and t.typtype <> 'd'
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      left join (
        element elements join pg_catalog.pg_type e on e.oid = elements.type and e.typtype <> 'd'
        join pg_catalog.pg_namespace en on en.oid = e.typnamespace
      ) on elements.at = a.at
    order by a.at`)
  return rows.map(({ name, type, typname, element, output, element_output }) => ({
    name: String(name),
    type: String(type),
    typname: String(typname),
    notNull: undefined,
    ...(typeof element === 'string' && { element: { typname: element, ...outputIn(element_output) } }),
    ...outputIn(output),
  }))
}
