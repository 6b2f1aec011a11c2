/**
 * How much of the machine this process may use, and how it works on several things at the same time.
 *
 * I want to…                             → file
 * know how many cores there are          → cores.ts
 * work on several things at the same time → in-parallel.ts
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

/** Where Linux keeps the limits of a container (kernel documentation, "Control Group v2" and v1, "CFS Bandwidth Control"). */
const root = '/sys/fs/cgroup'

/** Cores, as far as its container lets it have them: a whole number, 1 or more. */
export async function availableCores(): Promise<number> {
  const quota = await cpuQuota()
  const cores = availableParallelism()
  return Math.max(1, Math.floor(quota === undefined ? cores : Math.min(quota, cores)))
}

/** Processor time a second; undefined: as much as there is. */
async function cpuQuota(): Promise<number | undefined> {
  const own = /^0::(\/.*)$/m.exec(await textOf('/proc/self/cgroup'))?.[1] ?? '/'
  const limits: number[] = []
  // The limit of every group above it holds as well.
  for (let group = own; ; group = dirname(group)) {
    limits.push(...quotaIn(await textOf(join(root, group, 'cpu.max'))))
    if (group === '/') break
  }
  const [quota, period] = await Promise.all(
    ['quota', 'period'].map((which) => textOf(join(root, 'cpu', `cpu.cfs_${which}_us`))),
  )
  limits.push(...quotaIn(`${quota} ${period}`))
  return limits.length === 0 ? undefined : Math.min(...limits)
}

/** @param text as `150000 100000`: microseconds in each period of so many */
export function quotaIn(text: string): number[] {
  const [quota, period] = text.trim().split(/\s+/).map(Number)
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return []
  return [quota / period]
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
