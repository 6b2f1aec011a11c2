/** Sends a message by the channels that are configured, each in its own time and whatever becomes of the others. */
import type { NotifyConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import { type Message, subjectLine } from './message.ts'
import { patience, patienceMs } from './patience.ts'
import type { Channel } from './state.ts'

export interface Delivered {
  readonly told: readonly Channel[]
  /** A sentence for each that was not told, without secrets. */
  readonly warnings: readonly string[]
}

/** Never throws. */
export async function deliver(
  { webhook, topic }: Pick<NotifyConfig, 'webhook' | 'topic'>,
  message: Message,
  to: readonly Channel[],
): Promise<Delivered> {
  const send: Readonly<Record<Channel, (signal: AbortSignal) => Promise<void>>> = {
    async webhook(signal) {
      if (webhook === undefined) return
      const { postToWebhook } = await import('./webhook.ts')
      await postToWebhook(webhook, message, signal)
    },
    async sns(signal) {
      if (topic === undefined) return
      const { publishToTopic } = await import('../aws/sns.ts')
      const { arn, region } = topic
      const sent = { topic: arn, region, subject: subjectLine(message), message: JSON.stringify(message) }
      await publishToTopic({ ...sent, signal }, { requestTimeout: patienceMs, maxAttempts: 2 })
    },
  }
  const ends = await Promise.all(
    to.map(async (channel) => ({ channel, reason: await reasonAgainst(send[channel]) })),
  )
  return {
    told: ends.flatMap(({ channel, reason }) => (reason === undefined ? [channel] : [])),
    warnings: ends.flatMap(({ channel, reason }) =>
      reason === undefined ? [] : [`${names[channel]} was not told: ${reason}.`],
    ),
  }
}

const names: Readonly<Record<Channel, string>> = { webhook: 'The webhook', sns: 'The topic of SNS' }

/** @returns undefined: it was taken */
async function reasonAgainst(send: (signal: AbortSignal) => Promise<void>): Promise<string | undefined> {
  const { signal, over } = patience('it')
  try {
    await Promise.race([over, send(signal)])
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.summary
    return error instanceof Error ? error.message : String(error)
  }
}
