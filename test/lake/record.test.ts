import { expect, test } from 'bun:test'
import { openNowhere } from '../../lib/lake/nowhere.ts'
import { loadRecord, recordText } from '../../lib/lake/record.ts'
import { never } from '../support/aws.ts'
import { lakeTable } from './table.ts'

test('a record is JSON with a line for each object, however many there are', async () => {
  const { table, write } = lakeTable('parts')
  const load = '20260101t000000000z_abcdef'
  const current = { kind: 'absent' } as const
  const draft = openNowhere(async () => '').draft({ load, table, current, signal: never })
  const facts = await write(draft, { load, second: 1, rows: 3 })
  for (const count of [0, 1, 3]) {
    const objects = Array.from({ length: count }, (_, at) => ({
      ...{ key: `parts/"${at}\n}`, bytes: at, etag: '"objects": []', crc32: null },
    }))
    const told = { location: 's3://lake/', crawled: false, replaces: null, earlier: [], phases: {} }
    const record = loadRecord(table, facts, { ...told, objects })
    const text = recordText(record)
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(record)))
    expect(text.split('\n').filter((line) => line.includes('crc32'))).toHaveLength(count)
  }
})
