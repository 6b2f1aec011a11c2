/** What the SDK does by itself when AWS is busy or unreachable, told to somebody. */
import { callOf } from './denied.ts'
import { tell } from './failure.ts'

/** Inside the SDK's own retries, so it is passed once an attempt. */
export const atEachAttempt = { step: 'finalizeRequest', priority: 'low', name: 'tellRetries' } as const

/**
 * Tells of every attempt but the first of a call: which call, and why. The SDK's `standard` mode waits between them,
 * twice as long each time and at random below that (AWS SDKs Reference Guide, "Retry behavior").
 */
export function tellRetries(onRetry: (message: string) => void) {
  const failed = new WeakMap<object, string>()
  return <Sent, Answer>(
    next: (sent: Sent) => Promise<Answer>,
    context: { readonly clientName?: string; readonly commandName?: string },
  ) =>
    async (sent: Sent): Promise<Answer> => {
      const before = failed.get(context)
      if (before !== undefined)
        onRetry(`${callOf(context.clientName ?? '', context.commandName ?? '')}: ${before}; again`)
      try {
        return await next(sent)
      } catch (error) {
        failed.set(context, reasonOf(error))
        throw error
      }
    }
}

function reasonOf(error: unknown): string {
  const { name, code, status } = tell(error)
  const reason = name === 'Error' || name === 'TypeError' ? code || name : name
  return status === undefined ? reason : `${reason} (HTTP ${status})`
}
