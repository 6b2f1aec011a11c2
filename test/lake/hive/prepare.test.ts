import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { openHive } from '../../../lib/lake/hive/hive.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { until } from '../../support/until.ts'

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())
afterEach(() => standIn.faults.clear())

/** Prepares a first load into databases that are not there yet. */
async function prepare(name: string, workgroup = 'primary'): Promise<void> {
  const { aws, config } = standIn.place(name)
  const databases = { glueDatabase: name, stagingDatabase: `${name}_staging` }
  const lake = openHive({ aws, config: { ...config, ...databases, workgroup }, table: name })
  await lake.prepare({ kind: 'absent' }, { adopt: false, signal: never })
}

/** Databases of that name and those that begin with it, as the call asked for them. */
const askedBy = (call: string, name: string) =>
  standIn.faults.log.filter(({ operation, subject }) => operation === call && subject.startsWith(name))

const madeOf = (name: string) =>
  askedBy('CreateDatabase', name)
    .map(({ subject }) => subject)
    .toSorted()

test('both databases are made where there are none, and only once', async () => {
  await prepare('fresh')
  await prepare('fresh')
  expect(madeOf('fresh')).toEqual(['fresh', 'fresh_staging'])
})

test('no database is made for a workgroup that is not there, however late that is known', async () => {
  standIn.faults.add({ operation: 'GetWorkGroup', times: 1, action: { kind: 'hold' } })
  const failing = failureOf(prepare('unmade', 'nobody'))
  await standIn.faults.held('GetWorkGroup')
  const notThere = () => askedBy('GetDatabase', 'unmade').filter(({ status }) => status === 400)
  await until(() => notThere().length >= 2)
  standIn.faults.release()
  expect(await failing).toMatchObject({ exit: 2, message: expect.stringContaining('nobody') })
  expect(madeOf('unmade')).toEqual([])
})

test('where all is refused, the workgroup is told of', async () => {
  const refused = { kind: 'error', code: 'AccessDeniedException', status: 400 } as const
  standIn.faults.add({ operation: 'GetDatabase', action: refused })
  standIn.faults.add({ operation: 'GetWorkGroup', action: refused })
  expect(await failureOf(prepare('refused'))).toMatchObject({
    exit: 2,
    message: expect.stringContaining('read the workgroup'),
  })
  expect(madeOf('refused')).toEqual([])
})
