/** What a load needs beside its table: a workgroup that takes queries, and two databases. */
import type { Call } from '../aws/calls.ts'
import { createDatabase, ensureDatabaseCalls, findDatabase } from '../aws/glue.ts'
import type { LoadNames, TablePlace } from './names.ts'
import { readWorkgroupCalls, requireWorkgroup } from './workgroup.ts'

/**
 * The databases are made once all is known to be right.
 * @returns the account the catalog is in; undefined: Glue does not say
 * @throws Failure of the first that is not right
 */
export async function requireSurroundings(
  place: TablePlace,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { aws, config } = place
  const names = [config.glueDatabase, config.stagingDatabase]
  const looking = Promise.all(names.map((name) => findDatabase(aws, name, signal)))
  looking.catch(() => {})
  await requireWorkgroup(place, signal)
  const found = await looking
  await Promise.all(names.map((name, at) => found[at] ?? createDatabase(aws, name, signal)))
  const [readers] = found
  return (readers ?? (await findDatabase(aws, config.glueDatabase, signal)))?.CatalogId
}

export function prepareCalls({ lake }: Pick<LoadNames, 'lake'>): Call[] {
  return [
    ...readWorkgroupCalls(lake.workgroup),
    ...[lake.glueDatabase, lake.stagingDatabase].flatMap(ensureDatabaseCalls),
  ]
}
