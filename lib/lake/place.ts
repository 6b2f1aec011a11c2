/** Where a lake of S3, Glue and Athena is, in words: a mistake in the environment shows in it. */
import type { Aws } from '../aws/clients.ts'
import type { LakeConfig } from '../config/config.ts'
import { connectLake } from './connect.ts'
import { tableFolder } from './layout.ts'

export interface Described {
  /** undefined: of all tables. */
  readonly table?: string | undefined
  /** undefined: it is asked of the environment alone. */
  readonly aws?: Aws | undefined
  /** Whose catalog it is; undefined: not known yet. */
  readonly account?: string | undefined
}

/** `s3://lake/tables/orders/ and lake.orders, eu-central-1, account 123456789012` */
export async function describePlace(
  { bucket, prefix, glueDatabase }: LakeConfig,
  { table, aws, account }: Described = {},
): Promise<string> {
  const [folder, name] =
    table === undefined
      ? [prefix === '' ? '' : `${prefix}/`, glueDatabase]
      : [tableFolder(prefix, table), `${glueDatabase}.${table}`]
  const { region, endpoint } = await whereIs(aws)
  return [
    `s3://${bucket}/${folder} and ${name}`,
    ...(region === undefined ? [] : [region]),
    ...(endpoint === undefined ? [] : [`at ${endpoint}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
  ].join(', ')
}

async function whereIs(connected: Aws | undefined): ReturnType<Aws['where']> {
  if (connected !== undefined) return connected.where()
  const aws = connectLake()
  try {
    return await aws.where()
  } finally {
    aws.close()
  }
}
