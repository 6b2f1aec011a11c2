/** What a script is told by its environment, checked. */
export interface DatabaseConfig {
  /** A name, an address without brackets, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** Undefined with `rds-iam`, which makes one for each connection. */
  readonly password: string | undefined
  readonly auth: 'password' | 'rds-iam'
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
  /** What columns are hashed with, a secret; undefined: there is none. */
  readonly hashKey?: string | undefined
}
