/** Where a load has read: which cluster, database and relation, as far as a role may know; and whether two are the same. */

/** Where a load's rows came from, as records and Glue tables keep it. */
export interface SourceIdentity {
  /** `system_identifier` of `pg_control_system()`; null: the role may not ask. */
  readonly cluster: string | null
  readonly database: string
  readonly database_oid: string
  /** null, as the next: a query in SQL. */
  readonly schema: string | null
  readonly relation: string | null
  /** Where it was read. */
  readonly place: Place
  /** Where the cluster's primary was when a load last read it, this one or one before; null: none has. */
  readonly primary: Primary | null
  /** The timeline that a replica was on, as far as it says, or the primary before it; absent: read on a primary. */
  readonly replayed?: number | null
  /** The schemas of its tenants then, any of which may come and go; absent: it has none. `schema` is their pattern. */
  readonly tenants?: readonly string[]
}

export interface Place {
  /** `host:port` as configured. */
  readonly server: string
  /** `address:port` as the server knows itself, behind poolers, tunnels and other names; `localhost` for a socket. */
  readonly address: string
}

export interface Primary extends Place {
  /** Greater after every promotion; null: the server does not say. */
  readonly timeline: number | null
}

/**
 * How two sources differ. `copy`: by its identifier the same cluster, but neither a replica nor promoted, and elsewhere: a
 * restored snapshot keeps the identifier of its origin. `unproven`: no identifier to tell, and another place.
 */
export type Difference = 'cluster' | 'database' | 'copy' | 'unproven' | 'relation'

/**
 * undefined: they are the same. A replica is its primary, and so is a replica that was promoted, by whatever name either
 * is reached. Where no identifier can be read, the same place and database stand in for it: a false alarm costs a flag.
 *
 * A query is the same source as another query: to change it is to edit the script, as a change of `where` is, and a
 * guard that stopped at every edit would be switched off. So with lookups: they are read by the same connection.
 */
export function differenceOf(before: SourceIdentity, now: SourceIdentity): Difference | undefined {
  if (before.cluster !== null && now.cluster !== null) {
    if (before.cluster !== now.cluster) return 'cluster'
    if (before.database !== now.database) return 'database'
    if (isCopy(before.primary, now.primary)) return 'copy'
  } else {
    if (before.database !== now.database) return 'database'
    if (before.database_oid !== now.database_oid || !isSamePlace(before.place, now.place)) return 'unproven'
  }
  return before.schema === now.schema && before.relation === now.relation ? undefined : 'relation'
}

/** The same, with what an earlier load knew of the primary that this one, on a replica, does not see. */
export function withKnownPrimary(now: SourceIdentity, before: SourceIdentity | undefined): SourceIdentity {
  const same = before !== undefined && before.cluster !== null && before.cluster === now.cluster
  if (now.primary !== null || !same) return now
  // A replica learns of a promotion late, and it is not taken back.
  const timelines = [timelineOf(before), now.replayed].filter((each) => typeof each === 'number')
  return {
    ...{ ...now, primary: before.primary },
    replayed: timelines.length === 0 ? null : Math.max(...timelines),
  }
}

/** Greater after every promotion and restore; null: it is not known. */
export function timelineOf({ primary, replayed }: SourceIdentity): number | null {
  return replayed ?? primary?.timeline ?? null
}

function isCopy(before: Primary | null, now: Primary | null): boolean {
  if (before === null || now === null || isSamePlace(before, now)) return false
  return before.timeline === null || now.timeline === null || now.timeline <= before.timeline
}

/** A name of this machine says nothing: behind it may be a tunnel, and behind an address a pooler of this machine. */
function isSamePlace(a: Place, b: Place): boolean {
  if (a.address === b.address && !isLoopback(a.address)) return true
  if (!isLoopback(a.server) || !isLoopback(b.server)) return a.server === b.server
  return isLoopback(a.address) && isLoopback(b.address) && portOf(a.address) === portOf(b.address)
}

function isLoopback(hostAndPort: string): boolean {
  const host = hostAndPort.slice(0, hostAndPort.lastIndexOf(':'))
  return /^(\/.*|(.*\.)?localhost|127\.[\d.]+|::1)$/.test(host)
}

function portOf(hostAndPort: string): string {
  return hostAndPort.slice(hostAndPort.lastIndexOf(':'))
}

/** `public.orders of shop on db.example:5432 (cluster 7412345678901234567)` */
export function describeIdentity({ cluster, database, schema, relation, place }: SourceIdentity): string {
  const what = relation === null ? 'a query' : `${schema}.${relation}`
  const { server, address } = place
  const at = address === server || isLoopback(address) ? server : `${server}, which is ${address}`
  return `${what} of ${database} on ${at} (${cluster === null ? 'cluster unknown' : `cluster ${cluster}`})`
}

/** What was kept as JSON, read back; undefined: it is no identity, as versions before kept none. */
export function identityIn(value: unknown): SourceIdentity | undefined {
  if (!isObject(value) || !isPlace(value['place'])) return undefined
  const { cluster, database, database_oid, schema, relation, primary } = value
  const texts = [database, database_oid].every(isText)
  const orNull = [cluster, schema, relation].every((each) => each === null || isText(each))
  const timeline = isObject(primary) ? primary['timeline'] : null
  const known = primary === null || (isPlace(primary) && (timeline === null || typeof timeline === 'number'))
  const { replayed } = value
  const isTold = replayed === undefined || replayed === null || typeof replayed === 'number'
  const tenants = value['tenants'] ?? []
  const listed = Array.isArray(tenants) && tenants.every(isText)
  return texts && orNull && known && isTold && listed ? (value as unknown as SourceIdentity) : undefined
}

function isPlace(value: unknown): boolean {
  return isObject(value) && isText(value['server']) && isText(value['address'])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
