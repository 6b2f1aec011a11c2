/** Variables that look like Dracula's own, and are not. */
import type { Environment } from './setting.ts'
import { knownSettings } from './settings.ts'
import { variablesOf } from './source-variables.ts'

/** Names that are set, begin like Dracula's own in any case, and that nobody reads. @param sources that scripts name */
export function unknownSettings(env: Environment, sources: readonly string[]): string[] {
  const known = knownTo(sources)
  return Object.keys(env)
    .filter((name) => /^_?dracula/i.test(name) && env[name] !== undefined && !known.includes(name))
    .toSorted()
}

/** Every variable of Dracula's own, where scripts have these sources. */
export function knownTo(sources: readonly string[]): string[] {
  return [...knownSettings, ...sources.map((source) => variablesOf(source).auth)].toSorted()
}
