/** A small object that several processes change at the same time: none writes over what it has not read. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { editObject } from '../../lib/aws/edit-object.ts'
import { getText, listObjects } from '../../lib/aws/objects.ts'
import { failureOf, never, openLake } from '../support/aws.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())

const object = (key: string) => ({
  bucket: 'lake',
  key,
  contentType: 'text/plain',
  kmsKey: undefined,
  signal: never,
})
const addOne = (key: string) =>
  editObject(lake.aws, object(key), (text) => {
    const next = Number(text ?? 0) + 1
    return { text: String(next), result: next }
  })

test('all changes are in it, and each has seen those before its own', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => addOne('count')))
  expect(results.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(await getText(lake.aws, { bucket: 'lake', key: 'count' })).toBe('8')
})

test('nothing is written where nothing changes', async () => {
  const same = await editObject(lake.aws, object('none'), (text) => ({ text, result: text }))
  expect(same).toBeUndefined()
  expect(await listObjects(lake.aws, { bucket: 'lake', prefix: 'none' })).toEqual([])
})

test('one whose answer was lost finds what it has written', async () => {
  lake.faults.add({ operation: 'PutObject', times: 1, action: { kind: 'lost answer' } })
  expect(await addOne('lost')).toBe(2)
  lake.faults.clear()
})

test('a bucket that is not there is no other process, and is said so at once', async () => {
  const edit = () => ({ text: 'x', result: undefined })
  const { summary } = await failureOf(editObject(lake.aws, { ...object('x'), bucket: 'nowhere' }, edit))
  expect(summary).toContain('NoSuchBucket')
})
