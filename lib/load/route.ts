/** From where to where a load goes, said before it reads: a mistake in the environment shows in this line. */
import { type Aws, connectAws } from '../aws/clients.ts'
import type { DryRunConfig } from '../config/config.ts'
import { sourceInWords } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import { tableFolder } from '../lake/hive/layout.ts'

export interface Route {
  /** `db.example:5432/shop public.orders` */
  readonly source: string
  /** `s3://lake/tables/orders/ and lake.orders, eu-central-1, account 123456789012` */
  readonly target: string
}

/**
 * @param table undefined: the route of all tables
 * @param account whose catalog it is; undefined: not known yet
 */
export async function routeOf(
  table: Table | undefined,
  { database: { host, port, database }, lake }: DryRunConfig,
  { aws, account }: { readonly aws?: Aws | undefined; readonly account?: string | undefined } = {},
): Promise<Route> {
  const source = `${host}:${port}/${database}${table === undefined ? '' : ` ${sourceInWords(table.source)}`}`
  if (lake === undefined) return { source, target: 'no lake' }
  const { bucket, prefix, glueDatabase } = lake
  const [folder, name] =
    table === undefined
      ? [prefix === '' ? '' : `${prefix}/`, glueDatabase]
      : [tableFolder(prefix, table.name), `${glueDatabase}.${table.name}`]
  const { region, endpoint } = await whereIs(aws)
  const target = [
    `s3://${bucket}/${folder} and ${name}`,
    ...(region === undefined ? [] : [region]),
    ...(endpoint === undefined ? [] : [`at ${endpoint}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
  ]
  return { source, target: target.join(', ') }
}

/** Of a dry run, which goes nowhere and asks nothing of AWS. */
export async function plannedRoute(table: Table | undefined, config: DryRunConfig): Promise<Route> {
  const { source, target } = await routeOf(table, config)
  const nowhere = 'nowhere: this is a dry run'
  return { source, target: config.lake === undefined ? nowhere : `${nowhere}; a load would go to ${target}` }
}

/** By the environment alone. */
async function whereIs(connected: Aws | undefined): ReturnType<Aws['where']> {
  if (connected !== undefined) return connected.where()
  const aws = connectAws()
  try {
    return await aws.where()
  } finally {
    aws.close()
  }
}
