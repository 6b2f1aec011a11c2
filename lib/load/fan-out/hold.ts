/**
 * The holder of a fan-out: it leads the load as that of one machine is led, writes its plan, and keeps snapshot and locks
 * until all slices are verified. That it could COMMIT then is the proof that its locks have covered them all.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { declaredText } from '../../declare/declared-text.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import { newLoadId } from '../../lake/load-id.ts'
import type { Published } from '../../lake/published.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { freeConnections } from '../../postgres/free-connections.ts'
import { hasMeaning } from '../../postgres/session-settings.ts'
import { shareSnapshot } from '../../postgres/shared-snapshot.ts'
import { documentationFor } from '../documentation.ts'
import type { Observe } from '../events.ts'
import { loadFailure } from '../failure.ts'
import { inputsOf } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { describeSource } from '../route.ts'
import { askable } from '../steps/askable.ts'
import { hashKeyFor, requireSameHashKey } from '../steps/hash-key.ts'
import { type Leader, withLeader } from '../steps/leader.ts'
import { fingerprintRead } from '../steps/settle.ts'
import { decideSlicing } from '../steps/slicing.ts'
import { type Machine, onMachine } from './machine.ts'
import {
  type Committed,
  commitNote,
  committedNote,
  type Ended,
  endedNote,
  isSliceNote,
  over,
  requireOpen,
  type Verified,
} from './notes.ts'
import type { FanOutPlan } from './plan.ts'

export interface HoldOptions {
  readonly table: Table
  readonly config: Config
  /** The name of the fan-out. */
  readonly name: string
  readonly options: LoadOptions
  /** The module whose default export is the table, absolute. */
  readonly script: string | undefined
  /** How many machines may read it, at the most. */
  readonly slices: number
  readonly observe: Observe
  readonly signal: AbortSignal
  /** Hides secrets in what the others are told. */
  readonly scrub: (text: string) => string
  /** Told once others can join. */
  readonly onReady: (plan: FanOutPlan) => Promise<void>
}

export interface Held {
  readonly load: string
  readonly committed: Committed
}

/** How often it looks whether it may let go. */
const lookMs = 1_000

/** Looks between two questions whether the connection is still there, and the plan. */
const looksBetween = 20

/**
 * @returns once its transaction has been committed
 * @throws LoadFailure (2) where the name was used before, and as `load` does until all is read
 */
export async function hold(given: HoldOptions): Promise<Held> {
  const { table, config, name, options, slices, script, observe, signal: stopped } = given
  const { database, lake: lakeConfig } = config
  const { catalog } = options
  const { format } = table
  if (table.source.tenants !== undefined) throw ofTenants(name, table)
  const asked = { lake: lakeConfig, table: table.name, format, name, catalog, observe, signal: stopped }
  return onMachine(asked, async (machine) => {
    const { journal, lake, fanOut, signal, stop } = machine
    const hashKey = hashKeyFor(table, config.hashKey)?.fingerprint
    const load = newLoadId()
    let current: Published | 'unknown' = 'unknown'
    try {
      current = await lake.current(signal)
      if (current.kind === 'managed') requireSameHashKey(table.name, options, current, hashKey)
      await lake.prepare(current, { adopt: options.adopt, signal })
      await askable(table, lake, machine)
      observe({
        kind: 'route',
        source: describeSource(database, table.source),
        target: await lake.describe(),
        catalog: await lake.catalog(),
      })
      if ((await fanOut.readPlan()) !== undefined) throw usedBefore(name, table)
      const draft = lake.draft({ load, table, current, signal })
      const before = current.kind === 'managed' ? current : undefined
      const leading = { load, database, before, options, journal, signal, stop }
      const committed = await withLeader(table, leading, async (leader) => {
        const slicing = await decideSlicing(table, leader, {
          ...{ load, draft, lookupsEach: true, options: { ...options, connections: slices } },
        })
        await warnOfConnections(slicing.slices.length, leader, options, journal)
        const documentation = await documentationFor(table, leader.source, script)
        const known = { load, options, slicing, documentation, lookupsBefore: before?.lookups ?? {} }
        const plan = await planFor(table, leader, known)
        if (!(await fanOut.writePlan(JSON.stringify(plan)))) throw usedBefore(name, table)
        return holdOpen(table, leader, plan, machine, given)
      })
      return { load, committed }
    } catch (error) {
      throw loadFailure({ table: table.name, load }, error, { current, signal })
    }
  })
}

