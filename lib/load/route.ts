/** From where to where a load goes, said before it reads: a mistake in the environment shows in this line. */
import { type Aws, connectAws } from '../aws/clients.ts'
import { tableFolder } from '../aws/layout.ts'
import type { DryRunConfig, LakeConfig } from '../config.ts'
import { sourceInWords } from '../table/selection.ts'
import type { Table } from '../table.ts'
import type { Load, Target } from './load.ts'

export interface Route {
  /** `db.example:5432/shop public.orders` */
  readonly source: string
  /** `s3://lake/tables/orders/ and lake.orders, eu-central-1, account 123456789012` */
  readonly target: string
}

/** @param account whose catalog it is; undefined: not known yet */
export async function routeOf(
  { table, config }: Pick<Load, 'table' | 'config'>,
  { aws, lake }: Target,
  account: string | undefined,
): Promise<Route> {
  const target = [
    ...(await targetWords(table, aws, lake)),
    ...(account === undefined ? [] : [`account ${account}`]),
  ]
  return { source: sourceWords(table, config), target: target.join(', ') }
}

/** Of a dry run, which asks nothing of AWS. */
export async function plannedRoute(table: Table, config: DryRunConfig): Promise<Route> {
  const source = sourceWords(table, config)
  if (config.lake === undefined) return { source, target: 'nowhere: this is a dry run' }
  const aws = connectAws()
  try {
    const target = (await targetWords(table, aws, config.lake)).join(', ')
    return { source, target: `nowhere: this is a dry run; a load would go to ${target}` }
  } finally {
    aws.close()
  }
}

function sourceWords({ source }: Table, { database: { host, port, database } }: DryRunConfig): string {
  return `${host}:${port}/${database} ${sourceInWords(source)}`
}

async function targetWords(
  { name }: Table,
  aws: Aws,
  { bucket, prefix, glueDatabase }: LakeConfig,
): Promise<string[]> {
  const { region, endpoint } = await aws.where()
  return [
    `s3://${bucket}/${tableFolder(prefix, name)} and ${glueDatabase}.${name}`,
    ...(region === undefined ? [] : [region]),
    ...(endpoint === undefined ? [] : [`at ${endpoint}`]),
  ]
}
