/** Variables that look like Dracula's own, and are not. */
import type { Environment } from './setting.ts'
import { knownSettings } from './settings.ts'

/** Names that are set, begin like Dracula's own in any case, and that nobody reads. */
export function unknownSettings(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => /^_?dracula/i.test(name) && env[name] !== undefined && !knownSettings.includes(name))
    .toSorted()
}
