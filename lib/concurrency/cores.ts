/**
 * How much of the machine this process may use, and how it works on several things at the same time.
 *
 * I want to…                              → file
 * know what there is to be used           → cores.ts, cgroup.ts
 * work on several things at the same time → in-parallel.ts
 * know whether a thread is in a loop      → silence.ts
 */
import { availableParallelism, totalmem } from 'node:os'
import { readFirstVersion, readGroups } from './cgroup.ts'

/** Cores, as far as its container lets it have them: a whole number, 1 or more. */
export async function availableCores(): Promise<number> {
  const [quota, period] = await Promise.all(
    ['quota', 'period'].map((which) => readFirstVersion(`cpu/cpu.cfs_${which}_us`)),
  )
  const texts = [...(await readGroups('cpu.max')), `${quota} ${period}`]
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...texts.flatMap(quotaIn))))
}

/** Bytes of memory, as far as its container lets it have them, used or not. */
export async function availableMemory(): Promise<number> {
  const first = await readFirstVersion('memory/memory.limit_in_bytes')
  return Math.min(totalmem(), ...[...(await readGroups('memory.max')), first].flatMap(bytesIn))
}

/** @param text as `150000 100000`: microseconds in each period of so many; `max`: no limit */
export function quotaIn(text: string): number[] {
  const [quota, period] = text.trim().split(/\s+/).map(Number)
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return []
  return [quota / period]
}

/** @param text as `1610612736`, or `max` */
export function bytesIn(text: string): number[] {
  const bytes = Number.parseInt(text, 10)
  return bytes > 0 ? [bytes] : []
}
