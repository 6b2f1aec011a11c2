/** What an AWS call's error means to the person who runs the script: exit code, reason, what to do. */
import { type ExitCode, Failure } from '../failure.ts'

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
}

/** What an unknown error says of itself. */
export function tell(error: unknown): Told {
  if (!(error instanceof Error)) return { name: 'Error', code: '', message: String(error), status: undefined }
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } }
  return {
    name: error.name,
    code: typeof code === 'string' ? code : '',
    message: error.message,
    status: $metadata?.httpStatusCode,
  }
}

/**
 * The Failure an AWS call's error stands for; a Failure passes through.
 * Exit 2: access refused, no credentials, no such bucket, a request AWS refuses. Exit 1: everything that may pass.
 */
export function awsFailure(error: unknown, act: string, thing: string): Failure {
  if (error instanceof Failure) return error
  const { exit, advice } = verdict(tell(error))
  return new Failure({ exit, act, thing, reason: reasonOf(tell(error)), advice, cause: error })
}

function verdict({ name, code, message, status }: Told): { exit: ExitCode; advice: string } {
  if (name === 'AbortError') return { exit: 1, advice: 'It was stopped; run it again.' }
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
  if (code === 'ERR_INVALID_URL') {
    return { exit: 2, advice: 'Check AWS_ENDPOINT_URL and its kin; write http://host:port or https://host.' }
  }
  if (name === 'NoSuchBucket') {
    return { exit: 2, advice: 'Create the bucket, or correct DRACULA_S3_URI.' }
  }
  if (elsewhere.has(name)) return { exit: 2, advice: "Set AWS_REGION to the bucket's own region." }
  if (throttled.has(name) || status === 429) {
    return { exit: 1, advice: 'AWS asks for fewer calls; try again later, with fewer loads at a time.' }
  }
  if (denied.has(name) || name.startsWith('KMS.') || status === 403) {
    return {
      exit: 2,
      advice:
        'Allow it in the IAM policy of the identity this runs as, or check the names in the environment.',
    }
  }
  if (passing.has(name)) return { exit: 1, advice: 'Try again.' }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return {
      exit: 2,
      advice: "The endpoint's certificate does not verify; name its authority in NODE_EXTRA_CA_CERTS.",
    }
  }
  if (name === 'TimeoutError' || unreachable.has(code)) {
    return { exit: 1, advice: 'Check the network, AWS_REGION and AWS_ENDPOINT_URL, then try again.' }
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return { exit: 2, advice: 'AWS refuses the request as it stands; check the names in the environment.' }
  }
  return { exit: 1, advice: 'Try again; if it stays, see the status page of AWS for this region.' }
}

function reasonOf({ name, code, message, status }: Told): string {
  // Bun's fetch advises on its own arguments.
  const first = (message.split('\n')[0] ?? '')
    .replace(/ For more information, pass .*$/, '')
    .replace(/[.\s]+$/, '')
  const label = name === 'Error' || name === 'TypeError' ? code : name
  if (first === '' || first === 'UnknownError') {
    return `${label || 'an unknown error'}${status === undefined ? '' : ` (HTTP ${status})`}`
  }
  return label === '' || first.startsWith(label) ? first : `${label}: ${first}`
}
