/**
 * What loads ask of AWS, how many of them its default quotas let through, and loads that are throttled: small tables, one
 * table that many pods read, and a large one.
 */
import { join } from 'node:path'
import postgres from 'postgres'
import type { Met } from '../../../local/aws/quotas/quotas.ts'
import { rounded } from '../figures-text.ts'
import { type Wall, wallsOf } from '../first-wall.ts'
import { type Lake, startLake } from '../lake.ts'
import { type LargeFigures, measureLarge } from '../large-table.ts'
import { type Measured, measure } from '../measure.ts'
import type { Place } from '../place.ts'
import { measurePods, type PodFigures } from '../pods.ts'
import { createNarrow, makeProject, narrowScript } from '../project.ts'
import { countRequests, describeRequests, logOf, metOf, type Requests } from '../requests.ts'
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
  const load = { command: loadAll(project, ['--select', 'small_1']), env: envOf(place, place), cwd: project }
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
    return measureAnyway(bench, { command, env: envOf(place, lake), cwd: project })
  }
  say(`Loading ${tables} tables, ${parallel} at a time …`)
  const free = await run(place)
  const lake = await startLake(place.url, ['--quota-share', String(flags.quotaShare)])
  try {
    say(`The same by ${flags.quotaShare} of the quotas …`)
    const { seconds, output } = await run(lake)
    signal.throwIfAborted()
    const met = await metOf(lake)
    const ends = endsOf(output)
    const loaded = ends.filter(({ exit }) => exit === 0).length
    const refused = met.reduce((sum, each) => sum + each.refused, 0)
    const most = met.filter((each) => each.refused > 0)
    show(
      `bun run all, ${tables} tables, ${parallel} at a time, by ${flags.quotaShare} of the quotas: ${loaded} loaded in ${rounded(seconds)} s, without quotas in ${rounded(free.seconds)} s; ${refused} requests refused\n${most.map((each) => `  ${each.name}: ${each.refused} of ${each.asked}, at most ${each.peak} of ${rounded(each.most)} ${each.unit}`).join('\n')}\n`,
    )
    for (const { table, exit, error } of ends)
      if (error !== undefined) say(`${table} ended with exit code ${exit}: ${error.summary}`)
    return {
      ...{ tables, parallel, share: flags.quotaShare, loaded, wall_s: seconds, free_s: free.seconds },
      ...{ refused, met },
    }
  } finally {
    await lake.stop()
  }
}

function loadAll(project: string, flags: readonly string[]): string[] {
  const program = join(project, 'lib/commands/all.ts')
  return [process.execPath, program, ...flags, '--json', '--', '--catalog', 'declared']
}

function envOf({ url }: Place, { env }: Pick<Lake, 'env'>): Readonly<Record<string, string>> {
  return { ...env, DATABASE_URL: url }
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

interface End {
  readonly table: string
  readonly exit: number
  readonly error?: { readonly summary: string }
}

function endsOf(output: string): readonly End[] {
  const report: { readonly tables: readonly End[] } = JSON.parse(output)
  return report.tables
}
