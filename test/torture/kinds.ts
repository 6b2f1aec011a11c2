/** All kinds of faults there are. */
import { answers } from './kinds/answers.ts'
import { clocks } from './kinds/clocks.ts'
import { disks } from './kinds/disks.ts'
import { kills } from './kinds/kills.ts'
import type { Kind } from './kinds/kind.ts'
import { migrations } from './kinds/migrations.ts'
import { writers } from './kinds/others.ts'
import { races } from './kinds/races.ts'
import { servers } from './kinds/servers.ts'

export const kinds: readonly Kind[] = [
  ...answers,
  ...kills,
  ...servers,
  ...clocks,
  ...races,
  ...migrations,
  ...writers,
  ...disks,
]
