/** A disk that is full, or a file that may grow no further. */
import { endOf, type Kind } from './kind.ts'

export const disks: readonly Kind[] = [
  {
    name: 'a disk that is full',
    group: 'disks',
    kills: true,
    befalls: ({ action }) => action === 'folder',
    ends: [2],
    async strike({ random, begin }) {
      const bytes = random.pick([1, 100, 1_000])
      return await endOf(begin({ how: 'start', env: { TORTURE_FILE_BYTES: String(bytes) } }), true)
    },
  },
]
