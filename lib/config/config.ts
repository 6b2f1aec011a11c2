/**
 * The environment, read once and checked; nothing else reads it.
 *
 * I want to…                               → file
 * add a setting                            → settings.ts
 * know what programs are given             → types.ts
 * change what is said of a wrong one       → setting.ts
 * change how Postgres is found             → database.ts, database-url.ts, password-file.ts
 * know what a source with a name has       → source-variables.ts, missing-source.ts
 * change how it is secured                 → tls.ts, auth.ts
 * say whether a setting is secret          → secrets.ts
 * know which parameters of libpq are taken → connection-parameters.ts
 * change how the lake is found             → lake.ts, s3-uri.ts
 * change what other variables may be       → hash-key.ts, env-files.ts, notify.ts, sentry.ts, http-url.ts
 */
import type { Connected } from '../declare/connection.ts'
import { checkVariables } from './connection-parameters.ts'
import { missingForDatabase, parseDatabase } from './database.ts'
import { parseHashKey } from './hash-key.ts'
import { missingForLake, parseLake } from './lake.ts'
import { type LineageConfig, parseLineage } from './lineage.ts'
import { missingForTables } from './missing-source.ts'
import { findEnvironmentName, findNotify, type NotifyConfig, parseAtTerminal, parseNotify } from './notify.ts'
import { findSecrets } from './secrets.ts'
import { parseSentry, type SentryConfig } from './sentry.ts'
import { type Environment, refuseMissing, setting } from './setting.ts'
import { sourcesIn, variablesOf } from './source-variables.ts'
import { parseTelemetry, type TelemetryConfig } from './telemetry.ts'
import type { Config, DatabaseConfig, LakeConfig } from './types.ts'
import { unknownSettings } from './unknown-settings.ts'

export { requireEnvFiles } from './env-files.ts'
export type { LineageConfig, ParentRun } from './lineage.ts'
export type { NotifyConfig, TopicConfig, WebhookConfig } from './notify.ts'
export type { SentryConfig } from './sentry.ts'
export type { Environment } from './setting.ts'
export { failureInWordsOf, inWordsOf } from './source-variables.ts'
export type { ParentSpan, TelemetryConfig } from './telemetry.ts'
export type { Config, DatabaseConfig, LakeConfig, Tls } from './types.ts'
export { knownTo } from './unknown-settings.ts'

/** What a dry run works with. */
export interface DryRunConfig {
  readonly database: DatabaseConfig
  /** Undefined: none is configured. */
  readonly lake: LakeConfig | undefined
  /** The same as in `Config`. */
  readonly hashKey?: string | undefined
}

/**
 * @param table what is loaded: its source says which database
 * @throws Failure (2) naming every setting that is missing, or the one that is wrong; never a value that may be secret
 */
export function readConfig(table: Connected, env: Environment = process.env): Config {
  checkVariables(env)
  refuseMissing([...missingForTables(env, [table]), ...missingForLake(env)])
  const database = parseDatabase(env, table.connection)
  return { database, lake: parseLake(env), hashKey: parseHashKey(env) }
}

/**
 * A dry run needs only the database; it tells of the lake if one is configured.
 * @throws Failure (2) as `readConfig`
 */
export function readDryRun(table: Connected, env: Environment = process.env): DryRunConfig {
  const database = databaseOf(table, readDatabases([table], env))
  const lake = missingForLake(env).length > 0 ? undefined : parseLake(env)
  return { database, lake, hashKey: parseHashKey(env) }
}

/** Databases by the names of their sources; undefined: that of `DATABASE_URL`. */
export type Databases = ReadonlyMap<string | undefined, DatabaseConfig>

/**
 * Those that the tables are read from.
 * @throws Failure (2) as `readConfig`, before any of them is asked
 */
export function readDatabases(tables: readonly Connected[], env: Environment = process.env): Databases {
  checkVariables(env)
  refuseMissing(missingForTables(env, tables))
  const sources = new Set(tables.map(({ connection }) => connection))
  return new Map([...sources].map((source) => [source, parseDatabase(env, source)]))
}

/** That of one of the tables that they were read for. */
export function databaseOf<T>(
  { connection, name }: Connected,
  databases: ReadonlyMap<string | undefined, T>,
): T {
  const database = databases.get(connection)
  if (database === undefined) throw new Error(`nobody has read where the source of ${name} is`)
  return database
}

