/** When S3 is slower than Postgres, reading waits: memory does not grow with the rows, and nothing is lost. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn

beforeAll(async () => {
  standIn = await openStandIn()
  await standIn.sql.unsafe(`
    create table flood_size (rows integer);
    insert into flood_size values (0);
    create view flood as
      select i as id, repeat(md5(i::text), 32) as body from generate_series(1, (select rows from flood_size)) as i`)
})

afterEach(() => {
  standIn.faults.clear()
  standIn.faults.release()
})

afterAll(() => standIn?.close())

async function startLoad(rows: number): Promise<RunningScript> {
  await standIn.sql`update flood_size set rows = ${rows}`
  return standIn.start('test/load/scripts/flood.ts', [
    ...['--catalog', 'declared', '--codec', 'none', '--max-shrink', '100%'],
  ])
}

/** Peak of its resident memory, in MB; what the kernel counts for a process and nobody else (proc_pid_status(5)). */
async function peakMb(run: RunningScript): Promise<number> {
  let peak = 0
  while (run.exitCode === null) {
    const status = await Bun.file(`/proc/${run.pid}/status`)
      .text()
      .catch(() => '')
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
    await Bun.sleep(20)
  }
  return peak
}

/** What the collector may leave lying for a while: the chunks of a row group that were read, and its pages. */
const garbageMb = 110

test('memory does not grow with the rows', async () => {
  standIn.faults.add({ operation: 'UploadPart', action: { kind: 'latency', ms: 60 } })
  const peaks: number[] = []
  for (const rows of [70_000, 280_000]) {
    const run = await startLoad(rows)
    peaks.push(await peakMb(run))
    const summary = (await run.finished).summary()
    expect(summary).toMatchObject({ rows, published: true })
    expect(await standIn.readersSee('flood')).toMatchObject({ load: summary.load, rows, counted: rows })
  }
  const [small = 0, large = 0] = peaks
  // A kilobyte a row: 210 MB more of them, and S3 takes them more slowly than Postgres gives them.
  expect(large - small).toBeLessThan(garbageMb)
  expect(large).toBeLessThan(300)
})

test('reading stops while no part gets through, and goes on when one does', async () => {
  standIn.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
  const run = await startLoad(100_000)
  await standIn.faults.held('UploadPart')
  const isWaiting = async () => {
    const [backend] = await standIn.sql`
      select wait_event from pg_stat_activity where application_name like 'dracula/flood/%' and state = 'active'`
    return backend?.['wait_event'] === 'ClientWrite'
  }
  // One look may fall between two rows; fifty in a row do not.
  for (let looks = 0; looks < 50; ) looks = (await isWaiting()) ? looks + 1 : 0
  expect(await isWaiting()).toBe(true)
  const parts = standIn.faults.log.filter(({ status }) => status === 'held').length
  expect(parts).toBeLessThanOrEqual(2)
  standIn.faults.clear()
  standIn.faults.release()
  const { rows, bytes } = (await run.finished).summary()
  expect(rows).toBe(100_000)
  expect(bytes).toBeGreaterThan(100_000 * 1024)
  expect(await standIn.readersSee('flood')).toMatchObject({ rows, counted: rows })
})
