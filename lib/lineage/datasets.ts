/** What OpenLineage calls tables of Postgres and of the lake (OpenLineage specification, "Naming Conventions"). */
import type { DatabaseConfig, LakeConfig } from '../config/config.ts'
import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { Relation } from '../postgres/relation.ts'

export interface DatasetName {
  readonly namespace: string
  readonly name: string
}

export type Server = Pick<DatabaseConfig, 'host' | 'port' | 'database'>

/** `postgres://db.example:5432` and `shop.public.orders` */
export function relationName(server: Server, { schema, name }: Relation): DatasetName {
  return { namespace: serverUrl(server), name: `${server.database}.${schema}.${name}` }
}

/** `postgres://db.example:5432`; a Unix socket is of this machine. */
export function serverUrl({ host, port }: Server): string {
  const authority = host.startsWith('/') ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `postgres://${authority}:${port}`
}

/** `arn:aws:glue:eu-central-1:123456789012` and `table/lake/orders` @returns undefined: it is not known whose catalog it is */
export function glueName(
  { glueDatabase }: Pick<LakeConfig, 'glueDatabase'>,
  table: string,
  catalog: CatalogPlace | undefined,
): DatasetName | undefined {
  const { region, account } = catalog ?? {}
  if (region === undefined || account === undefined) return undefined
  return { namespace: `arn:aws:glue:${region}:${account}`, name: `table/${glueDatabase}/${table}` }
}

/** `s3://bucket` and `tables/orders` */
export function objectsName(
  { bucket, prefix }: Pick<LakeConfig, 'bucket' | 'prefix'>,
  table: string,
): DatasetName {
  return { namespace: `s3://${bucket}`, name: prefix === '' ? table : `${prefix}/${table}` }
}
