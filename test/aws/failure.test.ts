import { expect, test } from 'bun:test'
import { awsFailure } from '../../lib/aws/failure.ts'
import { Failure } from '../../lib/failure/failure.ts'

const error = (name: string, httpStatusCode?: number, code?: string, message = 'told so.') =>
  Object.assign(new Error(message), {
    name,
    ...(code === undefined ? {} : { code }),
    ...(httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } }),
  })

const exitOf = (given: unknown) => awsFailure(given, 'list', 's3://lake/').exit

test('What the user must change exits with 2', () => {
  const refusals = [
    error('AccessDenied', 403),
    error('AccessDeniedException', 400),
    error('403', 403),
    error('NoSuchBucket', 404),
    error('PermanentRedirect', 301),
    error('CredentialsProviderError'),
    error('ExpiredTokenException', 400),
    error('InvalidSignatureException', 403),
    error('KMS.DisabledException', 400),
    error('ValidationException', 400),
    error('ResourceNumberLimitExceededException', 400),
    error('Error', undefined, 'SELF_SIGNED_CERT_IN_CHAIN'),
    error('Error', undefined, undefined, 'Region is missing'),
    error('Error', undefined, 'ENOENT', 'ENOENT: no such file or directory, uv_os_homedir'),
    error('TypeError', undefined, 'ERR_INVALID_URL', 'Invalid URL'),
  ]
  expect(refusals.map(exitOf)).toEqual(refusals.map(() => 2))
})

test('What may pass by itself exits with 1', () => {
  const passing = [
    error('ThrottlingException', 400),
    error('SlowDown', 503),
    error('InternalError', 500),
    error('TimeoutError'),
    error('TypeError', undefined, 'ECONNREFUSED'),
    error('Error', undefined, 'ENOTFOUND'),
    error('AbortError'),
    error('PreconditionFailed', 412),
    error('NoSuchUpload', 404),
    'a string',
    undefined,
  ]
  expect(passing.map(exitOf)).toEqual(passing.map(() => 1))
})

test('A quota that is used up is told with who can raise it', () => {
  const full = error('ResourceNumberLimitExceededException', 400)
  expect(awsFailure(full, 'create', 'lake.orders').message).toContain('raise that quota of the account')
})

test('The message says what was done to what, why, and what to do, in one line', () => {
  const cause = error('AccessDenied', 403, undefined, 'User is not authorized.\n  at somewhere')
  const failure = awsFailure(cause, 'list', 's3://lake/tables/')
  expect(failure.summary).toBe('Cannot list "s3://lake/tables/": AccessDenied: User is not authorized')
  expect(failure.message).not.toContain('\n')
  expect(failure.cause).toBe(cause)
  expect(awsFailure(error('403', 403, undefined, 'UnknownError'), 'list', 'x').summary).toBe(
    'Cannot list "x": 403 (HTTP 403)',
  )
})

test('A Failure passes through', () => {
  const failure = new Failure({ exit: 4, act: 'a', thing: 'b', reason: 'c', advice: 'd' })
  expect(awsFailure(failure, 'list', 'x')).toBe(failure)
})

test('a mistake in code is told as one, not as an answer that may change', () => {
  const mistake = new TypeError('x is not a function\n  at somewhere')
  expect(awsFailure(mistake, 'list', 'x').message).toMatch(
    /: unexpected error, TypeError: x is not a function\. Set DRACULA_DEBUG=1/,
  )
})
