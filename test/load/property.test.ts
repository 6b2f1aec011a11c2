/** Whatever the table and whatever is in it: readers of the lake get what Postgres has. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { boolean, bytea, integer, nullable, smallint, text } from '../../lib/table.ts'
import { download } from '../support/download.ts'
import { differences, postgresWords, type Words } from '../support/postgres-words.ts'
import { randomFrom } from '../support/random.ts'
import { prerequisites, randomTable } from '../support/random-table.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openScripts } from './own-scripts.ts'

/** `bun run fuzz` sets it; the suite has a few rounds, always the same. */
const seconds = Number(process.env['DRACULA_FUZZ_SECONDS'] ?? 0)
/** The seed of the first round; each round after it has the next. */
const firstSeed = Number(process.env['DRACULA_FUZZ_SEED'] ?? (seconds > 0 ? Date.now() % 2 ** 31 : 1))
const roundsInSuite = 8

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: Awaited<ReturnType<typeof openScripts>>

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01, tables: [] }), openScripts()])
  await standIn.sql.unsafe(prerequisites)
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

/** What has been held against Postgres so far. */
const checked = { rows: 0, values: 0 }

/** What is wrong; empty: nothing. */
async function round(seed: number): Promise<string[]> {
  const random = randomFrom(seed)
  const name = `any_${seed}`
  const { declared, columns, statements, rows } = randomTable(name, random, 20_000)
  for (const statement of statements) await standIn.sql.unsafe(statement)
  const script = await scripts.write(name, declared)
  const codec = random.pick(['zstd', 'gzip', 'none'])
  const size = random.pick(['1KiB', '1MiB', '1GiB'])
  const run = await standIn.run(script, ['--codec', codec, '--max-file-size', size, '--catalog', 'declared'])
  if (run.exit !== 0) return [`exit ${run.exit}: ${run.message}`, declared]
  const summary = run.summary()
  checked.rows += rows
  checked.values += rows * Object.keys(columns).length
  const problems = summary.rows === rows ? [] : [`${summary.rows} rows of ${rows}`]
  const expected = await postgresWords(standIn.sql, columns, name)
  await using folder = await temporaryFolder()
  const paths = await download(standIn, summary, folder.path)
  for (const reader of ['DuckDB', 'hyparquet']) {
    const parts: Words[] = []
    for (const path of paths) parts.push(await readers[reader]!(path, columns))
    const found = Object.fromEntries(
      Object.keys(columns).map((column) => [column, parts.flatMap((part) => part[column] ?? [])]),
    )
    problems.push(...differences(found, expected).map((difference) => `${reader}: ${difference}`))
  }
  await standIn.sql`drop table ${standIn.sql(name)}`
  return problems.length === 0 ? [] : [...problems, declared]
}

test(
  'tables at random, with values at random',
  async () => {
    const until = performance.now() + seconds * 1000
    let seed = firstSeed
    const goesOn = () => (seconds > 0 ? performance.now() < until : seed < firstSeed + roundsInSuite)
    for (; goesOn(); seed++) {
      const problems = await round(seed).catch((error: unknown) => [String(error)])
      expect({ DRACULA_FUZZ_SEED: seed, problems }).toEqual({ DRACULA_FUZZ_SEED: seed, problems: [] })
    }
    if (seconds > 0)
      console.error(`${seed - firstSeed} rounds from DRACULA_FUZZ_SEED=${firstSeed} on:`, checked)
  },
  (seconds + 60) * 1000,
)

/** Peak of its resident memory, in MB; what the kernel counts for a process (proc_pid_status(5)), 0 where it does not. */
async function peakMb(run: RunningScript): Promise<number> {
  let peak = 0
  while (run.exitCode === null) {
    const status = await Bun.file(`/proc/${run.pid}/status`)
      .text()
      .catch(() => '')
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
    await Bun.sleep(10)
  }
  return peak
}

test.each([
  ['text', `repeat(md5('large'), 3276800)`, nullable(text)],
  ['bytea', `decode(repeat(md5('large'), 6553600), 'hex')`, nullable(bytea)],
] as const)('a value of 100 MiB: %s', async (type, value, body) => {
  const name = `large_${type}`
  await standIn.sql.unsafe(`
    create table ${name} (id integer not null, body ${type});
    insert into ${name} values (1, null), (2, ${value}), (3, '')`)
  const run = standIn.start(await scripts.write(name, `id: integer, body: nullable(${type})`))
  const peak = await peakMb(run)
  const summary = (await run.finished).summary()
  expect(summary).toMatchObject({ rows: 3, published: true })
  expect(peak).toBeLessThan(256 + 4 * 100)

  const columns = { id: integer, body }
  const hashed = ({ id = [], body: values = [] }: Words): Words => ({
    id,
    body: values.map((words) => words && String(Bun.hash(words))),
  })
  const expected = hashed(await postgresWords(standIn.sql, columns, name))
  expect(expected['id']).toEqual(['1', '2', '3'])
  await using folder = await temporaryFolder()
  const [path = ''] = await download(standIn, summary, folder.path)
  for (const reader of ['DuckDB', 'hyparquet']) {
    expect(differences(hashed(await readers[reader]!(path, columns)), expected)).toEqual([])
  }
})

test('1,600 columns, as many as Postgres has', async () => {
  const types = { integer, smallint, boolean, text } as const
  const names = Object.keys(types) as (keyof typeof types)[]
  const kinds = Array.from({ length: 1600 }, (_, at) => names[at % names.length]!)
  const values = { integer: 'g * 7919', smallint: '-g', boolean: 'g % 3 = 0', text: `nullif(g % 5, 0)::text` }
  await standIn.sql.unsafe(`
    create table wide (${kinds.map((kind, at) => `c${at} ${kind}`).join(', ')});
    insert into wide select ${kinds.map((kind) => values[kind]).join(', ')} from generate_series(1, 200) as g`)
  const run = standIn.start(
    await scripts.write('wide', kinds.map((kind, at) => `c${at}: nullable(${kind})`).join(', ')),
    ['--fingerprint'],
  )
  const peak = await peakMb(run)
  const summary = (await run.finished).summary()
  expect(summary).toMatchObject({ rows: 200, published: true })
  expect(peak).toBeLessThan(256)

  const columns = Object.fromEntries(kinds.map((kind, at) => [`c${at}`, nullable<unknown>(types[kind])]))
  await using folder = await temporaryFolder()
  const [path = ''] = await download(standIn, summary, folder.path)
  const expected = await postgresWords(standIn.sql, columns, 'wide')
  for (const reader of ['DuckDB', 'hyparquet']) {
    expect(differences(await readers[reader]!(path, columns), expected)).toEqual([])
  }
})
