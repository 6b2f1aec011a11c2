/** What a load asks of AWS, step by step, as the steps themselves declare it. */
import type { Call } from '../aws/calls.ts'
import { ensureDatabaseCalls, readTableCalls } from '../aws/glue.ts'
import { auditCalls } from './audit.ts'
import { catalogueCalls } from './catalog.ts'
import type { LoadNames } from './load-names.ts'
import { publishLoadCalls } from './publish.ts'
import { removeCalls } from './remove.ts'
import { stageCalls } from './stage.ts'
import { requireStoredCalls } from './stored.ts'
import { tidyCalls } from './tidy.ts'
import type { Phase } from './types.ts'
import { requireWorkgroupCalls } from './workgroup.ts'

const none = (): Call[] => []

/** A phase of a load without its calls does not compile. `prepare` comes before all, `remove` when a load has failed. */
const steps: Readonly<Record<'prepare' | Phase | 'remove', (names: LoadNames) => Call[]>> = {
  prepare: ({ lake, table }) => [
    ...readTableCalls({ database: lake.glueDatabase, table }),
    ...requireWorkgroupCalls(lake),
    ...[lake.glueDatabase, lake.stagingDatabase].flatMap(ensureDatabaseCalls),
  ],
  open: none,
  lookups: none,
  read: stageCalls,
  count: requireStoredCalls,
  fingerprint: none,
  crawl: catalogueCalls,
  audit: auditCalls,
  publish: publishLoadCalls,
  retain: tidyCalls,
  remove: removeCalls,
}

/** In the order they are made. */
export function loadCalls(names: LoadNames): Call[] {
  return Object.values(steps).flatMap((callsOf) => callsOf(names))
}
