/** A publish whose answer nobody gets. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Action } from '../../lib/local/aws/faults.ts'
import { needsPostgres } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(300_000)

let first: TestStandIn

beforeAll(async () => {
  first = await openStandIn({ scale: 0.001, tables: ['taxes'] })
})

afterAll(() => first?.close())

const args = ['--catalog', 'declared']

/** A lake of its own where the table is published. */
async function published() {
  const standIn = await first.beside()
  const { load: before } = (await standIn.run('taxes', args)).summary()
  const { objects } = await standIn.remains('taxes')
  return {
    standIn,
    before,
    objects,
    always(operation: string, action: Action, after = 0) {
      standIn.faults.add({ operation, after, action })
    },
    /** All that the load made is still there, for whoever finds out. */
    async expectAllKept(load: string | null) {
      const remains = await standIn.remains('taxes')
      expect(remains.objects.toSorted()).toEqual(
        [...objects, `${load}/taxes-00000.parquet`, `_loads/${load}.json`].toSorted(),
      )
      expect(remains.stagedTables).toEqual([`taxes__${load}`])
    },
  }
}

/** GetTable: what is replaced, what the record names, and what the publish is guarded by; then it is read back. */
const guards = 3

test.concurrent('is read back and found published', async () => {
  const { standIn, always } = await published()
  always('UpdateTable', { kind: 'lost answer' })
  const { load, rows, warnings } = (await standIn.run('taxes', args)).summary()
  expect(warnings).toEqual([])
  standIn.faults.clear()
  expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: rows })
})

test.concurrent('is unknown when the table cannot be read back: nothing is deleted, and the next load mends it', async () => {
  const { standIn, before, always, expectAllKept } = await published()
  always('UpdateTable', { kind: 'lost answer' })
  always('GetTable', { kind: 'drop' }, guards)
  const { exit, message, failure } = await standIn.run('taxes', args)
  standIn.faults.clear()
  expect(exit).toBe(5)
  const { load, published: whether, error } = failure()
  expect(error.advice).toStartWith(
    'Run it again, which is safe and settles it: of two loads the newer snapshot stays.',
  )
  expect(message).toStartWith(
    `taxes: not known whether it was published; readers may see load ${load}, or still load ${before}`,
  )
  expect({ published: whether, retry: error.retry }).toEqual({ published: null, retry: true })
  expect(await standIn.readersSee('taxes')).toMatchObject({ load })
  await expectAllKept(load)
  const next = (await standIn.run('taxes', args)).summary()
  expect(await standIn.readersSee('taxes')).toMatchObject({ load: next.load, counted: next.rows })
})

test.concurrent('is unknown while the old table is all that is to be seen', async () => {
  const { standIn, before, always, expectAllKept } = await published()
  always('UpdateTable', { kind: 'error', code: 'InternalServiceException', status: 500 })
  const { exit, message, failure } = await standIn.run('taxes', args)
  standIn.faults.clear()
  expect(exit).toBe(5)
  expect(message).toContain('the table is still the old one, but the call may yet be carried out')
  expect(await standIn.readersSee('taxes')).toMatchObject({ load: before })
  await expectAllKept(failure().load)
})

test.concurrent('is no publish when it is carried out late, after the load was run again', async () => {
  const { standIn, before } = await published()
  standIn.faults.add({ operation: 'UpdateTable', times: 1, action: { kind: 'hold' } })
  const run = standIn.start('taxes', args)
  const late = await standIn.faults.held('UpdateTable')
  // Its connection stays open, so that the call is carried out in the end.
  run.kill('SIGSTOP')
  const next = (await standIn.run('taxes', args)).summary()
  expect(next.load).not.toBe(before)
  standIn.faults.release()
  await until(() => late.status !== 'held')
  expect(late.status).toBe(400)
  expect(await standIn.readersSee('taxes')).toMatchObject({ load: next.load, counted: next.rows })
  run.kill('SIGCONT')
  const { exit, message } = await run.finished
  expect([exit, message]).toEqual([1, expect.stringContaining(`load ${next.load} of a newer snapshot`)])
})

test.concurrent('is no publish when AWS throttles it to the end', async () => {
  const { standIn, before, objects, always } = await published()
  always('UpdateTable', { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' })
  const { exit, message } = await standIn.run('taxes', args)
  standIn.faults.clear()
  expect(exit).toBe(1)
  expect(message).toContain('AWS asks for fewer calls')
  expect(await standIn.readersSee('taxes')).toMatchObject({ load: before })
  expect(await standIn.remains('taxes')).toMatchObject({ objects, stagedTables: [] })
})

test.concurrent('stays unknown when the load is told to stop meanwhile', async () => {
  const { standIn, always, expectAllKept } = await published()
  always('UpdateTable', { kind: 'drop' })
  const run = standIn.start('taxes', args)
  await until(() => standIn.faults.log.some(({ status }) => status === 'dropped'))
  run.kill('SIGTERM')
  const { exit, failure } = await run.finished
  standIn.faults.clear()
  expect(exit).toBe(5)
  await expectAllKept(failure().load)
})

needsPostgres(14, 'TID range scans').test(
  'is of all slices, which are written by a thread each, or of none',
  async () => {
    const standIn = await first.beside()
    await standIn.sql.unsafe(`insert into taxes select (many).* from (
    select jsonb_populate_record(t, jsonb_build_object('id', t.id + 100000 * g)) as many from taxes t, generate_series(1, 300) g
  ) as copies`)
    const flags = [...args, '--connections', '3', '--fingerprint']
    const { load, rows, slicing } = (await standIn.run('taxes', flags)).summary()
    expect(slicing).toMatchObject({ slices: 3, by: 'blocks', reason: null })
    const { objects } = await standIn.remains('taxes')
    const files = [0, 1, 2].map((slice) => `${load}/taxes-s0${slice}-00000.parquet`)
    expect(objects.toSorted()).toEqual([...files, `_loads/${load}.json`].toSorted())
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: rows })
    const check = await standIn.run('checks/columns.ts', ['taxes'])
    expect(check.exit).toBe(0)

    const refused = { kind: 'error', code: 'AccessDenied', status: 403 } as const
    standIn.faults.add({ operation: 'PutObject', match: '-s02-', action: refused })
    const { exit, message } = await standIn.run('taxes', flags)
    standIn.faults.clear()
    expect(exit).toBe(2)
    expect(message).toMatch(/^taxes: not published; readers still see load .*taxes-s02-00000\.parquet/)
    expect(await standIn.remains('taxes')).toMatchObject({ objects, uploads: [] })
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, counted: rows })
  },
)
