/**
 * What loads ask of AWS, how many of them its default quotas let through, and loads that are throttled: small tables, one
 * table that many pods read, and a large one.
 */
import { join } from 'node:path'
import postgres from 'postgres'
import { inParallel } from '../../../concurrency/in-parallel.ts'
import type { Met } from '../../../local/aws/quotas/quotas.ts'
import { loads } from '../contenders.ts'
import { type Wall, wallsOf } from '../first-wall.ts'
import { type Lake, startLake } from '../lake.ts'
import { type Measured, measure } from '../measure.ts'
import { createNarrow, makeProject, narrowScript } from '../project.ts'
import { countRequests, describeRequests, eachOf, logOf, metOf, type Requests } from '../requests.ts'
import type { Bench } from './part.ts'

/** Loads of one table until each takes away one that is no longer kept. */
const settled = 5

/** What Athena takes for the count of a small table, in seconds; the stand-in takes milliseconds. */
const querySeconds = 2

interface QuotaFigures {
  /** What one load of a small table asks for, once it has been loaded some times. */
  readonly small: { readonly requests: Requests; readonly walls: readonly Wall[] }
  readonly throttled: Throttled
  readonly pods: PodFigures
  readonly large: LargeFigures
}

interface Throttled {
  readonly tables: number
  readonly parallel: number
  readonly share: number
  readonly loaded: number
  readonly wall_s: number
  /** Without quotas. */
  readonly free_s: number
  readonly refused: number
  readonly met: readonly Met[]
}

interface PodFigures {
  readonly pods: number
  /** What one pod more asks for. */
  readonly requests: Requests
  /** Connections to Postgres, at the most. */
  readonly connections: number
}

interface LargeFigures {
  readonly rows: number
  /** In Postgres, and of the files. */
  readonly heap_bytes: number
  readonly bytes: number
  readonly wall_s: number
  readonly requests: Requests
}

export async function quotasPart(bench: Bench): Promise<QuotaFigures> {
  const { place, flags, say } = bench
  const tables = Array.from({ length: flags.smallTables }, (_, at) => `small_${at + 1}`)
  say(`Making ${tables.length} tables of 100 rows …`)
  const project = join(place.folder, 'quotas')
  await makeProject(project, Object.fromEntries(tables.map((table) => [table, narrowScript(table)])))
  const sql = postgres(place.url, { max: 1 })
  try {
    await sql.unsafe(tables.map((table) => createNarrow(table, 100)).join('\n'))
  } finally {
    await sql.end()
  }
  const small = await measureSmall(bench, project)
  const throttled = await measureThrottled(bench, project, tables.length)
  const pods = await measurePods(bench)
  const large = await measureLarge(bench)
  return { small, throttled, pods, large }
}

async function measureSmall(bench: Bench, project: string): Promise<QuotaFigures['small']> {
  const { place, signal, show } = bench
  const load = { command: loadAll(project, ['--select', 'small_1']), env: envOf(bench, place), cwd: project }
  let from = 0
  for (let at = 0; at < settled; at++) {
    from = (await logOf(place)).length
    await measure(load, place.beside, signal)
  }
  const requests = countRequests((await logOf(place)).slice(from))
  const walls = wallsOf(requests, querySeconds)
  const lines = walls.map(
    ({ name, aLoad, most, loadsASecond, published }) =>
      `  ${name}: ${rounded(aLoad)} a load, ${most.toLocaleString('en')} allowed${published ? '' : ' by assumption'}: ${rounded(loadsASecond)} loads a second, 10,000 tables in ${rounded(10_000 / loadsASecond / 60)} min`,
  )
  show(
    `One load of a small table asks for ${describeRequests(requests)}.\nWith queries of ${querySeconds} s, quotas let through:\n${lines.join('\n')}\n`,
  )
  return { requests, walls }
}

async function measureThrottled(bench: Bench, project: string, tables: number): Promise<Throttled> {
  const { place, flags, signal, say, show } = bench
  const parallel = 8
  const run = async (lake: Pick<Lake, 'env'>) => {
    const command = loadAll(project, ['--parallel', String(parallel)])
    return measureAnyway(bench, { command, env: envOf(bench, lake), cwd: project })
  }
  say(`Loading ${tables} tables, ${parallel} at a time …`)
  const free = await run(place)
  const lake = await startLake(place.url, ['--quota-share', String(flags.quotaShare)])
  try {
    say(`The same by ${flags.quotaShare} of the quotas …`)
    const { seconds, output } = await run(lake)
    signal.throwIfAborted()
    const met = await metOf(lake)
    const loaded = tablesLoaded(output)
    const refused = met.reduce((sum, each) => sum + each.refused, 0)
    const most = met.filter((each) => each.refused > 0)
    show(
      `bun run all, ${tables} tables, ${parallel} at a time, by ${flags.quotaShare} of the quotas: ${loaded} loaded in ${rounded(seconds)} s, without quotas in ${rounded(free.seconds)} s; ${refused} requests refused\n${most.map((each) => `  ${each.name}: ${each.refused} of ${each.asked}, at most ${each.peak} of ${rounded(each.most)} ${each.unit}`).join('\n')}\n`,
    )
    return {
      ...{ tables, parallel, share: flags.quotaShare, loaded, wall_s: seconds, free_s: free.seconds },
      ...{ refused, met },
    }
  } finally {
    await lake.stop()
  }
}

