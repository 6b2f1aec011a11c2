/**
 * The plan of a fan-out: what its holder has decided in its snapshot, and all that the other machines go by. It is written
 * once, under the name of the fan-out.
 *
 * I want to…                                → file
 * know who does what                        → hold.ts, slice.ts, finish.ts, clear.ts
 * know why nothing is published twice       → publishing.ts
 * know what a machine says of its slice     → slice-record.ts
 * know what else they tell each other       → notes.ts
 */

import { declaredText } from '../../declare/declared-text.ts'
import type { Documentation } from '../../declare/documentation.ts'
import type { SourceIdentity } from '../../declare/source-identity.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import type { Backend } from '../../postgres/backend.ts'
import type { SharedSnapshot } from '../../postgres/shared-snapshot.ts'
import type { Source } from '../../postgres/source.ts'
import type { LoadOptions } from '../options.ts'
import type { Slicing } from '../steps/slicing.ts'

export interface FanOutPlan {
  readonly version: 3
  readonly table: string
  /** What all machines have to declare alike, as `declaredText` has it. */
  readonly declaration: string
  readonly load: string
  readonly options: LoadOptions
  /** When the snapshot is let go, whatever is missing: ISO 8601 in UTC. */
  readonly until: string
  readonly slicing: Slicing
  readonly snapshot: SharedSnapshot & {
    /** ISO 8601 in UTC with microseconds. */
    readonly at: string
    /** Which transactions it sees. */
    readonly transactions: string
    readonly replica: boolean
    /** Who holds it. */
    readonly backend: Backend
  }
  readonly identity: SourceIdentity
  readonly source: Source
  readonly lookupSources: Readonly<Record<string, Source>>
  readonly documentation: Documentation
  /** Rows that lookups had in the load that readers saw, by name. */
  readonly lookupsBefore: Readonly<Record<string, number>>
}

/** @throws Failure (2) where no fan-out of the name is open, (3) where it is of another declaration than this one */
export async function readPlan(fanOut: FanOut, name: string, table: Table): Promise<FanOutPlan> {
  const text = await fanOut.readPlan()
  if (text === undefined) throw noFanOut(name, table.name)
  const plan = parsePlan(text)
  if (plan === undefined || plan.table !== table.name) {
    const reason = 'its plan is not one that this version writes'
    throw refusal(2, name, reason, 'Run all steps of a fan-out from the same image.')
  }
  if (plan.declaration !== declaredText(table)) {
    const reason = `it was opened by another declaration of ${table.name} than the one here`
    throw refusal(3, name, reason, 'Run all steps of a fan-out from the same image.')
  }
  return plan
}

/** undefined: it is none, or of another version. What goes into SQL is held to its form. */
export function parsePlan(text: string): FanOutPlan | undefined {
  try {
    const plan: FanOutPlan = JSON.parse(text)
    const sound = plan.version === 3 && /^[0-9A-F]+(-[0-9A-F]+)*$/i.test(plan.snapshot.id)
    return sound ? plan : undefined
  } catch {
    return undefined
  }
}

export function noFanOut(name: string, table: string): Failure {
  const reason = `no load of ${table} is open under that name: it was never opened, or is over`
  return refusal(
    2,
    name,
    reason,
    'Start the workflow again; by hand, give --fan-out as it was given to "hold".',
  )
}

function refusal(exit: 2 | 3, thing: string, reason: string, advice: string): Failure {
  return new Failure({ exit, act: 'take part in the fan-out', thing, reason, advice })
}
