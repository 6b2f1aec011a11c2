/**
 * Which actions on which resources a request has to be allowed (Service Authorization Reference: "Amazon S3",
 * "AWS Glue", "Amazon Athena"), and what the services then do with the rights of whoever asked.
 */
import { type Json, optionalText, structure } from '../json/input.ts'
import type { Location } from '../s3/location.ts'
import type { S3Call } from '../s3/operation.ts'
import type { Need } from './evaluate.ts'

const place = 'us-east-1:000000000000'
const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`
const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`
const glueArn = (name: string) => `arn:aws:glue:${place}:${name}`

/** Operations whose action has another name. */
const s3Actions: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: 'PutObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  DeleteObjects: 'DeleteObject',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListBuckets: 'ListAllMyBuckets',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListParts: 'ListMultipartUploadParts',
  UploadPart: 'PutObject',
  UploadPartCopy: 'PutObject',
}

/** @param keys of DeleteObjects @param storedKey the KMS key of the object that is read; undefined: none */
export function s3Needs(
  { operation, bucket, key, query, request }: S3Call,
  keys: readonly string[],
  storedKey: string | undefined,
): Need[] {
  const action = `s3:${s3Actions[operation] ?? operation}`
  if (operation === 'DeleteObjects')
    return keys.map((each) => ({ action, resource: objectArn(bucket, each) }))
  if (key === '') {
    const prefix = query.get('prefix')
    // Listing uploads has no condition key for the prefix.
    const context = action === 's3:ListBucket' && prefix !== null ? { 's3:prefix': prefix } : {}
    return [{ action, resource: bucketArn(bucket), context }]
  }
  const needs: Need[] = [{ action, resource: objectArn(bucket, key) }]
  const source = request.headers.get('x-amz-copy-source')
  if (source !== null)
    needs.push({ action: 's3:GetObject', resource: bucketArn(decodeURIComponent(source).replace(/^\//, '')) })
  const kmsKey = request.headers.get('x-amz-server-side-encryption-aws-kms-key-id')
  if (kmsKey !== null) needs.push(kmsNeed('kms:GenerateDataKey', kmsKey))
  // S3 reads the parts again (S3 User Guide, "Uploading and copying objects using multipart upload").
  if (kmsKey !== null && operation === 'CreateMultipartUpload') needs.push(kmsNeed('kms:Decrypt', kmsKey))
  if (storedKey !== undefined && action === 's3:GetObject') needs.push(kmsNeed('kms:Decrypt', storedKey))
  return needs
}

/** A key that was named by an alias is judged by its own ARN, with the alias beside it (AWS KMS, "kms:ResourceAliases"). */
export function kmsNeed(action: string, key: string): Need {
  const alias = /alias\/.+$/.exec(key)?.[0]
  const id = alias === undefined ? key : `of-${alias.replaceAll('/', '-')}`
  return {
    action,
    resource: id.startsWith('arn:') ? id : `arn:aws:kms:${place}:key/${id}`,
    context: {
      'kms:ViaService': 's3.us-east-1.amazonaws.com',
      ...(alias === undefined ? {} : { 'kms:ResourceAliases': [alias] }),
    },
  }
}

/** The catalog, the database and the tables are all asked for. */
function catalogNeeds(action: string, database: string, tables: readonly string[] = []): Need[] {
  const resources = [
    'catalog',
    `database/${database}`,
    ...tables.map((table) => `table/${database}/${table}`),
  ]
  return resources.map((resource) => ({ action, resource: glueArn(resource) }))
}

export function glueNeeds(operation: string, input: Json): Need[] {
  const action = `glue:${operation}`
  const name = optionalText(input, 'Name') ?? ''
  const role = optionalText(input, 'Role')
  if (operation === 'GetCrawlers') return [{ action, resource: '*' }]
  if (operation.endsWith('Catalog')) return [{ action, resource: glueArn('catalog') }]
  if (operation.endsWith('Crawler')) {
    const resource = operation === 'CreateCrawler' ? '*' : glueArn(`crawler/${name}`)
    return role === undefined ? [{ action, resource }] : [{ action, resource }, passRole(role)]
  }
  if (/Databases?$/.test(operation)) {
    const database = name || optionalText(structure(input, 'DatabaseInput'), 'Name') || '*'
    return catalogNeeds(action, database)
  }
  const database = optionalText(input, 'DatabaseName') ?? ''
  const several = input['TablesToDelete']
  const table =
    optionalText(structure(input, 'TableInput'), 'Name') ?? optionalText(input, 'TableName') ?? name
  return catalogNeeds(action, database, Array.isArray(several) ? several.map(String) : [table || '*'])
}

function passRole(role: string): Need {
  return {
    action: 'iam:PassRole',
    resource: roleArn(role),
    context: { 'iam:PassedToService': 'glue.amazonaws.com' },
  }
}

export function roleArn(role: string): string {
  return role.startsWith('arn:') ? role : `arn:aws:iam::000000000000:role/${role}`
}

/** @param workgroup that of the query, where only the query is named */
export function athenaNeeds(operation: string, input: Json, workgroup = 'primary'): Need[] {
  const name = optionalText(input, 'WorkGroup') ?? workgroup
  const resource = operation === 'ListWorkGroups' ? '*' : `arn:aws:athena:${place}:workgroup/${name}`
  return [{ action: `athena:${operation}`, resource }]
}

/** What is read of a table: its place in the catalog, and its objects. */
export interface TableRead {
  readonly database: string
  readonly table: string
  readonly location: Location | undefined
  readonly objects: readonly {
    /** That of the location unless given. */
    readonly bucket?: string
    readonly key: string
    readonly kmsKey: string | undefined
  }[]
}

/**
 * Athena looks up and reads with the rights of whoever asks (Athena User Guide, "Access to databases and tables in the
 * AWS Glue Data Catalog", "Access to Amazon S3").
 */
export function queryNeeds(tables: readonly TableRead[], output: Location): Need[] {
  return [
    ...catalogNeeds('glue:GetDatabase', 'default'),
    ...tables.flatMap(({ database, table }) => [
      ...catalogNeeds('glue:GetDatabase', database),
      ...catalogNeeds('glue:GetTable', database, [table]),
      ...catalogNeeds('glue:GetPartitions', database, [table]),
    ]),
    ...tables.flatMap(({ location, objects }) =>
      location === undefined
        ? []
        : [
            { action: 's3:GetBucketLocation', resource: bucketArn(location.bucket) },
            ...folderNeeds(location, objects),
          ],
    ),
    { action: 's3:GetBucketLocation', resource: bucketArn(output.bucket) },
    { action: 's3:PutObject', resource: objectArn(output.bucket, output.prefix) },
  ]
}

/** Athena reads a query's results from S3 for whoever asks for them (Athena API, GetQueryResults). */
export function resultNeeds({ bucket, prefix }: Location): Need[] {
  return [{ action: 's3:GetObject', resource: objectArn(bucket, prefix) }]
}

/** What a crawl of a folder needs of its role. */
export function crawlNeeds({ database, table, location, objects }: TableRead): Need[] {
  return [
    ...(location === undefined ? [] : folderNeeds(location, objects)),
    ...catalogNeeds('glue:GetDatabase', database),
    ...catalogNeeds('glue:GetTable', database, [table]),
    ...catalogNeeds('glue:CreateTable', database, [table]),
  ]
}

function folderNeeds({ bucket, prefix }: Location, objects: TableRead['objects']): Need[] {
  return [
    { action: 's3:ListBucket', resource: bucketArn(bucket), context: { 's3:prefix': prefix } },
    ...objects.flatMap(({ bucket: other = bucket, key, kmsKey }) => [
      { action: 's3:GetObject', resource: objectArn(other, key) },
      ...(kmsKey === undefined ? [] : [kmsNeed('kms:Decrypt', kmsKey)]),
    ]),
  ]
}
