/** Which columns of Postgres the lake's columns are made of. */
import type { Table } from '../declare/table.ts'
import type { Relation } from '../postgres/relation.ts'
import type { Column } from '../types/type.ts'
import { relationName, type Server } from './datasets.ts'

/** What is said of columns together; more is of many tenants, and is not said. */
const mostFields = 10_000

/**
 * Tells it of copied columns; what a function has made is marked, with no input: what it looks at, only the script knows.
 * @param tenants schemas of its tenants, where it has some
 * @returns the content of the facet
 */
export function columnLineage(server: Server, table: Table, tenants: readonly string[]): object {
  const relations = relationsOf(table, tenants)
  const columns = Object.entries(table.output)
  const sources = relations.length * columns.length <= mostFields ? relations : []
  const fields = columns.map(([name, column]) => {
    if (Object.hasOwn(table.derive, name)) {
      return [name, { inputFields: [], transformationDescription: 'computed by a function of the script' }]
    }
    if (table.source.tenants?.column === name) {
      return [name, { inputFields: [], transformationDescription: "the name of the tenant's schema" }]
    }
    const transformations = [transformationOf(column)]
    const field = column.source ?? name
    return [
      name,
      { inputFields: sources.map((each) => ({ ...relationName(server, each), field, transformations })) },
    ]
  })
  return { fields: Object.fromEntries(fields) }
}

/** None of a query: which columns are behind its own is not known. */
function relationsOf({ source }: Table, tenants: readonly string[]): Relation[] {
  if (source.tenants !== undefined) return tenants.map((schema) => ({ schema, name: source.tenants.name }))
  return source.schema === undefined ? [] : [{ schema: source.schema, name: source.name }]
}

/** In OpenLineage's words ("Transformation Type" of the facet). */
function transformationOf({ protection, lossy }: Column): object {
  if (protection !== undefined) {
    const description = protection.by === 'hashed' ? 'HMAC-SHA-256' : 'masked'
    return { type: 'DIRECT', subtype: 'TRANSFORMATION', description, masking: true }
  }
  return lossy === undefined
    ? { type: 'DIRECT', subtype: 'IDENTITY', description: '', masking: false }
    : { type: 'DIRECT', subtype: 'TRANSFORMATION', description: `lossy: ${lossy}`, masking: false }
}
