/** Failures to Sentry, with the context of the last log line; loaded only where SENTRY_DSN is set. */
import { createTransport, type Event, Scope } from '@sentry/core'
import { ServerRuntimeClient } from '@sentry/core/server'
import packageFile from '../../package.json' with { type: 'json' }
import type { SentryConfig } from '../config/config.ts'
import type { LogFields } from './log.ts'
import type { ReportedFailure } from './reported-failure.ts'

export interface SentFailure {
  readonly report: ReportedFailure
  /** The last line on stderr. */
  readonly line: string | undefined
  readonly fields: LogFields
}

/** A process that was told to stop has seconds left. */
const patienceMs = 2_000

/**
 * Sends one event and waits for it, two seconds at the most. It has what is given here and nothing else: no stack, no
 * environment, no arguments, no host name.
 * @throws Error when it was not taken
 */
export async function sendFailure(
  { dsn, environment }: SentryConfig,
  failure: SentFailure,
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
  client.captureEvent(eventOf(failure), undefined, new Scope())
  const sent = await Promise.race([client.flush(patienceMs), Bun.sleep(patienceMs)])
  if (refused !== undefined) throw refused
  if (sent !== true) throw new Error(`it did not answer within ${patienceMs / 1_000} s`)
}

function eventOf({ report, line, fields }: SentFailure): Event {
  const { exit, summary, advice, retry } = report
  const { table, check, load, phase, ...figures } = fields
  const tags = { table, check, load, phase, exit, retry }
  return {
    level: 'error',
    logger: packageFile.name,
    exception: { values: [{ type: `exit ${exit}`, value: summary }] },
    // Load ids and counts in the summary would make every failure an issue of its own.
    fingerprint: [table ?? check ?? '', phase ?? '', String(exit)],
    tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined)),
    contexts: { failure: { advice, line, ...figures } },
  }
}

/** Every string in it, at any depth. */
function scrubbed<T>(value: T, scrub: (text: string) => string): T {
  if (typeof value === 'string') return scrub(value) as T
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, scrub)) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, scrubbed(each, scrub)])) as T
}
