/** What an AWS call's error means to the person who runs the script: exit code, reason, what to do. */
import type { ExitCode } from '../failure/exit-code.ts'
import { Failure } from '../failure/failure.ts'
import { isMistake, unexpected } from '../failure/unexpected.ts'
import { adviceFor, deniedAdvice } from './denied.ts'

const credentials = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
])

const denied = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'Forbidden',
  'NotAuthorized',
])

const elsewhere = new Set([
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'IllegalLocationConstraintException',
])

const throttled = new Set([
  'LimitExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
])

/** Things that were there a moment ago: somebody else removed or holds them, so a new load may do. */
const passing = new Set([
  'ConcurrentModificationException',
  'ConditionalRequestConflict',
  'CrawlerRunningException',
  'NoSuchKey',
  'NoSuchUpload',
  'OperationAborted',
  'PreconditionFailed',
  'RequestTimeout',
])

const unreachable = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ConnectionClosed',
  'ConnectionRefused',
])

interface Told {
  readonly name: string
  readonly code: string
  readonly message: string
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined
  /** The bucket's, where S3 says that it is another than the client's. */
  readonly region: string | undefined
}

/** What an unknown error says of itself. */
export function tell(error: unknown): Told {
  if (!(error instanceof Error)) {
    return { name: 'Error', code: '', message: String(error), status: undefined, region: undefined }
  }
  const { code, $metadata, $response, Region } = error as SdkError
  return {
    name: error.name,
    code: typeof code === 'string' ? code : '',
    message: error.message,
    status: $metadata?.httpStatusCode,
    region: Region ?? $response?.headers?.['x-amz-bucket-region'],
  }
}

/** Which of it there is depends on the service and on how far a request came. */
interface SdkError {
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
  readonly Region?: string
}

/**
 * The Failure an AWS call's error stands for; a Failure passes through.
 * Exit 2: access refused, no credentials, no such bucket, a request AWS refuses. Exit 1: everything that may pass.
 */
export function awsFailure(error: unknown, act: string, thing: string): Failure {
  if (error instanceof Failure) return error
  if (error instanceof SyntaxError && error.message.startsWith('JSON Parse error')) {
    // Glue's and Athena's answers are looked at before they are parsed, so it is of who gives the credentials.
    const advice = 'Try again; if it stays so, look at what gives this machine its AWS credentials.'
    return new Failure({ exit: 1, act, thing, reason: 'an answer is no JSON', advice, cause: error })
  }
  if (isMistake(error)) return new Failure({ exit: 1, act, thing, ...unexpected(error), cause: error })
  const { exit, advice } = verdict(tell(error), error)
  return new Failure({ exit, act, thing, reason: reasonOf(tell(error)), advice, cause: error })
}

