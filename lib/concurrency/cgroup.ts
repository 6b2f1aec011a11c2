/** What a container lets its processes have, as Linux says (kernel documentation, "Control Group v2", and v1). */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const root = '/sys/fs/cgroup'

/** A file of version 2 in this process's group and in each above it, whose limits hold as well; those that there are. */
export async function readGroups(file: string): Promise<string[]> {
  const own = /^0::(\/.*)$/m.exec(await textOf('/proc/self/cgroup'))?.[1] ?? '/'
  const texts: string[] = []
  for (let group = own; ; group = dirname(group)) {
    texts.push(await textOf(join(root, group, file)))
    if (group === '/') return texts.filter((text) => text !== '')
  }
}

/** A file of version 1, `cpu/cpu.cfs_quota_us`, in the group that a container sees as its root; empty: there is none. */
export function readFirstVersion(file: string): Promise<string> {
  return textOf(join(root, file))
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
