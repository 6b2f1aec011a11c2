import { expect, test } from 'bun:test'
import { ownerOf, stagedName, tableFolder } from '../../lib/lake/layout.ts'
import { loadTime, newLoadId } from '../../lib/lake/load-id.ts'

test('A load is named after its time, to the millisecond, and sorts by it', () => {
  const at = new Date('2026-11-22T04:12:33.123Z')
  const id = newLoadId(at)
  expect(id).toMatch(/^20261122t041233123z_[a-z0-9]{6}$/)
  expect(loadTime(id)).toEqual(at)
  expect(newLoadId(new Date(at.getTime() + 1)) > id).toBe(true)
  expect(newLoadId(at)).not.toBe(id)
})

test('What is no load’s name has no time', () => {
  for (const name of [
    '',
    '_loads',
    'notes',
    '20261122t041233123z_',
    '20261122t041233123z_x7k2q9/',
    '20261322t041233123z_x7k2q9',
    'x20261122t041233123z_x7k2q9',
    '20261122T041233123Z_x7k2q9',
  ]) {
    expect(loadTime(name)).toBeUndefined()
  }
})

test('A key belongs to a load only under its very table', () => {
  const load = '20261122t041233123z_x7k2q9'
  const folder = tableFolder('tables', 'orders')
  expect(ownerOf(`tables/orders/${load}/orders-00000.parquet`, folder)).toEqual({ load, kind: 'file' })
  expect(ownerOf(`tables/orders/_loads/${load}.json`, folder)).toEqual({ load, kind: 'record' })
  expect(ownerOf(`tables/orders_old/${load}/orders-00000.parquet`, folder)).toBeUndefined()
  expect(ownerOf(`tables/orders/${load}`, folder)).toBeUndefined()
  expect(ownerOf(`tables/orders/_loads/${load}`, folder)).toBeUndefined()
  expect(tableFolder('', 'orders')).toBe('orders/')
  expect(stagedName('orders', load)).toBe(`orders__${load}`)
})