function verdict(
  { name, code, message, status, region }: Told,
  error: unknown,
): { exit: ExitCode; advice: string } {
  if (name === 'AbortError') return { exit: 1, advice: 'It was stopped; run it again.' }
  if (name === 'ForeignAnswer') return foreignVerdict(status)
  if (credentials.has(name) || /could not load credentials/i.test(message)) {
    return {
      exit: 2,
      advice: 'Check the AWS credentials in the environment; they are missing, wrong or expired.',
    }
  }
  if (/region (is missing|not accepted)/i.test(message)) return { exit: 2, advice: 'Set AWS_REGION.' }
  // The SDK looks for its shared files there, and asks the system when HOME is not set.
  if (/homedir/.test(message)) {
    return { exit: 2, advice: 'Set HOME, to /tmp if need be: this user has no home directory.' }
  }
  if (code === 'ERR_PROXY_TUNNEL') return proxyVerdict(message)
  if (code === 'UnsupportedProxyProtocol' || /proxy URL is invalid/.test(message)) {
    return { exit: 2, advice: 'Write http://host:port or https://host:port in HTTPS_PROXY and HTTP_PROXY.' }
  }
  if (code === 'EPROTO' || code === 'Malformed_HTTP_Response') {
    return { exit: 2, advice: 'Check AWS_ENDPOINT_URL: its host, its port, and http:// or https://.' }
  }
  // The SDK says so of its own settings, such as AWS_DEFAULTS_MODE, and of keys with a line break in them.
  if (/^Invalid parameter for "|^Header '.*' has invalid value/.test(message)) {
    return { exit: 2, advice: 'Correct or unset what the environment or the profile says of it.' }
  }
  if (code === 'ERR_INVALID_URL' || /^protocol must be/.test(message)) {
    return { exit: 2, advice: 'Check AWS_ENDPOINT_URL and its kin; write http://host:port or https://host.' }
  }
  if (name === 'NoSuchBucket') {
    const advice = adviceFor(error) ?? 'Create the bucket, or correct its name in the environment.'
    return { exit: 2, advice }
  }
  if (elsewhere.has(name) || status === 301) {
    return {
      exit: 2,
      advice: `Set AWS_REGION to ${region === undefined ? "the bucket's own region" : `${region}, where the bucket is`}.`,
    }
  }
  if (throttled.has(name) || status === 429) {
    return { exit: 1, advice: 'AWS asks for fewer calls; try again later, with fewer loads at a time.' }
  }
  if (name === 'ResourceNumberLimitExceededException') {
    const advice =
      'Have AWS raise that quota of the account, in Service Quotas, or remove what is not needed.'
    return { exit: 2, advice }
  }
  if (denied.has(name) || name.startsWith('KMS.') || status === 403) {
    return { exit: 2, advice: deniedAdvice(error) }
  }
  if (passing.has(name)) return { exit: 1, advice: 'Try again.' }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return {
      exit: 2,
      advice: "The endpoint's certificate does not verify; name its authority in NODE_EXTRA_CA_CERTS.",
    }
  }
  if (name === 'TimeoutError' || unreachable.has(code)) {
    return {
      exit: 1,
      advice: 'Check the network, AWS_REGION, AWS_ENDPOINT_URL and HTTPS_PROXY, then try again.',
    }
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return { exit: 2, advice: 'AWS refuses the request as it stands; check the names in the environment.' }
  }
  return { exit: 1, advice: 'Try again; if it stays, see the status page of AWS for this region.' }
}

/** What stands between may be down for a moment; what answers in another service's stead is there to stay. */
function foreignVerdict(status = 0): { exit: ExitCode; advice: string } {
  return mayPass(status)
    ? {
        exit: 1,
        advice: 'Try again; if it stays so, look at the proxy or load balancer that answers for AWS.',
      }
    : {
        exit: 2,
        advice: 'Check AWS_ENDPOINT_URL, AWS_REGION and HTTPS_PROXY: what answers there is not AWS.',
      }
}

/** `Proxy refused to open a tunnel: 407 Proxy Authentication Required` */
function proxyVerdict(message: string): { exit: ExitCode; advice: string } {
  return mayPass(Number(/\d{3}/.exec(message)?.[0]))
    ? { exit: 1, advice: 'Try again; if it stays so, look at the proxy that HTTPS_PROXY names.' }
    : { exit: 2, advice: 'Check HTTPS_PROXY and NO_PROXY, and what that proxy lets through.' }
}

/** RFC 9110, "Status Codes", less those of 5xx that say what the server will never do; 511: a captive portal's. */
function mayPass(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && ![501, 505, 511].includes(status))
}

function reasonOf({ name, code, message, status }: Told): string {
  // Bun's fetch advises on its own arguments.
  const first = (message.split('\n')[0] ?? '')
    .replace(/ For more information, pass .*$/, '')
    .replace(/[.\s]+$/, '')
  const label = ['Error', 'TypeError'].includes(name) ? code : name === 'ForeignAnswer' ? '' : name
  if (first === '' || first === 'UnknownError') {
    return `${label || 'an unknown error'}${status === undefined ? '' : ` (HTTP ${status})`}`
  }
  return label === '' || first.startsWith(label) ? first : `${label}: ${first}`
}
