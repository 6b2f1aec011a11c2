/** What is said of a source that has a name and no variable: which one, of which scripts, and what may have been meant. */
import type { Connected } from '../declare/connection.ts'
import { nearestName } from '../declare/nearest.ts'
import { missingForDatabase } from './database.ts'
import type { Environment } from './setting.ts'
import { variablesOf } from './source-variables.ts'

/** So many scripts are named; the others are counted. */
const mostNamed = 5

/** A mistake of the typist's takes so many keystrokes at the most, and fewer in a short name: another source has another. */
const mostKeystrokes = (source: string) => Math.min(2, Math.ceil(source.length / 3))

/** @param tables those that are to be read; sources that they do not name are not missed */
export function missingForTables(env: Environment, tables: readonly Connected[]): string[] {
  const sources = Map.groupBy(tables, ({ connection }) => connection)
  return [...sources].flatMap(([source, readers]) =>
    missingForDatabase(env, source).map((name) =>
      source === undefined
        ? name
        : `${name} (for source: '${source}' in ${scriptsOf(readers)}${meant(env, source, name)})`,
    ),
  )
}

function scriptsOf(tables: readonly Connected[]): string {
  const named = tables.slice(0, mostNamed).map(({ name }) => `scripts/${name}.ts`)
  const more = tables.length - named.length
  return new Intl.ListFormat('en-GB').format(more === 0 ? named : [...named, `${more} more`])
}

function meant(env: Environment, source: string, name: string): string {
  const { file } = variablesOf(source)
  const set = Object.keys(env).filter((each) => env[each] && /^_?DATABASE_?URL_/i.test(each))
  const near =
    nearestName(name, set, mostKeystrokes(source)) ??
    nearestName(
      file,
      set.filter((each) => each !== 'DATABASE_URL_FILE'),
      mostKeystrokes(source),
    )
  return near === undefined ? '' : `; is ${near} meant?`
}
