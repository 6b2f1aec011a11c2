/** DRACULA_DATABASE_AUTH: how the database is told who asks. */
import { type Environment, setting, wrongSetting } from './setting.ts'
import { variablesOf } from './source-variables.ts'
import type { DatabaseConfig, Tls } from './types.ts'

/**
 * `rds-iam`: by a token in place of a password, which RDS takes over TLS only (Amazon RDS User Guide, "IAM database
 * authentication").
 * @param source whose connection it is
 * @param passwordOf the setting that has a password in it
 * @throws Failure (2) for another word, a password beside it, or a connection without TLS
 */
export function parseAuth(
  env: Environment,
  source: string | undefined,
  { tls, passwordOf }: { readonly tls: Tls; readonly passwordOf: string | undefined },
): DatabaseConfig['auth'] {
  const { auth: name } = variablesOf(source)
  const value = setting(env, name) ?? 'password'
  if (value === 'password') return value
  if (value !== 'rds-iam') {
    throw wrongSetting(name, 'is neither password nor rds-iam', 'Use one of the two, or unset it.')
  }
  // What holds for all sources may have been set for another one.
  const shared = source === undefined ? (['PGPASSWORD', 'PGPASSFILE'] as const) : []
  const beside = passwordOf ?? shared.find((each) => setting(env, each) !== undefined)
  if (beside !== undefined) {
    throw wrongSetting(name, `is rds-iam, and ${beside} gives a password`, 'Take the password away.')
  }
  if (tls.mode === 'disable' || tls.mode === 'prefer') {
    throw wrongSetting(name, 'is rds-iam, which needs TLS', 'Set sslmode=verify-full, and sslrootcert.')
  }
  return value
}
