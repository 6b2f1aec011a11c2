/** The variables that a source is found by: `DATABASE_URL`, or those of a source with a name, `DATABASE_URL_BILLING`. */
import { illegalSource } from '../declare/connection.ts'
import { Failure } from '../failure/failure.ts'
import type { Environment } from './setting.ts'
import type { SettingName, SourceSettingName } from './settings.ts'

type Name = SettingName | SourceSettingName

export interface SourceVariables {
  readonly url: Name
  /** Names a file that holds the URL. */
  readonly file: Name
  readonly auth: Name
}

const [url, auth] = ['DATABASE_URL', 'DRACULA_DATABASE_AUTH'] as const

/** @param source its name, see `declare/connection.ts`; undefined: the one that has none */
export function variablesOf(source: string | undefined): SourceVariables {
  if (source === undefined) return { url, file: `${url}_FILE`, auth }
  const own = source.toUpperCase()
  return { url: `${url}_${own}`, file: `${url}_${own}_FILE`, auth: `${auth}_${own}` }
}

/** The names of sources that any variable is set of, whether scripts have them or not. */
export function sourcesIn(env: Environment): string[] {
  const suffixes = Object.keys(env).flatMap((name) =>
    [`${url}_`, `${auth}_`].flatMap((start) => (name.startsWith(start) ? name.slice(start.length) : [])),
  )
  const names = new Set(suffixes.map((suffix) => suffix.replace(/_FILE$/, '').toLowerCase()))
  return [...names].filter((name) => illegalSource(name) === undefined)
}

/** Advice that speaks of `DATABASE_URL`, or of the role that reads there, for a source that has a variable of its own. */
export function inWordsOf(source: string | undefined, advice: string): string {
  if (source === undefined) return advice
  const variables = variablesOf(source)
  return advice
    .replace(/\bpolicies postgres-role\b/g, `policies postgres-role --source ${source}`)
    .replace(/\bDATABASE_URL\b/g, variables.url)
    .replace(/\bDATABASE_URL_FILE\b/g, variables.file)
    .replace(/\bDRACULA_DATABASE_AUTH\b/g, variables.auth)
}

/** The same of a failure, which is no load's. */
export function failureInWordsOf(source: string | undefined, failure: Failure): Failure {
  if (source === undefined) return failure
  const advice = inWordsOf(source, failure.advice)
  return new Failure({ ...failure.detail, advice, cause: failure.cause })
}