/** Machines that find no connection wait for a while, and are lost then. */
async function warnOfConnections(
  slices: number,
  { reader, snapshot }: Leader,
  { yieldAfterMs }: LoadOptions,
  { warn }: Journal,
): Promise<void> {
  if (slices < 2) return
  // One reads, and one looks who waits for a lock.
  const each = yieldAfterMs === undefined || snapshot.replica ? 1 : 2
  const { all } = await freeConnections(reader)
  if (all >= slices * each) return
  warn(
    `${slices} machines are to read it, with ${each === 1 ? 'a connection' : 'two connections'} each, and Postgres has room for ${all} more: have no more read at a time, or raise what limits them`,
  )
}

async function planFor(
  table: Table,
  leader: Leader,
  known: Pick<FanOutPlan, 'load' | 'options' | 'slicing' | 'documentation' | 'lookupsBefore'>,
): Promise<FanOutPlan> {
  const { reader, snapshot, source, lookupSources, identity } = leader
  const underRoleSettings = inputsOf(table).some(({ selection, lookup }) =>
    hasMeaning(selection, lookup === undefined ? source : lookupSources[lookup]!),
  )
  const shared = await shareSnapshot(reader, snapshot, { underRoleSettings })
  const { at, transactions, replica, backend } = snapshot
  return {
    version: 3,
    table: table.name,
    declaration: declaredText(table),
    until: new Date(Date.now() + known.options.deadlineMs).toISOString(),
    snapshot: { ...shared, at, transactions, replica, backend },
    ...known,
    ...{ identity, source, lookupSources },
  }
}

async function holdOpen(
  table: Table,
  leader: Leader,
  plan: FanOutPlan,
  { journal, fanOut, signal, lastWords }: Machine,
  { onReady, scrub }: Pick<HoldOptions, 'onReady' | 'scrub'>,
): Promise<Committed> {
  const { load, options } = plan
  try {
    await onReady(plan)
    const read = await journal.time('read', () => untilVerified(leader, plan, { journal, fanOut, signal }))
    const taken = await fingerprintRead(table, leader, read, { options, isWhole: true, journal })
    const committed: Committed = {
      heldSeconds: await leader.commit(),
      fingerprint: taken?.fingerprints ?? null,
      volatile: taken?.volatile ?? [],
      warnings: journal.warnings.map(scrub),
    }
    // While the connection is open: once it is closed, there is a note or there never will be.
    await lastWords().writeNote(load, committedNote, JSON.stringify(committed))
    return committed
  } catch (error) {
    const told: unknown = signal.aborted ? signal.reason : error
    const { summary, exit } = postgresFailure(told, 'hold the snapshot of', table.name)
    const ended: Ended = { reason: scrub(summary), exit: exit === 3 || exit === 4 ? exit : 2 }
    await sayEnded(plan, ended, lastWords()).catch(() => {})
    throw error
  }
}

/** Whoever does not read it finds the snapshot gone; and nobody does of a load that is cleared away. */
async function sayEnded({ load }: FanOutPlan, ended: Ended, fanOut: FanOut): Promise<void> {
  await fanOut.writeNote(load, endedNote, JSON.stringify(ended))
  if ((await fanOut.readPlan())?.includes(load) !== true) await fanOut.removeNote(load, endedNote)
}

/** @throws Failure (2) when the load is being taken away; the driver's error when the connection is lost */
async function untilVerified(
  { reader }: Leader,
  { load, table, slicing: { slices } }: FanOutPlan,
  { journal, fanOut, signal }: Pick<Machine, 'journal' | 'fanOut' | 'signal'>,
): Promise<Verified> {
  for (let look = 1; ; look++) {
    const notes = await fanOut.listNotes(load)
    const verified = notes.includes(commitNote) ? await fanOut.readNote(load, commitNote) : undefined
    if (verified !== undefined) return JSON.parse(verified)
    await requireOpen(fanOut, { load, table }, notes)
    const written = notes.filter(isSliceNote).length
    journal.observe({ kind: 'wait', message: `${written} of ${slices.length} slices are written` })
    await pause(lookMs, undefined, { signal })
    if (look % looksBetween !== 0) continue
    await reader.query('select 1')
    if ((await fanOut.readPlan()) === undefined) throw over(table, load, 'it has been cleared away')
  }
}

function ofTenants(name: string, { name: table }: Table): Failure {
  return new Failure({
    exit: 2,
    act: 'open the fan-out',
    thing: name,
    reason: `${table} is a table of tenants, whose rows one machine reads`,
    advice: `Load it without a fan-out: bun scripts/${table}.ts`,
  })
}

function usedBefore(name: string, { name: table }: Table): Failure {
  return new Failure({
    exit: 2,
    act: 'open the fan-out',
    thing: name,
    reason: `a load of ${table} was opened under that name before, and its snapshot cannot be had again`,
    advice: 'Start the workflow again; by hand, give --fan-out another name.',
  })
}
