/** From where to where a load goes, said before it reads. */
import type { DatabaseConfig } from '../config/config.ts'
import { formatSource, type SourceName } from '../declare/selection.ts'

/** `db.example:5432/shop public.orders` @param source undefined: of all tables */
export function describeSource(
  { host, port, database }: Pick<DatabaseConfig, 'host' | 'port' | 'database'>,
  source: SourceName | undefined,
): string {
  return `${host}:${port}/${database}${source === undefined ? '' : ` ${formatSource(source)}`}`
}
