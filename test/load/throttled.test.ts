import { afterAll, beforeAll, expect, test } from 'bun:test'
import { enforceQuotas, type Quotas } from '../../lib/local/aws/quotas/quotas.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

const tables = ['taxes', 'currencies', 'notes', 'events']

/** Quotas go by a clock that is so much faster, as loads wait by the time there is. */
const hurry = 20

let standIn: TestStandIn
let quotas: Quotas
beforeAll(async () => {
  // Each call of Glue once in a second, for four loads at once.
  quotas = enforceQuotas({ share: 0.1, now: () => performance.now() * hurry })
  standIn = await openStandIn({ scale: 0.001, tables, quotas })
})
afterAll(() => standIn.close())

test('loads that AWS throttles by its quotas are published all the same, each whole', async () => {
  const own = { AWS_MAX_ATTEMPTS: undefined }
  const loads = await Promise.all(tables.map((table) => standIn.run(table, ['--catalog', 'declared'], own)))
  expect(loads.map(({ exit, message }) => [exit, message])).toEqual(tables.map(() => [0, expect.any(String)]))
  const refused = quotas.met().filter((met) => met.refused > 0)
  expect(refused.length).toBeGreaterThan(0)
  const retried = loads.map((load) => load.summary().retries).reduce((sum, retries) => sum + retries, 0)
  expect(retried).toBe(refused.reduce((sum, met) => sum + met.refused, 0))
  for (const [at, table] of tables.entries()) {
    const { rows } = loads[at]!.summary()
    expect(await standIn.readersSee(table)).toMatchObject({ rows, counted: rows })
  }
}, 60_000)
