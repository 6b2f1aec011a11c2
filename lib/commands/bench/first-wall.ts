/** Which of AWS' quotas many loads meet first, by what one of them asks for. */
import { countQuotas } from '../../local/aws/quotas/published.ts'
import { rateQuotaOf } from '../../local/aws/quotas/quotas.ts'
import type { Requests } from './requests.ts'

/** How many loads a second a quota lets through. */
export interface Wall {
  readonly name: string
  /** What a load asks of it; of queries at work: seconds. */
  readonly aLoad: number
  /** What the quota allows, in a second or at a time. */
  readonly most: number
  readonly loadsASecond: number
  /** Whether AWS publishes the quota. */
  readonly published: boolean
}

/** Which service a request is of, its name says. */
const athena = /Query(Execution|Executions|Results)$|WorkGroup/
const glue = /(Table|Tables|Database|Databases|Partition|Partitions|Crawler|Crawlers)$/

/**
 * @param requests of one load
 * @param querySeconds that Athena takes for a query of it
 * @returns the narrowest first
 */
export function wallsOf(requests: Requests, querySeconds: number): Wall[] {
  const asked = new Map<string, { most: number; aLoad: number; published: boolean }>()
  const queries = requests['StartQueryExecution'] ?? 0
  const inAws = { ...requests, GetQueryExecution: queries * looks(querySeconds) }
  for (const [operation, count] of Object.entries(inAws)) {
    const service = athena.test(operation) ? 'athena' : glue.test(operation) ? 'glue' : 's3'
    const quota = rateQuotaOf(service, operation)
    if (quota === undefined || count === 0) continue
    const name = quota.shared ? quota.name : `${service}:${operation}`
    const aLoad = (asked.get(name)?.aLoad ?? 0) + count
    asked.set(name, { most: quota.perSecond, aLoad, published: quota.published })
  }
  for (const { of, most } of countQuotas)
    if (of === 'queries at work')
      asked.set('seconds of queries at work', { most, aLoad: queries * querySeconds, published: true })
  return [...asked]
    .map(([name, wall]) => ({ name, ...wall, loadsASecond: wall.most / wall.aLoad }))
    .toSorted((one, other) => one.loadsASecond - other.loadsASecond)
}

/** How often a load looks at a query that takes so long, as lib/aws/athena.ts does in AWS. */
export function looks(seconds: number, most = 1_000): number {
  let at = 0
  let pause = most / 5
  let count = 1
  while (at < seconds * 1_000) {
    at += pause
    pause = Math.min(most, pause * 1.5)
    count += 1
  }
  return count
}
