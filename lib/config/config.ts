/**
 * The environment, read once and checked; nothing else reads it.
 *
 * I want to…                               → file
 * add a setting                            → settings.ts
 * know what programs are given             → types.ts
 * change what is said of a wrong one       → setting.ts
 * change how Postgres is found             → database.ts, database-url.ts, password-file.ts
 * change how it is secured                 → tls.ts, auth.ts
 * know which parameters of libpq are taken → connection-parameters.ts
 * change how the lake is found             → lake.ts, s3-uri.ts
 */
import { checkVariables } from './connection-parameters.ts'
import { missingForDatabase, parseDatabase } from './database.ts'
import { missingForLake, parseLake } from './lake.ts'
import { parseSentry, type SentryConfig } from './sentry.ts'
import { type Environment, refuseMissing, setting } from './setting.ts'
import type { Config, DatabaseConfig, LakeConfig } from './types.ts'
import { unknownSettings } from './unknown-settings.ts'

export type { SentryConfig } from './sentry.ts'
export type { Environment } from './setting.ts'
export { knownSettings } from './settings.ts'
export type { Config, DatabaseConfig, LakeConfig, Tls } from './types.ts'

/** What a dry run works with. */
export interface DryRunConfig {
  readonly database: DatabaseConfig
  /** Undefined: none is configured. */
  readonly lake: LakeConfig | undefined
}

/** @throws Failure (2) naming every setting that is missing, or the one that is wrong; never a value that may be secret */
export function readConfig(env: Environment = process.env): Config {
  checkVariables(env)
  refuseMissing([...missingForDatabase(env), ...missingForLake(env)])
  return { database: parseDatabase(env), lake: parseLake(env) }
}

/**
 * A dry run needs only the database; it tells of the lake if one is configured.
 * @throws Failure (2) as `readConfig`
 */
export function readDryRun(env: Environment = process.env): DryRunConfig {
  const database = readDatabase(env)
  return { database, lake: missingForLake(env).length > 0 ? undefined : parseLake(env) }
}

/** @throws Failure (2) as `readConfig` */
export function readDatabase(env: Environment = process.env): DatabaseConfig {
  // PGSERVICE alone names a database too, and is not to be told that none is named.
  checkVariables(env)
  refuseMissing(missingForDatabase(env))
  return parseDatabase(env)
}

/**
 * Undefined: none is configured.
 * @throws Failure (2) as `readConfig`, for one that is wrong
 */
export function findDatabase(env: Environment = process.env): DatabaseConfig | undefined {
  return missingForDatabase(env).length > 0 ? undefined : parseDatabase(env)
}

/** @throws Failure (2) as `readConfig` */
export function readLake(env: Environment = process.env): LakeConfig {
  refuseMissing(missingForLake(env))
  return parseLake(env)
}

/** @returns undefined: failures are sent nowhere @throws Failure (2) as `readConfig` */
export function readSentry(env: Environment = process.env): SentryConfig | undefined {
  return parseSentry(env)
}

/** Whether a fault of the program itself is shown with its stack: `DRACULA_DEBUG=1`. */
export function debugWanted(env: Environment = process.env): boolean {
  return !['0', 'false', undefined].includes(setting(env, 'DRACULA_DEBUG'))
}

/** Names of variables that look like Dracula's own, and are not. */
export function readUnknownSettings(env: Environment = process.env): string[] {
  return unknownSettings(env)
}
