/** The environment, read once and checked; nothing else reads it. */
import { missingForDatabase, parseDatabase } from './config/database.ts'
import { missingForLake, parseLake } from './config/lake.ts'
import { type Environment, refuseMissing } from './config/setting.ts'

export type { Environment } from './config/setting.ts'

export interface DatabaseConfig {
  /** A name, an address without brackets, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  readonly tls: Tls
}

/** In libpq's words (PostgreSQL manual, "SSL Mode Descriptions"). */
export interface Tls {
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
  /** PEM text of the authorities to trust; undefined: those the runtime brings along. */
  readonly ca: string | undefined
}

export interface LakeConfig {
  readonly bucket: string
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string
  readonly glueDatabase: string
  readonly stagingDatabase: string
  /** None: no crawling. */
  readonly crawlerRole: string | undefined
  readonly workgroup: string
  /** `s3://…/`; none: the workgroup's own. */
  readonly athenaOutput: string | undefined
  /** None: S3's own keys encrypt. */
  readonly kmsKey: string | undefined
}

export interface Config {
  readonly database: DatabaseConfig
  readonly lake: LakeConfig
}

/** @throws Failure (2) naming every setting that is missing, or the one that is wrong; never a value that may be secret */
export function readConfig(env: Environment = process.env): Config {
  refuseMissing([...missingForDatabase(env), ...missingForLake(env)])
  return { database: parseDatabase(env), lake: parseLake(env) }
}

/**
 * What a dry run needs.
 * @throws Failure (2) as `readConfig`
 */
export function readDatabase(env: Environment = process.env): DatabaseConfig {
  refuseMissing(missingForDatabase(env))
  return parseDatabase(env)
}

/** @throws Failure (2) as `readConfig` */
export function readLake(env: Environment = process.env): LakeConfig {
  refuseMissing(missingForLake(env))
  return parseLake(env)
}

/** Whether a fault of the program itself is shown with its stack: `DRACULA_DEBUG=1`. */
export function debugWanted(env: Environment = process.env): boolean {
  return !['', '0', 'false', undefined].includes(env['DRACULA_DEBUG'])
}
