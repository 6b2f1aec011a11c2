/** A table that many pods read at once: what one pod more asks of AWS, and of Postgres. */
import { join } from 'node:path'
import postgres from 'postgres'
import { inParallel } from '../../concurrency/in-parallel.ts'
import { measure } from './measure.ts'
import type { Bench } from './parts/part.ts'
import { makeProject } from './project.ts'
import { countRequests, describeRequests, eachOf, logOf, type Requests } from './requests.ts'

export interface PodFigures {
  readonly pods: number
  /** What one pod more asks for. */
  readonly requests: Requests
  /** Connections to Postgres, at the most. */
  readonly connections: number
}

export async function measurePods(bench: Bench): Promise<PodFigures> {
  const { place, flags, say, show } = bench
  const { url, script } = await place.table('lineitem', Math.min(50_000, flags.rows))
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
  const env = { ...place.env, DATABASE_URL: url }
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
