import { expect, test } from 'bun:test'
import type { RecordedLoad } from '../../lib/lake/history.ts'
import type { StoredColumn } from '../../lib/lake/recorded.ts'
import { rollbackTarget } from '../../lib/lake/rollback-target.ts'

const [before, now] = ['20260101t000000000z_aaaaaa', '20260102t000000000z_aaaaaa']

function load(load: string, phone: Partial<StoredColumn> | undefined): RecordedLoad {
  const columns = [{ name: 'id' }, ...(phone === undefined ? [] : [{ name: 'phone', ...phone }])]
  const record = { load, columns, hash_key: null } as unknown as RecordedLoad['record']
  return { load, record, state: 'superseded', damage: undefined }
}

const back = (earlier: Partial<StoredColumn> | undefined, hidden: string | null, named?: string) =>
  rollbackTarget(
    'calls',
    { loads: [load(now, { hidden }), load(before, earlier)] },
    { published: now, hashKey: undefined, named },
  ).load

test.each<[string, Partial<StoredColumn> | undefined, string | null]>([
  ['hides it alike', { hidden: 'masked' }, 'masked'],
  ['does not have the column', undefined, 'masked'],
  ['hid a column that readers see by now', { hidden: 'masked' }, null],
  ['says nothing of a column that was never hidden', {}, null],
  // Its key tells that.
  ['says nothing of a column that is hashed', {}, 'hashed'],
])('a load that %s is gone back to', (_, earlier, hidden) => {
  expect(back(earlier, hidden)).toBe(before)
})

test.each<[string, Partial<StoredColumn>, string]>([
  ['shows it', { hidden: null }, 'when phone was not hidden as it is now'],
  ['shows more of it', { hidden: 'masked, { keepLast: 4 }' }, 'when phone was not hidden as it is now'],
  ['does not say', {}, 'by a version that has not recorded whether phone was hidden'],
])('a load that %s is gone back to by its name alone', (_, earlier, how) => {
  expect(() => back(earlier, 'masked')).toThrow(
    `Cannot roll back "calls": load ${before}, the one before, was written ${how}. If readers may see it, name it: bun run rollback calls ${before}`,
  )
  expect(back(earlier, 'masked', before)).toBe(before)
})
