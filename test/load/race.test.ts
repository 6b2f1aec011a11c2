/** Loads of one table at once: the newer snapshot stays, whoever is quicker. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

let first: TestStandIn

beforeAll(async () => {
  first = await openStandIn({ scale: 0.001, tables: ['taxes'] })
})

afterAll(() => first?.close())

const args = ['--catalog', 'declared']

/** The source gets a row, so that every snapshot has another count. */
async function oneMoreRow({ sql }: TestStandIn): Promise<void> {
  await sql`insert into taxes (id, amount, percent_rate) select max(id) + 1, 1, 1 from taxes`
}

/** Freezes the process where it waits for the nth answer of an operation, which is on its way then. */
async function freezeAt(
  { faults }: TestStandIn,
  run: RunningScript,
  operation: string,
  nth = 1,
): Promise<void> {
  faults.add({ operation, after: nth - 1, times: 1, action: { kind: 'hold answer' } })
  await faults.held(operation)
  run.kill('SIGSTOP')
  faults.clear()
  faults.release()
}

/** GetTable: what is replaced, what the record names, and what the publish is guarded by. */
const guard = 3

describe.each([
  ['the first load of the table', false],
  ['a load that replaces one', true],
])('%s', (_, replaces) => {
  let standIn: TestStandIn
  let older: RunningScript
  beforeEach(async () => {
    standIn = await first.beside()
    if (replaces) expect(await standIn.run('taxes', args)).toMatchObject({ exit: 0 })
    await oneMoreRow(standIn)
    older = standIn.start('taxes', args)
    await freezeAt(standIn, older, 'GetTable', guard)
    await oneMoreRow(standIn)
  })

  test('gives way when a newer snapshot is published just before it', async () => {
    const newer = await standIn.run('taxes', args)
    older.kill('SIGCONT')
    const { exit, message, failure } = await older.finished
    expect(exit).toBe(1)
    const { load, rows, snapshot_at } = newer.summary()
    expect(message).toStartWith(`taxes: not published; readers still see load ${load}`)
    expect(message).toContain(`load ${load} of a newer snapshot (${snapshot_at}) was published meanwhile`)
    expect(failure()).toMatchObject({ published: false, error: { exit: 1 } })
    expect(await standIn.readersSee('taxes')).toMatchObject({ load, rows, counted: rows })
    const { objects, stagedTables } = await standIn.remains('taxes')
    expect(objects.filter((key) => key.includes(failure().load ?? ''))).toEqual([])
    expect(stagedTables).toEqual([])
  })

  test('gives way to the newer snapshot that is published just after it', async () => {
    const newer = standIn.start('taxes', args)
    await freezeAt(standIn, newer, 'GetTable', guard)
    older.kill('SIGCONT')
    const before = (await older.finished).summary()
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: before.load, counted: before.rows })
    newer.kill('SIGCONT')
    const after = (await newer.finished).summary()
    expect(after.rows).toBe(before.rows + 1)
    expect(await standIn.readersSee('taxes')).toMatchObject({ load: after.load, counted: after.rows })
    expect((await standIn.remains('taxes')).stagedTables).toEqual([])
  })
})

test('six loads at once: the newest snapshot stays, and every load says what became of it', async () => {
  const standIn = await first.beside()
  const runs = await Promise.all(Array.from({ length: 6 }, () => standIn.run('taxes', args)))
  const published = runs.filter(({ exit }) => exit === 0).map((run) => run.summary())
  const newest = published.toSorted((a, b) => (a.snapshot_at < b.snapshot_at ? 1 : -1))[0]
  expect(await standIn.readersSee('taxes')).toMatchObject({ load: newest?.load, counted: newest?.rows })
  for (const { exit, message } of runs) {
    if (exit !== 0) expect([exit, message]).toEqual([1, expect.stringContaining('of a newer snapshot')])
  }
  const loads = new Set((await standIn.remains('taxes')).objects.map((key) => key.split('/')[0]))
  expect(loads).toEqual(new Set(['_loads', ...published.map(({ load }) => load)]))
})

test('a reader who asks all the time sees whole loads only', async () => {
  const standIn = await first.beside()
  const published = [(await standIn.run('taxes', args)).summary().rows]
  let loading = true
  const seen: (number | undefined)[] = []
  const reading = (async () => {
    while (loading) seen.push((await standIn.readersSee('taxes'))?.counted)
  })()
  for (let i = 0; i < 4; i++) {
    await oneMoreRow(standIn)
    published.push((await standIn.run('taxes', args)).summary().rows)
  }
  loading = false
  await reading
  expect(seen).toEqual(seen.toSorted())
  expect(published).toEqual(expect.arrayContaining([...new Set(seen)]))
  expect(new Set(seen).size).toBeGreaterThan(2)
})
