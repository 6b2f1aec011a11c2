/** Sends an OpenLineage event. */
import type { LineageConfig } from '../config/config.ts'

/** Milliseconds for one event: how a load ends is settled, and whoever waits for it wants to know. */
export const patienceMs = 2_000

/** @returns undefined: it was taken; else why it was not, a clause without URL and key */
export async function sendEvent(
  { url, apiKey }: Pick<LineageConfig, 'url' | 'apiKey'>,
  event: object,
  scrub: (text: string) => string,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(patienceMs)
  const body = JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'string' ? scrub(value) : value,
  )
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      // Whoever it is sent on to was never named: the key is not for them.
      redirect: 'manual',
      signal,
    })
    await response.body?.cancel()
    return response.ok ? undefined : `it answered HTTP ${response.status}`
  } catch {
    return signal.aborted ? `it did not answer within ${patienceMs / 1_000} s` : 'it cannot be reached'
  }
}
