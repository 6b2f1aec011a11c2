/** What the kernel has counted for a process that runs beside the one that is measured: the server, or S3. */
import { readFile } from 'node:fs/promises'

/** Linux counts processor time for programs in hundredths of a second, whatever its own tick: proc(5), `CLK_TCK`. */
const ticksPerSecond = 100

/**
 * User and system time of a process and of its children, those that have ended included: a Postgres server's is that of
 * its postmaster and of all backends there have been.
 * @returns seconds; undefined where there is no /proc, or no such process
 */
export async function cpuSecondsOf(pid: number): Promise<number | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = await childrenOf(pid)
    const own = await ticksOf(pid)
    if (own === undefined) return undefined
    const children = await Promise.all(before.map(ticksOf))
    // A child that ended in between would be counted twice or not at all.
    if ((await childrenOf(pid)).join() !== before.join()) continue
    return children.reduce<number>((sum, ticks) => sum + (ticks ?? 0), own) / ticksPerSecond
  }
  return undefined
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text
    .split(' ')
    .map(Number)
    .filter((child) => child > 0)
}

/** Fields 14 to 17 of /proc/<pid>/stat: its own time, and that of children that it has waited for. */
async function ticksOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The second field is a name in brackets, which may have spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}
