/** How often a call of AWS is made before it is given up. */
import { loadConfig } from '@smithy/core/config'
import { NODE_MAX_ATTEMPT_CONFIG_OPTIONS, StandardRetryStrategy } from '@smithy/core/retry'

type Strategy = Pick<
  StandardRetryStrategy,
  'acquireInitialRetryToken' | 'refreshRetryTokenForRetry' | 'recordSuccess'
>

/** The pauses between them come to three seconds on the average: as long as a network is away for a moment. */
const usualAttempts = 8

/**
 * AWS throttles by a rate that a whole account shares, and a call is done as soon as others ask for less. The pauses between
 * so many come to six minutes on the average. With 20 of them one load in 50 was lost where eight at a time were throttled hard.
 */
const throttledAttempts = 40

/**
 * The SDK's `standard` strategy (AWS SDKs Reference Guide, "Retry behavior"), but that a call which AWS throttles is made
 * again for minutes.
 * @param given how often any call is made at the most; else AWS_MAX_ATTEMPTS or the profile says it
 */
export function retries(given: number | undefined): { maxAttempts: number; retryStrategy: Strategy } {
  // The SDK says the number in a header, and would read one that is none from the environment.
  return { maxAttempts: given ?? usualAttempts, retryStrategy: retryStrategy(given) }
}

function retryStrategy(given: number | undefined): Strategy {
  const asked = loadConfig<number | undefined>({ ...NODE_MAX_ATTEMPT_CONFIG_OPTIONS, default: undefined })
  // What is no number there is nobody's.
  const most = async () => given ?? (await asked().catch(() => undefined))
  const usual = new StandardRetryStrategy(async () => (await most()) ?? usualAttempts)
  /** Those of calls that were throttled: an error of another kind does not end them sooner. */
  const patient = new WeakSet<object>()
  return {
    acquireInitialRetryToken: (scope) => usual.acquireInitialRetryToken(scope),
    async refreshRetryTokenForRetry(token, error) {
      if (error.errorType !== 'THROTTLING' && !patient.has(token))
        return usual.refreshRetryTokenForRetry(token, error)
      // One of its own, as the retries that a strategy has for all calls would be used up by a long load.
      const own = new StandardRetryStrategy(async () => (await most()) ?? throttledAttempts)
      const next = await own.refreshRetryTokenForRetry(token, error)
      patient.add(next)
      return next
    },
    recordSuccess: (token) => usual.recordSuccess(token),
  }
}
