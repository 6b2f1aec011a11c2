/** What a lake of S3, Glue and Athena asks of AWS, step by step, as the steps themselves declare it. */
import type { Call } from '../../aws/calls.ts'
import { readTableCalls } from '../../aws/glue.ts'
import { askExpectationsCalls } from '../expect/ask.ts'
import { columnsOfCalls } from '../expect/columns-of.ts'
import type { Draft, Lake } from '../lake.ts'
import type { LoadNames } from '../names.ts'
import { prepareCalls } from '../surroundings.ts'
import { requireWrittenCalls } from '../written.ts'
import { commitCalls } from './commit.ts'
import { countCalls } from './count.ts'
import { discardCalls } from './discard.ts'
import { expireCalls } from './expire.ts'
import { completeCalls, fanOutCalls, openUnfinishedCalls } from './fan-out.ts'
import { historyCalls } from './history.ts'
import { openFileCalls } from './hive.ts'
import { rollBackCalls } from './rollback.ts'
import { stageCalls } from './stage.ts'
import { unpinCalls } from './unpin.ts'

/** Those of a lake and its drafts that ask something. */
type Step = Exclude<
  keyof Lake | keyof Draft,
  'describe' | 'catalog' | 'draft' | 'account' | 'close' | 'location' | 'fieldIds' | 'keeping' | 'pauseMs'
>

/** A step without its calls does not compile. In the order a load takes them; `discard` only when it has failed. */
const steps: Readonly<Record<Step, (names: LoadNames) => Call[]>> = {
  current: ({ lake, table }) => readTableCalls({ database: lake.glueDatabase, table }),
  prepare: prepareCalls,
  columnsOf: columnsOfCalls,
  openFile: openFileCalls,
  requireWritten: requireWrittenCalls,
  stage: stageCalls,
  count: countCalls,
  examine: askExpectationsCalls,
  commit: commitCalls,
  expire: expireCalls,
  discard: discardCalls,
  history: historyCalls,
  rollBack: rollBackCalls,
  unpin: unpinCalls,
  fanOut: fanOutCalls,
  openUnfinished: openUnfinishedCalls,
  complete: completeCalls,
}

/** Steps of rollbacks, of whoever looks at loads, and of several machines: no load of one takes them. */
const others: readonly Step[] = ['history', 'rollBack', 'unpin', 'fanOut', 'openUnfinished', 'complete']

/** Steps of a table of which something is expected. */
const expecting: readonly Step[] = ['columnsOf', 'examine']

/** All calls of a load, in the order they are made. */
export function loadCalls(names: LoadNames): Call[] {
  const unasked = names.references === undefined ? [...others, ...expecting] : others
  return stepsOf((step) => !unasked.includes(step)).flatMap((callsOf) => callsOf(names))
}

/** All calls of everything a lake can do. */
export function allLakeCalls(names: LoadNames): Call[] {
  return stepsOf(() => true).flatMap((callsOf) => callsOf(names))
}

function stepsOf(wanted: (step: Step) => boolean) {
  return (Object.keys(steps) as Step[]).filter(wanted).map((step) => steps[step])
}
