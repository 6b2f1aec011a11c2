/** What should not be there any more once a load has been published that nobody disturbed. */
import { readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { FinishedScript } from '../support/stand-in.ts'
import { charge, type Wrong } from './judge.ts'
import type { Lane } from './lane.ts'
import type { Subject } from './subjects.ts'

const hour = 3_600_000
/** A load's usual deadline: none works longer. */
const deadline = 6 * hour
/** Readers go on with what they began to read. */
const grace = 24 * hour
const slack = hour
/** Loads that stay. */
const kept = 3
const patienceMs = 5_000

const idOf = (text: string) => /\d{8}t\d{9}z_[a-z0-9]{6}/.exec(text)?.[0]

function timeOf(id: string): number {
  const [, date = '', time = ''] = /^(\d{8})t(\d{9})z/.exec(id) ?? []
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)]
  const clock = `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}.${time.slice(6)}`
  return Date.parse(`${year}-${month}-${day}T${clock}Z`)
}

/**
 * Loads of which nothing may be left at once, by what was said at their end: they were not published, and nothing was said to
 * stay. Where several machines read, only the one that clears away can say so.
 */
export function tidyEnds(runs: readonly FinishedScript[], { action }: Subject): string[] {
  return runs.flatMap(({ exit, stdout, stderr }) => {
    if (action === 'pods') return /"outcome":"(published|discarded)"/.test(stdout) ? (idOf(stdout) ?? []) : []
    if (exit === null || exit === 0 || exit === 5 || exit >= 128 || /"level":"warn|left behind/.test(stderr))
      return []
    return idOf(/"load":"([^"]+)"/.exec(stderr)?.[1] ?? '') ?? []
  })
}

/** @param tidy loads of which nothing may be left */
export async function leftoversIn(lane: Lane, subject: Subject, tidy: readonly string[]): Promise<Wrong[]> {
  const { reader } = lane
  const { name } = subject
  const now = Date.now()
  const folder = `tables/${name}/`
  const [objects, uploads, staged, look] = await Promise.all([
    reader.list('lake', folder),
    reader.uploads('lake'),
    reader.tables('lake_staging'),
    reader.look(name),
  ])
  const pointer = look.pointer ?? ''
  const current = subject.iceberg ? look.parameters['dracula.load'] : idOf(pointer)
  const left: string[] = []
  const isOver = (id: string) => now - timeOf(id) > deadline || (tidy.includes(id) && id !== current)
  const recorded = objects
    .flatMap(({ key }) => (key.startsWith(`${folder}_loads/`) ? [idOf(key) ?? ''] : []))
    .sort()
  const reached = subject.iceberg && pointer !== '' ? await reader.reached(pointer) : new Set<string>()
  const newest = new Set(recorded.slice(-kept))
  const seen = lane.known(subject).seen
  const leftAt = (id: string): number => {
    const last = seen.findLastIndex((each) => each.pointer.includes(id))
    return last < 0 ? 0 : (seen[last + 1]?.since ?? now)
  }

  for (const { key, modified } of objects) {
    const path = key.slice(folder.length)
    const id = idOf(path)
    if (id === undefined || path.startsWith('_rollbacks/') || id === current) continue
    const old = now - modified.getTime()
    if (path.startsWith('_slices/') || path.startsWith('_staged/')) {
      if (isOver(id)) left.push(path)
    } else if (subject.iceberg) {
      if (path.startsWith('iceberg/')) {
        if (!reached.has(`s3://lake/${key}`) && (tidy.includes(id) || (isOver(id) && old > deadline)))
          left.push(path)
      } else if (now - timeOf(id) > deadline && old > grace + slack) {
        const { snapshots } = await reader.metadata(pointer)
        if (!snapshots.some(({ summary }) => summary['dracula.load'] === id)) left.push(path)
      }
    } else if (recorded.includes(id)) {
      const since = Math.max(leftAt(id), modified.getTime())
      if (!newest.has(id) && now - since > grace + slack) left.push(path)
    } else if (tidy.includes(id) || (isOver(id) && old > deadline)) left.push(path)
  }
  for (const key of uploads) {
    const id = idOf(key)
    if (key.startsWith(folder) && id !== undefined && (isOver(id) || recorded.includes(id)))
      left.push(`upload of ${key}`)
  }
  for (const table of staged) {
    const id = idOf(table)
    if (table.startsWith(`${name}__`) && id !== undefined && (isOver(id) || id === current))
      left.push(`staged table ${table}`)
  }
  return [
    ...left.slice(0, 5).map((words) => charge('leftover', words)),
    ...(await disorderIn(lane, subject, pointer)),
  ]
}

/** Readers in Java take no metadata whose times go back by more than a minute (Iceberg, TableMetadata.java). */
async function disorderIn({ reader }: Lane, { iceberg }: Subject, pointer: string): Promise<Wrong[]> {
  if (!iceberg || pointer === '') return []
  const { 'snapshot-log': log, 'last-updated-ms': updated } = await reader.metadata(pointer)
  const times = [...log.map((each) => each['timestamp-ms']), updated]
  const at = times.findIndex((time, index) => time < (times[index - 1] ?? 0) - 60_000)
  if (at < 0) return []
  return [charge('wrong publish', `the times of the metadata go back by ${times[at - 1]! - times[at]!} ms`)]
}

/** What processes have left elsewhere: in Postgres, among the processes, and in the folder of temporary files. */
export async function leftoversOfProcesses(lane: Lane): Promise<Wrong[]> {
  const { sql } = lane.standIn
  const until = performance.now() + patienceMs
  for (;;) {
    const sessions = await sql`
      select application_name || ' ' || coalesce(state, '') || ': ' || left(query, 60) as doing
      from pg_stat_activity where application_name like 'dracula%'`
    const prepared = await sql`select gid from pg_prepared_xacts`
    const left = [
      ...sessions.map(({ doing }) => `session ${doing}`),
      ...prepared.map(({ gid }) => `prepared ${gid}`),
      ...processesOf(lane.temporary).map((pid) => `process ${pid}`),
      ...(await readdir(lane.temporary))
        .filter((name) => !/^(out|ready)-/.test(name))
        .map((name) => `temporary ${name}`),
    ]
    if (left.length === 0) return []
    if (performance.now() > until) return left.map((words) => charge('leftover', words))
    await Bun.sleep(20)
  }
}

/** Processes that were started with this folder of temporary files, where the system tells. */
function processesOf(folder: string): string[] {
  const ids = (() => {
    try {
      return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    } catch {
      return []
    }
  })()
  return ids.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/environ`, 'latin1').includes(`TMPDIR=${folder}\0`)
    } catch {
      return false
    }
  })
}
