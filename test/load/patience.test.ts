import { expect, test } from 'bun:test'
import { createPatience } from '../../lib/load/steps/patience.ts'
import type { Waiter } from '../../lib/postgres/waiters.ts'

const waiter = (pid: number, waitedMs?: number): Waiter => ({
  ...{ pid, waitedMs, user: 'deploy', application: '', mode: 'ACCESS EXCLUSIVE', relation: 'orders' },
})

/** What each look says, as `pid ms`. */
function looks(...seen: readonly (readonly Waiter[])[]): string[] {
  const patience = createPatience()
  return seen.map((waiters, second) => {
    const longest = patience.longest(waiters, second * 1_000)
    return longest === undefined ? 'nobody' : `${longest.waiter.pid} ${longest.ms}`
  })
}

test('who waits longest is told by the server', () => {
  expect(looks([], [waiter(1, 300)], [waiter(1, 1_300), waiter(2, 200)], [waiter(2, 1_200)])).toEqual([
    ...['nobody', '1 300', '1 1300', '2 1200'],
  ])
})

test('a server that does not tell (before PostgreSQL 14) is watched', () => {
  expect(looks([waiter(1)], [waiter(1)], [waiter(1), waiter(2)], [waiter(1)])).toEqual([
    ...['1 0', '1 1000', '1 2000', '1 3000'],
  ])
})

test('waits that were given up count, whether the next one is seen at once or later', () => {
  expect(looks([waiter(1, 900)], [waiter(1, 100)], [], [waiter(1, 50)])).toEqual([
    ...['1 900', '1 1000', 'nobody', '1 1050'],
  ])
  expect(looks([waiter(1)], [waiter(1)], [], [waiter(1)], [waiter(1)])).toEqual([
    ...['1 0', '1 1000', 'nobody', '1 1000', '1 2000'],
  ])
})
