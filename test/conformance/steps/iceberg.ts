/** Iceberg tables: whole, by the days that have changed, and back. */
import type { LoadSummary } from '../../../lib/load/summary.ts'
import visits from '../scripts/visits.ts'
import { changeVisits } from '../source.ts'
import { goBack, load } from './loads.ts'
import type { Step } from './step.ts'

export const icebergSteps = {
  iceberg: {
    title: 'an Iceberg table, whole',
    needs: ['query'],
    run: (context) => load(context, visits, []),
  },
  increment: {
    title: 'the days of it that have changed',
    after: ['iceberg'],
    async run(context) {
      await changeVisits(context.place.sql)
      const told = await load(context, visits, [])
      const summary = context.published.get(visits.name)?.at(-1)?.summary
      requireFew(summary)
      return told
    },
  },
  'iceberg-back': {
    title: 'a rollback of it',
    after: ['increment'],
    run: (context) => goBack(context, visits, []),
  },
} as const satisfies Readonly<Record<string, Step>>

/** Most partitions stay, so that the load has shown what it is to show. */
function requireFew(summary: LoadSummary | undefined): void {
  const read = Object.values(summary?.partitions?.reasons ?? {}).reduce((sum, count) => sum + count, 0)
  if (read > 0 && read < (summary?.partitions?.kept ?? 0)) return
  throw new Error(`it read ${read} partitions, and kept ${summary?.partitions?.kept}`)
}