/** @param source its name @throws Failure (2) as `readConfig` */
export function readDatabase(env: Environment = process.env, source?: string): DatabaseConfig {
  // PGSERVICE alone names a database too, and is not to be told that none is named.
  checkVariables(env)
  refuseMissing(missingForDatabase(env, source))
  return parseDatabase(env, source)
}

/**
 * Undefined: none is configured.
 * @throws Failure (2) as `readConfig`, for one that is wrong
 */
export function findDatabase(source?: string, env: Environment = process.env): DatabaseConfig | undefined {
  return missingForDatabase(env, source).length > 0 ? undefined : parseDatabase(env, source)
}

/** Who connects by a token of RDS, for every source that is configured so. @throws Failure (2) as `findDatabase` */
export function findTokenUsers(
  env: Environment = process.env,
): { source: string | undefined; user: string }[] {
  // Other programs have variables of such names too, which need lead to no Postgres.
  const sources = sourcesIn(env).filter((source) => setting(env, variablesOf(source).auth) !== undefined)
  return [undefined, ...sources].flatMap((source) => {
    const database = findDatabase(source, env)
    return database?.auth === 'rds-iam' ? { source, user: database.user } : []
  })
}

/** Those that variables of any name lead to, as far as they can be read. */
export function findAllDatabases(env: Environment = process.env): DatabaseConfig[] {
  return [undefined, ...sourcesIn(env)].flatMap((source) => {
    try {
      return findDatabase(source, env) ?? []
    } catch {
      return []
    }
  })
}

/** @throws Failure (2) as `readConfig` */
export function readLake(env: Environment = process.env): LakeConfig {
  refuseMissing(missingForLake(env))
  return parseLake(env)
}

/** @returns undefined: there is none @throws Failure (2) for what is no key, without showing it */
export function readHashKey(env: Environment = process.env): string | undefined {
  return parseHashKey(env)
}

/** @returns undefined: failures are sent nowhere @throws Failure (2) as `readConfig` */
export function readSentry(env: Environment = process.env): SentryConfig | undefined {
  return parseSentry(env)
}

/** @returns undefined: lineage is sent nowhere @throws Failure (2) as `readConfig` */
export function readLineage(env: Environment = process.env): LineageConfig | undefined {
  return parseLineage(env)
}

/** @returns undefined: OpenTelemetry is not told */
export function findTelemetry(env: Environment = process.env): TelemetryConfig | undefined {
  return parseTelemetry(env)
}

/** Whatever of the environment is secret, right or wrong, but for what is too short to be told from other words. */
export function findAllSecrets(env: Environment = process.env): string[] {
  return findSecrets(env)
}

/**
 * All that is configured, to be sure that it is right.
 * @throws Failure (2) as `readConfig`, and never with the webhook
 */
export function readNotify(env: Environment = process.env): NotifyConfig {
  return parseNotify(env)
}

/** What of it is right; what is not, `readNotify` says. */
export function findNotifyConfig(env: Environment = process.env): NotifyConfig {
  return findNotify(env)
}

/** @returns undefined: none is configured, or not one that can be, which `readNotify` says */
export function environmentName(env: Environment = process.env): string | undefined {
  return findEnvironmentName(env)
}

/** Whether the program was started by another one that is at a terminal. */
export function startedAtTerminal(env: Environment = process.env): boolean {
  return parseAtTerminal(env)
}

/** Undefined: none is configured, or not as it should be, which whoever needs it says. */
export function findLake(env: Environment = process.env): LakeConfig | undefined {
  try {
    return missingForLake(env).length > 0 ? undefined : parseLake(env)
  } catch {
    return undefined
  }
}

/** Whether a fault of the program itself is shown with its stack: `DRACULA_DEBUG=1`. */
export function debugWanted(env: Environment = process.env): boolean {
  return !['0', 'false', undefined].includes(setting(env, 'DRACULA_DEBUG'))
}

/** Whether a terminal is given colours (https://no-color.org). */
export function coloursWanted(env: Environment = process.env): boolean {
  return (env['NO_COLOR'] ?? '') === '' && drawingWanted(env)
}

/** Whether a terminal is given lines that are drawn again in their place: one that says it is dumb shows them as rubbish. */
export function drawingWanted(env: Environment = process.env): boolean {
  return env['TERM'] !== 'dumb'
}

/** Names of variables that look like Dracula's own, and are not. @param sources that scripts name */
export function readUnknownSettings(sources: readonly string[], env: Environment = process.env): string[] {
  return unknownSettings(env, sources)
}