async function measurePods(bench: Bench): Promise<PodFigures> {
  const { place, flags, say, show } = bench
  const { url, script } = await place.table('lineitem', 50_000)
  const project = join(place.folder, 'pods')
  const source = await Bun.file(script).text()
  await makeProject(project, { lineitem: source.replaceAll("from '../../", "from '../lib/") })
  const few = 2
  say(`Reading one table by ${few} pods, and by ${flags.pods} …`)
  const fewer = await fanOut(bench, project, url, few)
  const more = await fanOut(bench, project, url, flags.pods)
  const requests = eachOf(more.requests, fewer.requests, flags.pods - few)
  show(
    `One pod more of a table asks for ${describeRequests(requests)}. ${flags.pods} pods and their holder had ${more.connections} connections to Postgres.\n`,
  )
  return { pods: flags.pods, requests, connections: more.connections }
}

/** A load that so many pods read, each a process. */
async function fanOut(bench: Bench, project: string, url: string, pods: number) {
  const { place, signal } = bench
  const env = { ...envOf(bench, place), DATABASE_URL: url }
  const id = crypto.randomUUID()
  const ready = join(place.folder, `ready-${id}`)
  const step = (name: string, args: readonly string[]) => {
    const command = [process.execPath, join(project, 'lib/commands/fan-out.ts'), name, 'lineitem']
    return { command: [...command, '--fan-out', id, ...args], env, cwd: project }
  }
  const from = (await logOf(place)).length
  const hold = step('hold', ['--slices', String(pods), '--ready-file', ready, '--catalog', 'declared'])
  const holder = Bun.spawn(hold.command, { env, cwd: project, stdio: ['ignore', 'ignore', 'pipe'], signal })
  while (!(await Bun.file(ready).exists())) {
    if (holder.exitCode !== null) throw new Error(await holder.stderr.text())
    await Bun.sleep(20)
  }
  const sql = postgres(url, { max: 1 })
  let connections = 0
  const count = async () => {
    const [found] =
      await sql`select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`
    connections = Math.max(connections, found?.['n'] ?? 0)
  }
  const watch = setInterval(() => void count().catch(() => {}), 20)
  try {
    const slices = Array.from({ length: pods }, (_, at) => step('slice', ['--slice', String(at)]))
    await inParallel(pods, slices, (each) => measure(each, place.beside, signal))
    await measure(step('finish', []), place.beside, signal)
  } finally {
    clearInterval(watch)
    holder.kill('SIGTERM')
    await holder.exited
    await sql.end()
  }
  await measure(step('clear', []), place.beside, signal)
  return { requests: countRequests((await logOf(place)).slice(from)), connections }
}

async function measureLarge(bench: Bench): Promise<LargeFigures> {
  const { place, flags, signal, show } = bench
  const target = await place.table('lineitem', flags.rows, 'large')
  const [load] = loads(target, [1], ['--new-source'])
  await measure(load!, place.beside, signal)
  const from = (await logOf(place)).length
  const { seconds, output } = await measure(load!, place.beside, signal)
  const requests = countRequests((await logOf(place)).slice(from))
  const { bytes }: { readonly bytes: number } = JSON.parse(output)
  const sql = postgres(target.url, { max: 1 })
  const [size] = await sql`select pg_table_size('lineitem')::float8 as bytes`
  await sql.end()
  const heap: number = size?.['bytes'] ?? Number.NaN
  const heapRate = heap / seconds / 1e6
  const tenTerabytes = 1e13
  const files = (tenTerabytes * (bytes / heap)) / 2 ** 29
  show(
    `${target.rows.toLocaleString('en')} rows of lineitem, ${rounded(heap / 1e6)} MB in Postgres and ${rounded(bytes / 1e6)} MB of files, in ${rounded(seconds)} s by one connection, ${rounded(heapRate)} MB/s of the table: ${describeRequests(requests)}.\nA table of 10 TB: ${rounded(tenTerabytes / heapRate / 1e6 / 3_600)} h by one connection, ${rounded(tenTerabytes / heapRate / 1e6 / 36)} min by 100 pods of one each where the server sends as much; ${Math.round(files).toLocaleString('en')} files of 512 MiB, ${Math.round(files * 64).toLocaleString('en')} parts.\n`,
  )
  return { rows: target.rows, heap_bytes: heap, bytes, wall_s: seconds, requests }
}

function loadAll(project: string, flags: readonly string[]): string[] {
  const program = join(project, 'lib/commands/all.ts')
  return [process.execPath, program, ...flags, '--json', '--', '--catalog', 'declared']
}

function envOf({ place }: Bench, { env }: Pick<Lake, 'env'>): Readonly<Record<string, string>> {
  return { ...env, DATABASE_URL: place.url }
}

/** A run that is measured though some of its loads may fail. */
async function measureAnyway(
  { signal }: Bench,
  { command, env, cwd }: { command: readonly string[]; env: Readonly<Record<string, string>>; cwd: string },
): Promise<Pick<Measured, 'seconds' | 'output'>> {
  const started = performance.now()
  const child = Bun.spawn([...command], { env, cwd, stdio: ['ignore', 'pipe', 'ignore'], signal })
  const output = await child.stdout.text()
  await child.exited
  return { seconds: (performance.now() - started) / 1000, output }
}

function tablesLoaded(output: string): number {
  const report: { readonly tables: readonly { readonly exit: number }[] } = JSON.parse(output)
  return report.tables.filter(({ exit }) => exit === 0).length
}

function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
