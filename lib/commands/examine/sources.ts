/** The databases of scripts: whether two variables lead to one, as where the value of one was copied to the other. */
import { findDatabase, inWordsOf } from '../../config/config.ts'
import { Failure } from '../../failure/failure.ts'
import { type Finding, ok, warning } from './finding.ts'

/** @param sources of scripts by their names, undefined for that of `DATABASE_URL`; nothing is said of one alone */
export function examineSources(sources: readonly (string | undefined)[]): Finding[] {
  if (sources.length < 2) return []
  const check = 'sources'
  const shared = [...Map.groupBy(sources, placeOf)].find(
    ([place, of]) => place !== undefined && of.length > 1,
  )
  if (shared === undefined) return [ok(check, `${sources.length}, none with the database of another`)]
  const [place, of] = shared
  const variables = of.map((source) => inWordsOf(source, 'DATABASE_URL'))
  const found = `${new Intl.ListFormat('en-GB').format(variables)} lead to the same database, ${place}`
  return [warning(check, found, 'Correct one of them, unless that is meant.')]
}

/** Undefined: it cannot be told, and why is told where the database is examined. */
function placeOf(source: string | undefined): string | undefined {
  try {
    const found = findDatabase(source)
    return found && `${found.host}:${found.port}/${found.database}`
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
