/** Every variable of Dracula's own that this room reads; what only looks like one is a mistake of the typist's. */
import type { Environment } from './setting.ts'

export const knownSettings: readonly string[] = [
  'DRACULA_ATHENA_OUTPUT',
  'DRACULA_ATHENA_WORKGROUP',
  'DRACULA_CRAWLER_ROLE',
  'DRACULA_DATABASE_AUTH',
  'DRACULA_DEBUG',
  'DRACULA_GLUE_DATABASE',
  'DRACULA_KMS_KEY',
  'DRACULA_S3_URI',
  'DRACULA_STAGING_DATABASE',
]

/** Names that are set, begin like Dracula's own in any case, and that nobody reads. */
export function unknownSettings(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => /^_?dracula/i.test(name) && env[name] !== undefined && !knownSettings.includes(name))
    .toSorted()
}
