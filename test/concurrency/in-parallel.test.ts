import { expect, test } from 'bun:test'
import { inParallel } from '../../lib/concurrency/in-parallel.ts'

/** Work that ends when told to. */
function openWork() {
  const begun: string[] = []
  const ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>()
  return {
    begun,
    work(item: string): Promise<string> {
      begun.push(item)
      const { promise, ...end } = Promise.withResolvers<string>()
      ends.set(item, end)
      return promise
    },
    async end(item: string): Promise<void> {
      ends.get(item)?.resolve(item.toUpperCase())
      await settle()
    },
    async fail(item: string): Promise<void> {
      ends.get(item)?.reject(new Error(`${item} failed`))
      await settle()
    },
  }
}

/** Until every continuation that can run has run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('so many items are worked on at a time, and the next is begun when any of them ends', async () => {
  const { begun, work, end } = openWork()
  const all = inParallel(2, ['a', 'b', 'c', 'd'], work)
  expect(begun).toEqual(['a', 'b'])
  await end('b')
  expect(begun).toEqual(['a', 'b', 'c'])
  await end('c')
  await end('a')
  await end('d')
  expect(await all).toEqual(['A', 'B', 'C', 'D'])
})

test('after one that fails no further one is begun, by nobody', async () => {
  const { begun, work, end, fail } = openWork()
  const all = inParallel(2, ['a', 'b', 'c', 'd'], work)
  const failure = all.catch((error: unknown) => error)
  await fail('a')
  expect(await failure).toEqual(new Error('a failed'))
  await end('b')
  expect(begun).toEqual(['a', 'b'])
})

test('there may be fewer items than that, or none', async () => {
  expect(await inParallel(4, ['a'], async (item) => item)).toEqual(['a'])
  expect(await inParallel(1e12, ['a'], async (item) => item)).toEqual(['a'])
  expect(await inParallel(4, [], async (item) => item)).toEqual([])
})
