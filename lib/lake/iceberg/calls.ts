/** What a lake of Iceberg tables asks of AWS, step by step, as the steps themselves declare it. */
import type { Call } from '../../aws/calls.ts'
import { listCalls } from '../../aws/objects.ts'
import { askExpectationsCalls } from '../expect/ask.ts'
import { columnsOfCalls } from '../expect/columns-of.ts'
import type { Draft, Lake } from '../lake.ts'
import type { LoadNames } from '../names.ts'
import { prepareCalls } from '../surroundings.ts'
import { readAccountCalls } from './account.ts'
import { auditCalls } from './audit.ts'
import { readBaseCalls } from './base.ts'
import { commitCalls } from './commit.ts'
import { discardCalls } from './discard.ts'
import { openFileCalls } from './draft.ts'
import { expireCalls } from './expire.ts'
import { historyCalls } from './history.ts'
import { dataFolder } from './layout.ts'
import { rollBackCalls } from './rollback.ts'
import { stageSnapshotCalls } from './stage.ts'
import { unpinCalls } from './unpin.ts'

/** Those of a lake and its drafts that ask something; several machines do not load an Iceberg table together. */
type Step = Exclude<
  keyof Lake | keyof Draft,
  | 'describe'
  | 'catalog'
  | 'draft'
  | 'close'
  | 'location'
  | 'fieldIds'
  | 'keeping'
  | 'pauseMs'
  | 'fanOut'
  | 'openUnfinished'
  | 'complete'
>

/** A step without its calls does not compile. In the order a load takes them; `discard` only when it has failed. */
const steps: Readonly<Record<Step, (names: LoadNames) => Call[]>> = {
  current: readBaseCalls,
  account: readAccountCalls,
  prepare: prepareCalls,
  columnsOf: columnsOfCalls,
  openFile: openFileCalls,
  requireWritten: ({ lake, table, load }) => listCalls(lake.bucket, dataFolder(lake.prefix, table, load)),
  stage: stageSnapshotCalls,
  count: auditCalls,
  examine: askExpectationsCalls,
  commit: commitCalls,
  expire: expireCalls,
  discard: discardCalls,
  history: historyCalls,
  rollBack: rollBackCalls,
  unpin: unpinCalls,
}

/** Steps of rollbacks, and of whoever looks at loads: no load takes them. */
const others: readonly Step[] = ['history', 'rollBack', 'unpin']

/** Steps of a table of which something is expected. */
const expecting: readonly Step[] = ['columnsOf', 'examine']

/** All calls of a load, in the order they are made. */
export function icebergLoadCalls(names: LoadNames): Call[] {
  const unasked = names.references === undefined ? [...others, ...expecting] : others
  return stepsOf((step) => !unasked.includes(step)).flatMap((callsOf) => callsOf(names))
}

/** All calls of everything the lake can do. */
export function allIcebergCalls(names: LoadNames): Call[] {
  return stepsOf(() => true).flatMap((callsOf) => callsOf(names))
}

function stepsOf(wanted: (step: Step) => boolean) {
  return (Object.keys(steps) as Step[]).filter(wanted).map((step) => steps[step])
}
