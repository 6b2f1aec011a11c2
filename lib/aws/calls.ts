/**
 * What a step asks of AWS, as data beside the step's own code: the plan of a dry run, the policies and the doctor read
 * it, and nobody keeps another list.
 */

/** In the API's own spelling: `glue:GetTable`. */
export type Operation = `${'s3' | 'glue' | 'athena' | 'iam' | 'kms' | 'sns'}:${string}`

export interface Call {
  /** Several: one of them. */
  readonly call: Operation | readonly Operation[]
  readonly on: Resource
  /** A clause; absent: always. */
  readonly when?: string
  /** Made by this service, with the rights of whoever asked it for something: not a request of the program itself. */
  readonly by?: 'athena' | 'glue' | 's3' | 'sns'
  /** Made once something went wrong; a plan leaves it out. */
  readonly trouble?: true
}

/** What a call is about. Names may hold places such as `<load>`. */
export type Resource =
  /** One object, or all whose keys begin with it where it ends with a slash. */
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  /** The keys that begin with this. */
  | { readonly kind: 'listing'; readonly bucket: string; readonly prefix: string }
  /** The unfinished uploads to keys that begin with this. */
  | { readonly kind: 'uploads'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'bucket'; readonly bucket: string }
  | { readonly kind: 'database'; readonly database: string }
  /** All tables of the database at once. */
  | { readonly kind: 'tables'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string }
  | { readonly kind: 'crawler'; readonly name: string }
  /** All crawlers of the account. */
  | { readonly kind: 'crawlers' }
  /** The account's own settings of Glue's catalog. */
  | { readonly kind: 'catalog' }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'key'; readonly name: string }
  /** The key that a topic is encrypted with. */
  | { readonly kind: 'topic key'; readonly name: string }
  /** A query of what is named, in the workgroup. */
  | { readonly kind: 'query'; readonly workgroup: string; readonly of: string }
  | { readonly kind: 'workgroup'; readonly workgroup: string }
  /** A topic, by its ARN. */
  | { readonly kind: 'topic'; readonly arn: string }

/** `s3://lake/tables/orders/`, `lake.orders`, the crawler's name. */
export function describeResource(on: Resource): string {
  switch (on.kind) {
    case 'object':
      return `s3://${on.bucket}/${on.key}`
    case 'listing':
    case 'uploads':
      return `s3://${on.bucket}/${on.prefix}`
    case 'bucket':
      return `s3://${on.bucket}`
    case 'database':
    case 'tables':
      return on.database
    case 'table':
      return `${on.database}.${on.table}`
    case 'crawler':
    case 'role':
    case 'key':
    case 'topic key':
      return on.name
    case 'crawlers':
      return 'all crawlers'
    case 'catalog':
      return 'the catalog'
    case 'query':
      return on.of
    case 'workgroup':
      return on.workgroup
    case 'topic':
      return on.arn
  }
}

/** The same calls, made only in that case. */
export function onlyWhen(when: string, calls: readonly Call[]): Call[] {
  return calls.map((each) => ({ ...each, when: each.when ?? when }))
}

/** The same calls, made only once something went wrong. */
export function inTrouble(calls: readonly Call[]): Call[] {
  return calls.map((each) => ({ ...each, trouble: true }))
}
