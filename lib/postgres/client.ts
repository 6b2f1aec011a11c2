/** The client of everything but reading a table for a load: checks, seeding, benches. */
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import postgres from 'postgres'
import type { DatabaseConfig } from '../config/config.ts'
import { passwordOf } from './password.ts'

export interface ClientOptions {
  readonly applicationName?: string
  /** Connections at most. */
  readonly max?: number
  /** Whether it asks for the types of arrays when it connects, which only those who read some need; by default. */
  readonly fetchTypes?: boolean
}

/**
 * A pool; it connects with the first query and keeps the process alive until its `end()`. An int8 is a string.
 * Says everything, as the package would complete it from PG* variables.
 */
export function connectPostgres(database: DatabaseConfig, options: ClientOptions = {}): postgres.Sql {
  return postgres({
    host: database.host,
    port: database.port,
    database: database.database,
    user: database.user,
    password: passwordOf(database),
    ssl: sslOption(database),
    connection: { application_name: options.applicationName ?? 'dracula' },
    max: options.max ?? 4,
    connect_timeout: 10,
    idle_timeout: 0,
    max_lifetime: 0,
    keep_alive: 60,
    // A pooler may lend each transaction another connection, which knows nothing of what was prepared in one before.
    prepare: false,
    debug: false,
    fetch_types: options.fetchTypes ?? true,
    publications: 'alltables',
    // Its default prints notices to stdout, where results go.
    onnotice: () => undefined,
  })
}

function sslOption({
  host,
  tls: { mode, ca },
}: DatabaseConfig): ConnectionOptions | 'prefer' | 'require' | false {
  if (mode === 'disable') return false
  if (mode === 'prefer' || mode === 'require') return mode
  return {
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 is to change nothing.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    // For an address the package names no host, and the built-in check would take it for localhost.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-ca' ? undefined : checkServerIdentity(host, certificate),
  }
}
