/** Failures to Sentry, with the context of the last log line; loaded only where SENTRY_DSN is set. */
import { createTransport, type Event, Scope } from '@sentry/core'
import { ServerRuntimeClient } from '@sentry/core/server'
import packageFile from '../../package.json' with { type: 'json' }
import type { SentryConfig } from '../config/config.ts'
import type { LastLine } from './last-line.ts'
import { scrubbed } from './scrub.ts'

/** A process that was told to stop has seconds left. */
const patienceMs = 2_000

/**
 * Sends one event and waits for it, two seconds at the most. It has what is given here and nothing else: no stack, no
 * environment, no arguments, no host name.
 * @throws Error when it was not taken
 */
export async function sendFailure(
  { dsn, environment }: SentryConfig,
  last: LastLine,
  scrub: (text: string) => string,
): Promise<void> {
  let refused: Error | undefined
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    release: `${packageFile.name}@${packageFile.version}`,
    platform: 'node',
    integrations: [],
    stackParser: () => [],
    sendClientReports: false,
    beforeSend: (event) => scrubbed(event, scrub),
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        try {
          const { status } = await fetch(options.url, {
            method: 'POST',
            body,
            headers: options.headers ?? {},
            signal: AbortSignal.timeout(patienceMs),
          })
          if (status >= 400) refused = new Error(`it answered HTTP ${status}`)
          return { statusCode: status }
        } catch (error) {
          refused = error instanceof Error ? error : new Error(String(error))
          return {}
        }
      }),
  })
  client.init()
  client.captureEvent(eventOf(last), undefined, new Scope())
  const sent = await Promise.race([client.flush(patienceMs), Bun.sleep(patienceMs)])
  if (refused !== undefined) throw refused
  if (sent !== true) throw new Error(`it did not answer within ${patienceMs / 1_000} s`)
}

function eventOf({ message, fields }: LastLine): Event {
  const { table, check, load, phase, exit, cause, retry, ...figures } = fields
  const tags = { table, check, load, phase, exit, retry: retry !== 'no' }
  return {
    level: 'error',
    logger: packageFile.name,
    exception: { values: [{ type: `exit ${exit}`, value: cause ?? message ?? '' }] },
    // Load ids and counts in the summary would make every failure an issue of its own.
    fingerprint: [table ?? check ?? '', phase ?? '', String(exit)],
    tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined)),
    contexts: { failure: { line: message, ...figures } },
  }
}
