/** Tables that are not of the kind their script declares, or of somebody else: each is refused, or taken over where that is told. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { createMetadata } from '../../../lib/iceberg/create.ts'
import { metadataFile } from '../../../lib/iceberg/metadata-file.ts'
import { replacePartitions } from '../../../lib/iceberg/replace-partitions.ts'
import { openHive } from '../../../lib/lake/hive/hive.ts'
import { readBase } from '../../../lib/lake/iceberg/base.ts'
import { objectReader, writeObjects } from '../../../lib/lake/iceberg/objects.ts'
import { isReadable } from '../../../lib/lake/lake.ts'
import { newLoadId } from '../../../lib/lake/load-id.ts'
import { bigint, text } from '../../../lib/table.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { lakeTable } from '../table.ts'
import { tableOfDays } from './days.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0
let place: ReturnType<typeof standIn.place>
let made: ReturnType<typeof tableOfDays>
beforeEach(() => {
  place = standIn.place(`days${++tables}`)
  made = tableOfDays(place)
})

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5] }

async function publishPlain(): Promise<void> {
  const { table, write } = lakeTable(place.table)
  const lake = openHive(place)
  const load = newLoadId(new Date(Date.UTC(2026, 0, 1)))
  const draft = lake.draft({ load, table, current: await lake.current(never), signal: never })
  if (!isReadable(draft)) throw new Error('Nobody could read it.')
  const facts = await write(draft, { load, second: 1, rows: 2 })
  await draft.stage({ facts, onWait() {} })
  await draft.commit(facts, { adopt: false, keep: 5, phases: {}, permit() {} })
  await draft.expire({ keep: 5, deadlineMs: 3_600_000 })
}

/** A table of an engine's own, in a place of its own; its metadata is packed, as some do. */
async function makeForeign(): Promise<void> {
  const table = `lake.${place.table}`
  const now = Date.now()
  const location = `s3://lake/elsewhere/${place.table}`
  const columns = { name: text, id: bigint }
  const metadata = createMetadata({ table, columns, partitionBy: [] }, { location, now })
  const read = objectReader(standIn.aws, never)
  const staged = await replacePartitions({ table, metadata, partitions: 'all', files: [], read, now })
  const { file, bytes } = metadataFile(staged.metadata, undefined)
  const path = file.replace(/metadata\.json$/, 'gz.metadata.json')
  await writeObjects(place, [...staged.objects, { path, bytes: gzipSync(bytes) }], never)
  const TableInput = {
    ...{ Name: place.table, TableType: 'EXTERNAL_TABLE' },
    StorageDescriptor: { Location: location, Columns: [] },
    Parameters: { table_type: 'ICEBERG', metadata_location: path, owner: 'them' },
  }
  await standIn.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))
}

const refusal = async (work: Promise<unknown>) => {
  const { exit, message } = await failureOf(work)
  return [exit, message]
}

describe('a table of plain files', () => {
  beforeEach(publishPlain)

  test('is refused in one line by a script that declares an Iceberg table', async () => {
    const opening = made.open({ second: 2, days: whole })
    expect(await refusal(opening)).toEqual([
      2,
      expect.stringMatching(
        /it is a table of plain Parquet files, and the script declares an Iceberg table.*--adopt/,
      ),
    ])
  })

  test('is taken over where that is told, and its files stay until readers have had a day', async () => {
    const now = await made.publish({ second: 2, days: whole }, { adopt: true })
    expect(now).toMatchObject({ rows: 5 })
    expect(await made.rows()).toEqual(whole)
    const { loads } = await made.lake.history({ signal: never })
    expect(loads).toMatchObject([
      { load: now.load, damage: undefined },
      { damage: 'its snapshot has expired' },
    ])
    await made.publish({ second: 3, days: { '2026-03-01': [6] }, which: 'these' })
  })
})

test('An Iceberg table of Dracula is refused in one line by a script that declares plain files, whatever it is told', async () => {
  await made.publish({ second: 1, days: whole })
  const lake = openHive(place)
  const current = await lake.current(never)
  expect(await refusal(lake.prepare(current, { adopt: true, signal: never }))).toEqual([
    2,
    expect.stringContaining('it is an Iceberg table, and the script declares one of plain files'),
  ])
})

describe('an Iceberg table of somebody else', () => {
  beforeEach(makeForeign)

  test('is refused', async () => {
    expect(await refusal(made.open({ second: 1, days: whole }))).toEqual([
      2,
      expect.stringContaining('it is unmanaged: Dracula has not made it'),
    ])
  })

  test('is taken over where that is told: it keeps its name, its past and its ids, and gets a place of ours', async () => {
    const before = (await readBase(place, never)).version!.metadata
    await made.publish({ second: 1, days: whole }, { adopt: true })
    expect(await made.rows()).toEqual(whole)
    const { metadata } = (await readBase(place, never)).version!
    expect(metadata['table-uuid']).toBe(before['table-uuid'])
    expect(metadata.location).toBe(`s3://lake/tables/${place.table}/iceberg`)
    expect(metadata.snapshots).toHaveLength(2)
    const idOf = (schema: (typeof metadata.schemas)[number]) =>
      schema.fields.find(({ name }) => name === 'id')?.id
    expect(idOf(metadata.schemas.at(-1)!)).toBe(idOf(before.schemas[0]!)!)
    await made.publish({ second: 2, days: { '2026-03-01': [6] }, which: 'these' })
    expect(await made.rows()).toEqual({ ...whole, '2026-03-01': [6] })
  })
})
