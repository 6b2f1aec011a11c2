/** The three AWS clients, with timeouts that throw and retries that end. */
import { AthenaClient } from '@aws-sdk/client-athena'
import { GlueClient } from '@aws-sdk/client-glue'
import { S3Client } from '@aws-sdk/client-s3'
import { type Advice, atEachCall, rememberingCall } from './denied.ts'
import { fetchHandler } from './fetch-handler.ts'
import { atEachAttempt, tellRetries } from './retries.ts'
import { retries } from './retry-strategy.ts'

/** Milliseconds between two looks at something that takes its time. */
export interface Timings {
  readonly crawlerPoll: number
  /** At the most. */
  readonly queryPoll: number
  /** Before the first repeat of reading a table back; doubles from there. */
  readonly readBack: number
}

export interface Aws {
  readonly s3: S3Client
  readonly glue: GlueClient
  readonly athena: AthenaClient
  /** Where the catalog is, by the environment alone; `endpoint` is the host of one that is not AWS's own. */
  where(): Promise<{ readonly region: string | undefined; readonly endpoint: string | undefined }>
  /** Patient with AWS, which throttles (GetCrawler above all); quick with an endpoint on this machine. */
  timings(): Promise<Timings>
  close(): void
}

export interface AwsSettings {
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Milliseconds for one request, from connecting to its answer's last byte. */
  readonly requestTimeout?: number
  /** How often a call is made at the most; see retry-strategy.ts. */
  readonly maxAttempts?: number
  /** Told of every call that is tried again. */
  readonly onRetry?: (message: string) => void
  /** What to do about errors, by their name. */
  readonly advice?: Advice
}

/**
 * What is not set here (by tests) comes from the SDK's own environment: its default chains, `AWS_REGION`,
 * `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, … Nothing is asked of AWS before the first call.
 */
export function connectAws(settings: AwsSettings = {}): Aws {
  const { requestTimeout = 20_000, maxAttempts, onRetry, advice = {}, ...given } = settings
  // The SDK waits for ever by default, and its own request timeout only warns.
  const requestHandler = fetchHandler({ requestTimeout })
  const s3 = new S3Client({
    ...given,
    ...retries(maxAttempts),
    requestHandler,
    // With it every part would wait for "100 Continue" on a connection of its own.
    expectContinueHeader: false,
  })
  const glue = new GlueClient({ ...given, ...retries(maxAttempts), requestHandler })
  const athena = new AthenaClient({ ...given, ...retries(maxAttempts), requestHandler })

  const remembering = rememberingCall(advice)
  s3.middlewareStack.add(remembering, atEachCall)
  glue.middlewareStack.add(remembering, atEachCall)
  athena.middlewareStack.add(remembering, atEachCall)

  if (onRetry !== undefined) {
    const telling = tellRetries(onRetry)
    s3.middlewareStack.add(telling, atEachAttempt)
    glue.middlewareStack.add(telling, atEachAttempt)
    athena.middlewareStack.add(telling, atEachAttempt)
  }

  // An endpoint of one's own (a gateway, the stand-in) seldom has a DNS name per bucket.
  s3.middlewareStack.add(
    (next) => async (sent) => {
      if ((await ownEndpoint(s3.config)) !== undefined) s3.config.forcePathStyle = true
      return next(sent)
    },
    { step: 'initialize', priority: 'high', name: 'pathStyleForOwnEndpoints' },
  )

  // A part carries its CRC32 and TLS guards it on the way; hashing it once more costs 5 ms of CPU per 8 MiB.
  s3.middlewareStack.add(
    (next, context) => async (sent) => {
      if (context['commandName'] === 'UploadPartCommand' && isRequest(sent.request)) {
        const { protocol, hostname, headers } = sent.request
        if (protocol === 'https:' || isLoopback(hostname))
          headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
      }
      return next(sent)
    },
    { step: 'build', name: 'unsignedParts' },
  )

  return {
    s3,
    glue,
    athena,
    async where() {
      // What is missing or wrong here, the first call says.
      const nothing = () => undefined
      const [region, endpoint] = await Promise.all([
        glue.config.region().catch(nothing),
        ownEndpoint(glue.config).catch(nothing),
      ])
      return { region, endpoint }
    },
    async timings() {
      const endpoint = await ownEndpoint(glue.config)
      const local = endpoint !== undefined && isLoopback(endpoint)
      return local
        ? { crawlerPoll: 50, queryPoll: 20, readBack: 50 }
        : { crawlerPoll: 5_000, queryPoll: 1_000, readBack: 1_000 }
    },
    close() {
      for (const client of [s3, glue, athena]) client.destroy()
    },
  }
}

/** Host of the endpoint that the settings, the environment or the shared config file name; undefined: AWS's own. */
async function ownEndpoint(config: {
  endpoint?: () => Promise<{ hostname: string }>
  serviceConfiguredEndpoint?: () => Promise<string | undefined>
}): Promise<string | undefined> {
  if (config.endpoint !== undefined) return (await config.endpoint()).hostname
  const url = await config.serviceConfiguredEndpoint?.()
  return url === undefined ? undefined : new URL(url).hostname
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function isRequest(
  value: unknown,
): value is { protocol: string; hostname: string; headers: Record<string, string> } {
  return typeof value === 'object' && value !== null && 'protocol' in value && 'headers' in value
}
