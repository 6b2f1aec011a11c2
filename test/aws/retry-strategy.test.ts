import { afterAll, beforeAll, expect, spyOn, test } from 'bun:test'
import { retries } from '../../lib/aws/retry-strategy.ts'

// A pause is a random share of the longest: of none here.
let random: ReturnType<typeof spyOn<Math, 'random'>>
beforeAll(() => {
  random = spyOn(Math, 'random').mockReturnValue(0)
})
afterAll(() => random.mockRestore())

type Kind = 'THROTTLING' | 'TRANSIENT' | 'CLIENT_ERROR'
const times = (count: number, errorType: Kind) => Array<Kind>(count).fill(errorType)

/** How often a call is made whose attempts end so, one after the other. */
async function made(strategy: ReturnType<typeof retries>['retryStrategy'], errors: readonly Kind[]) {
  let token = await strategy.acquireInitialRetryToken('')
  let attempts = 1
  try {
    for (const errorType of errors) {
      token = await strategy.refreshRetryTokenForRetry(token, { errorType })
      attempts += 1
    }
    strategy.recordSuccess(token)
  } catch {}
  return attempts
}

test('a call that AWS throttles is made forty times, one that fails otherwise eight times', async () => {
  const { retryStrategy } = retries(undefined)
  expect(await made(retryStrategy, times(60, 'THROTTLING'))).toBe(40)
  expect(await made(retryStrategy, times(30, 'TRANSIENT'))).toBe(8)
  expect(await made(retryStrategy, times(30, 'CLIENT_ERROR'))).toBe(1)
})

test('one that was throttled for long is not ended by an error of another kind', async () => {
  const { retryStrategy } = retries(undefined)
  const errors = [...times(9, 'THROTTLING'), ...times(2, 'TRANSIENT'), ...times(2, 'THROTTLING')]
  expect(await made(retryStrategy, errors)).toBe(14)
})

test('calls that are throttled use up nothing that later ones need', async () => {
  const { retryStrategy } = retries(undefined)
  for (let call = 0; call < 20; call++) expect(await made(retryStrategy, times(10, 'THROTTLING'))).toBe(11)
  expect(await made(retryStrategy, times(30, 'TRANSIENT'))).toBe(8)
})

test('the program or AWS_MAX_ATTEMPTS says how often any call is made; what is no number says nothing', async () => {
  const before = process.env['AWS_MAX_ATTEMPTS']
  try {
    process.env['AWS_MAX_ATTEMPTS'] = '3'
    expect(await made(retries(undefined).retryStrategy, times(30, 'THROTTLING'))).toBe(3)
    expect(await made(retries(undefined).retryStrategy, times(30, 'TRANSIENT'))).toBe(3)
    expect(await made(retries(2).retryStrategy, times(30, 'THROTTLING'))).toBe(2)
    process.env['AWS_MAX_ATTEMPTS'] = 'many'
    expect(await made(retries(undefined).retryStrategy, times(30, 'TRANSIENT'))).toBe(8)
  } finally {
    if (before === undefined) delete process.env['AWS_MAX_ATTEMPTS']
    else process.env['AWS_MAX_ATTEMPTS'] = before
  }
})
