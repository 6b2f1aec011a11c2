/** Which relations a query reads, as it is planned now: a table may come by a partition while others already read it. */
import type { Reader } from './connect.ts'
import { quoteRelation } from './relation.ts'

/**
 * Locks them too, as reading does; those that no lock keeps from being attached come with the next plan. To be called
 * under the settings that the query is read under.
 * @returns `"public"."taxes_2026"`, each once: those whose rows are read, and no view or partitioned table above them
 * @throws the driver's error
 */
export async function plannedRelations(
  reader: Pick<Reader, 'query'>,
  query: string,
): Promise<readonly string[]> {
  const [row] = await reader.query(`explain (verbose, costs off, format json) ${query}`)
  // The client has parsed it, as all that is of the type json.
  return [...new Set(relationsIn(row?.['QUERY PLAN']))]
}

function relationsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  const { Schema: schema, 'Relation Name': name } = node as Readonly<Record<string, unknown>>
  const own = typeof schema === 'string' && typeof name === 'string' ? [quoteRelation({ schema, name })] : []
  return [...own, ...Object.values(node).flatMap(relationsIn)]
}
