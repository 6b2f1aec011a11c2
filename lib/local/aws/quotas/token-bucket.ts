/** A rate that AWS allows, and how much of it is left. */

export interface TokenBucket {
  /** Takes so many tokens where there are as many; one that asks for more than fit in is let through a full bucket. */
  take(tokens: number): boolean
}

/**
 * @param perSecond tokens that come back
 * @param burst the most there are, and there are as many at first
 * @param now milliseconds since any moment
 */
export function tokenBucket(perSecond: number, burst: number, now: () => number): TokenBucket {
  let left = burst
  let at = now()
  return {
    take(tokens) {
      const time = now()
      left = Math.min(burst, left + ((time - at) / 1_000) * perSecond)
      at = time
      // What has come back in steps is short of a whole token by rounding alone.
      if (left + 1e-9 < Math.min(tokens, burst)) return false
      left -= tokens
      return true
    },
  }
}
