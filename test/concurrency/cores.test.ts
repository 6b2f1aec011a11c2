import { expect, test } from 'bun:test'
import { availableParallelism, totalmem } from 'node:os'
import { availableCores, availableMemory, bytesIn, quotaIn } from '../../lib/concurrency/cores.ts'

test('a container’s quota is read as the kernel writes it, in both of its ways', () => {
  expect(quotaIn('150000 100000\n')).toEqual([1.5])
  expect(quotaIn('max 100000\n')).toEqual([])
  expect(quotaIn('-1\n 100000\n')).toEqual([])
  expect(quotaIn(' ')).toEqual([])
  expect(bytesIn('1610612736\n')).toEqual([1_610_612_736])
  expect(bytesIn('max\n')).toEqual([])
})

test('there is a core at the least, and none that the machine has not', async () => {
  const cores = await availableCores()
  expect(Number.isInteger(cores)).toBe(true)
  expect(cores).toBeGreaterThanOrEqual(1)
  expect(cores).toBeLessThanOrEqual(availableParallelism())
  expect(await availableMemory()).toBeGreaterThan(0)
  expect(await availableMemory()).toBeLessThanOrEqual(totalmem())
})
