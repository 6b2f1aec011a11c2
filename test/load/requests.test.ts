import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { wallsOf } from '../../lib/commands/bench/first-wall.ts'
import { countRequests } from '../../lib/commands/bench/requests.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.001, tables: ['taxes'] })
})
afterAll(() => standIn.close())

/** Loads a second that the README says AWS lets through, by how the quota's row begins. */
async function rowsOfReadme(): Promise<Map<string, { asks: string; loads: number }>> {
  const text = await Bun.file(join(import.meta.dir, '../../README.md')).text()
  // Up to the next heading: other tables come after it.
  const [section = ''] = text.split('### What would 10,000 tables')[1]?.split(/^#/m) ?? []
  const rows = section.matchAll(/^\| (\S.*?) +\| (\S.*?) +\| +([\d,.]+)[^|]*\| [^|]*\|$/gm)
  return new Map(
    [...rows].map(([, quota = '', asks = '', loads = '']) => [
      quota,
      { asks, loads: Number(loads.replace(/,(?=\d{3})|,$/g, '')) },
    ]),
  )
}

test('a load of a small table asks of AWS what the README says, and its quotas let as many through', async () => {
  const load = () => standIn.run('taxes', ['--catalog', 'declared'])
  await load()
  const from = standIn.faults.log.length
  expect((await load()).exit).toBe(0)
  const requests = countRequests(standIn.faults.log.slice(from))
  const walls = wallsOf(requests, 2)
  const rows = await rowsOfReadme()
  expect(rows.size).toBe(6)
  const names = {
    'Glue: ': 'glue:GetTable',
    'Athena: 100 Get': 'athena:GetQueryExecution',
    'Athena: 20 Start': 'athena:StartQueryExecution',
    'Athena: 200 ': 'seconds of queries at work',
    'S3: 5,500 reads': 'reads of a bucket',
    'S3: 3,500 writes': 'writes to a bucket',
  }
  for (const [begins, name] of Object.entries(names)) {
    const [, row] = [...rows].find(([quota]) => quota.startsWith(begins)) ?? []
    const wall = walls.find((each) => each.name === name)
    expect([name, row?.loads]).toEqual([name, Math.round((wall?.loadsASecond ?? 0) * 10) / 10])
    if (!begins.startsWith('Glue') && !begins.startsWith('Athena: 200'))
      expect([name, row?.asks]).toEqual([name, String(wall?.aLoad)])
  }
  expect(walls[0]?.name).toBe('glue:GetTable')
  const glue = Object.entries(requests).filter(([name]) => /(Table|Tables|Database)$/.test(name))
  expect(Object.fromEntries(glue)).toEqual({
    ...{ GetTable: 4, GetDatabase: 2, GetTables: 1 },
    ...{ CreateTable: 1, UpdateTable: 1, DeleteTable: 1 },
  })
})
