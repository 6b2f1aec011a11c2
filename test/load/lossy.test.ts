/** Values that have no place in the lake, in the columns that let them pass. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getText } from '../../lib/aws/objects.ts'
import type { LoadRecord } from '../../lib/lake/record.ts'
import { array, date, integer, lossy, nullable, numeric, text, timestamp } from '../../lib/table.ts'
import { since } from '../support/needs-postgres.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

/** Before PostgreSQL 14 no numeric was infinite. */
const beyond = since(14, 'Infinity', '9'.repeat(40))

let standIn: TestStandIn
let scripts: Awaited<ReturnType<typeof openScripts>>

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01, tables: [] }), openScripts()])
  await standIn.sql.unsafe(`
    create table extremes (id integer not null, amount numeric, at timestamp, birthday date, days date[], exact numeric);
    insert into extremes values
      (1, 1.5, '2000-01-01', '2000-01-01', '{2000-01-01}', 1e-40),
      (2, '${beyond}', 'infinity', 'infinity', '{infinity, null, 2000-01-01}', 'NaN'),
      (3, '-${beyond}', '-infinity', '4713-01-01 BC', '{-infinity}', '-${beyond}'),
      (4, 99.99, '294276-12-31 23:59:59.999999', '9999-12-31', '{}', null),
      (5, null, null, null, null, 1e50)`)
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

test('become null, or the nearest that has a place, and each load says how many', async () => {
  await using folder = await temporaryFolder()
  const script = await scripts.write(
    'extremes',
    `id: integer, amount: nullable(lossy(numeric(4, 2), 'clamp')), at: lossy(timestamp, 'null'),
     birthday: nullable(lossy(date, 'clamp')), days: nullable(array(lossy(date, 'clamp'))),
     days_or_null: nullable(named('days', array(lossy(date, 'null')))), exact: nullable(numericText)`,
  )
  const summary = (await standIn.run(script)).summary()
  expect(summary.softened).toEqual({ amount: 2, at: 3, birthday: 2, days: 2, days_or_null: 2 })
  expect(summary.warnings).toEqual([
    '2 values of amount, 2 of birthday, 2 of days have no place in the lake and were clamped',
    '3 values of at, 2 of days_or_null have no place in the lake and are null there',
  ])

  const key = `tables/extremes/_loads/${summary.load}.json`
  const record: LoadRecord = JSON.parse(await getText(standIn.aws, { bucket: 'lake', key }))
  expect(record.softened).toEqual(summary.softened)

  const { hostname: Bucket, pathname } = new URL(summary.files[0] ?? '')
  const { Body } = await standIn.aws.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
  const path = join(folder.path, 'extremes.parquet')
  await Bun.write(path, (await Body?.transformToByteArray()) ?? '')
  const columns = {
    amount: nullable(numeric(4, 2)),
    at: nullable(timestamp),
    birthday: nullable(date),
    days: nullable(array(date)),
    days_or_null: nullable(array(date)),
    exact: nullable(text),
  }
  for (const read of Object.values(readers)) {
    expect(await read(path, columns)).toEqual({
      amount: ['1.50', '99.99', '-99.99', '99.99', null],
      at: ['946684800000000', null, null, null, null],
      birthday: ['10957', '2932896', '-719162', '2932896', null],
      days: ['["10957"]', '["2932896",null,"10957"]', '["-719162"]', '[]', null],
      days_or_null: ['["10957"]', '[null,null,"10957"]', '[null]', '[]', null],
      exact: [`0.${'0'.repeat(39)}1`, 'NaN', `-${beyond}`, null, `1${'0'.repeat(50)}`],
    })
  }
})

test('stop the load all the same where clamping has no nearest value for them', async () => {
  const script = await scripts.write(
    'extremes',
    `exact: nullable(lossy(numeric(38, 0), 'clamp'))`,
    `where: 'id = 2'`,
  )
  const { exit, message } = await standIn.run(script)
  expect(exit).toBe(3)
  expect(message).toContain('extremes.exact')
  expect(message).toContain('NaN')
})

test('are none for types that hold all their values', () => {
  // @ts-expect-error every integer has a place
  expect(() => lossy(integer, 'clamp')).toThrow('every value of it has a place in the lake')
  // @ts-expect-error there is no such policy
  expect(() => lossy(date, 'round')).toThrow('"round" is no policy')
})
