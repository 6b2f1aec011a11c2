/**
 * AWS' default quotas, enforced, and what was met of them.
 *
 * I want to…                       → file
 * change a quota, or add one       → published.ts
 * change how a rate is kept        → token-bucket.ts
 * say what was met in other words  → met.ts
 */
import { ServiceError } from '../service-error.ts'
import { type Counted, type CountQuota, countQuotas, type RateQuota, rateQuotas } from './published.ts'
import { type TokenBucket, tokenBucket } from './token-bucket.ts'

/** What is asked of AWS. */
export interface QuotaRequest {
  readonly service: string
  /** In the API's own spelling. */
  readonly operation: string
  /** The log has the same. */
  readonly subject: string
  /** How many there are of something, where the request makes one more; undefined: it makes none. */
  count(of: Counted): number | undefined
}

/** What was met of one quota. */
export interface Met {
  readonly name: string
  /** In a second, or at the same time. */
  readonly most: number
  readonly unit: 'a second' | 'at a time'
  /** How many were asked for in all; of a count, how many requests would have made one more. */
  readonly asked: number
  readonly refused: number
  /** The most that were asked for in one second, or that there were. */
  readonly peak: number
  readonly published: boolean
}

export interface Quotas {
  /** @returns the refusal; undefined: it may be done */
  refusal(request: QuotaRequest): ServiceError | undefined
  /** What was asked of any quota, those that refused most first. */
  met(): readonly Met[]
}

export interface QuotaOptions {
  /** Enforces this share of them: 0.01 is a hundredth, and 1 of a thing at the least. */
  readonly share?: number | undefined
  /** Milliseconds since any moment. */
  readonly now?: (() => number) | undefined
}

interface Kept {
  asked: number
  refused: number
  peak: number
}

interface Second {
  at: number
  asked: number
}

/** Rates and counts of one account in one region. */
export function enforceQuotas({ share = 1, now = () => performance.now() }: QuotaOptions = {}): Quotas {
  const buckets = new Map<string, { bucket: TokenBucket; second: Second }>()
  const rates = new Map<string, Kept & { quota: RateQuota }>()
  const counts = new Map<CountQuota, Kept>()

  function refusedByRate(quota: RateQuota, request: QuotaRequest): boolean {
    const { operation, subject } = request
    const of = quota.shared ? (subject.split(/[ /]/)[0] ?? '') : operation
    const key = `${quota.name} ${of}`
    let rate = buckets.get(key)
    if (rate === undefined) {
      const bucket = tokenBucket(quota.perSecond * share, Math.max(1, quota.burst * share), now)
      rate = { bucket, second: { at: 0, asked: 0 } }
      buckets.set(key, rate)
    }
    const name = quota.shared ? `${quota.service}: ${quota.name}` : `${quota.service}:${operation}`
    const kept = rates.get(name) ?? { quota, asked: 0, refused: 0, peak: 0 }
    rates.set(name, kept)
    const tokens = tokensOf(operation, subject)
    const { second } = rate
    const at = Math.floor(now() / 1_000)
    if (second.at !== at) Object.assign(second, { at, asked: 0 })
    second.asked += tokens
    kept.asked += tokens
    kept.peak = Math.max(kept.peak, second.asked)
    if (rate.bucket.take(tokens)) return false
    kept.refused += 1
    return true
  }

  function refusedByCount(quota: CountQuota, request: QuotaRequest): boolean {
    if (!quota.operations.includes(request.operation)) return false
    const there = request.count(quota.of)
    if (there === undefined) return false
    const kept = counts.get(quota) ?? { asked: 0, refused: 0, peak: 0 }
    counts.set(quota, kept)
    const refused = there >= mostOf(quota, share)
    kept.asked += 1
    kept.refused += refused ? 1 : 0
    kept.peak = Math.max(kept.peak, refused ? there : there + 1)
    return refused
  }

  return {
    refusal(request) {
      const rate = rateQuotaOf(request.service, request.operation)
      const refusing =
        rate !== undefined && refusedByRate(rate, request)
          ? rate
          : countQuotas.find((quota) => refusedByCount(quota, request))
      if (refusing === undefined) return undefined
      const { code, message, status } = refusing.error
      return new ServiceError(code, message, status)
    },
    met() {
      const ofRates = [...rates].map(([name, { quota, ...kept }]): Met => {
        const most = quota.perSecond * share
        return { name, most, unit: 'a second', ...kept, published: quota.published }
      })
      const ofCounts = [...counts].map(([quota, kept]): Met => {
        return { name: quota.name, most: mostOf(quota, share), unit: 'at a time', ...kept, published: true }
      })
      return [...ofRates, ...ofCounts].toSorted(
        (one, other) => other.refused - one.refused || other.peak / other.most - one.peak / one.most,
      )
    },
  }
}

/** @returns undefined: it has none */
export function rateQuotaOf(service: string, operation: string): RateQuota | undefined {
  // The first that names it is its own; one without names has the rest.
  return rateQuotas.find(
    (quota) =>
      quota.service === service && (quota.operations === undefined || quota.operations.includes(operation)),
  )
}

/**
 * How many of its rate a request costs: each object of a DeleteObjects is a write (Hadoop API, "BulkDelete").
 * @param subject as the log has it
 */
export function tokensOf(operation: string, subject: string): number {
  return operation === 'DeleteObjects' ? Math.max(1, subject.split(' ').length) : 1
}

function mostOf({ most }: CountQuota, share: number): number {
  return Math.max(1, Math.round(most * share))
}
