/** Where the URL of the database is: in the environment, or in a file that it names, as secrets are mounted. */
import { readFileSync } from 'node:fs'
import { type Environment, setting, wrongSetting } from './setting.ts'
import type { SourceVariables } from './source-variables.ts'

export interface GivenUrl {
  /** The variable it came by, for messages. */
  readonly name: string
  readonly text: string
}

/**
 * Undefined: neither is set. White space around it does not count.
 * @throws Failure (2) for both at once, and for a file that cannot be read or is empty
 */
export function findUrl(env: Environment, { url, file }: SourceVariables): GivenUrl | undefined {
  const text = setting(env, url)?.trim()
  const path = setting(env, file)
  if (path === undefined) return text === undefined ? undefined : { name: url, text }
  if (text !== undefined) throw wrongSetting(file, `is set beside ${url}`, 'Unset one of them.')
  const advice =
    'Name a file that holds postgres://user@host:5432/database, with the password behind the user, and nothing else.'
  let found: string
  try {
    found = readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw wrongSetting(file, `names the file ${path}, which cannot be read`, advice, cause)
  }
  if (found === '') throw wrongSetting(file, `names the file ${path}, which is empty`, advice)
  return { name: file, text: found }
}
