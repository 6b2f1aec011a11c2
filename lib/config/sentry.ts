/** Where failures are sent: the variables that every SDK of Sentry reads. */
import { parseEnvironmentName } from './notify.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'

export interface SentryConfig {
  /** `https://key@host/project` */
  readonly dsn: string
  readonly environment: string
}

/** @returns undefined: nowhere @throws Failure (2) without showing the value */
export function parseSentry(env: Environment): SentryConfig | undefined {
  const dsn = setting(env, 'SENTRY_DSN')
  if (dsn === undefined) return undefined
  const url = URL.parse(dsn)
  const sound =
    url !== null && /^https?:$/.test(url.protocol) && url.username !== '' && url.pathname.length > 1
  if (!sound) {
    throw wrongSetting('SENTRY_DSN', 'is not a DSN', 'Copy it from the settings of the Sentry project.')
  }
  const environment = setting(env, 'SENTRY_ENVIRONMENT') ?? parseEnvironmentName(env) ?? 'production'
  return { dsn, environment }
}
