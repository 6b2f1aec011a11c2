/** Where a campaign works: a Postgres, a lake and a reader of its own, and what is known of each subject. */
import { join } from 'node:path'
import type { LogEntry } from '../../lib/local/aws/faults.ts'
import type { Random } from '../support/random.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type ClockSetting, type ShiftedClock, shiftClock } from './clock.ts'
import { textOf } from './digest.ts'
import { openReader, type Reader } from './reader.ts'
import { type Server, takeServer } from './server.ts'
import { changeRows, createSubject, rowsIn, type Subject } from './subjects.ts'

/** A process can be killed, and has a clock of its own; a run in this one is cheaper. */
export type How = 'start' | 'begin'

export interface Known {
  /** The generation of the rows in Postgres. */
  gen: number
  /** Digests in words, and the generation that has such rows. */
  readonly generations: Map<string, number>
  /** What readers have seen, from the first to the last, and since when. */
  readonly seen: { readonly pointer: string; readonly gen: number; readonly since: number }[]
  /** What the last load made of calls that nobody disturbed. */
  calls: readonly Pick<LogEntry, 'operation' | 'subject'>[]
}

export interface Started {
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly clock?: Omit<ClockSetting, 'ahead'> & { readonly wrongBy?: number }
  readonly how?: How
}

export interface Lane extends AsyncDisposable {
  readonly standIn: TestStandIn
  readonly server: Server
  readonly reader: Reader
  readonly clock: ShiftedClock
  /** TMPDIR of every process. */
  readonly temporary: string
  known(subject: Subject): Known
  /** Commits another generation of the subject's rows, and knows what readers may see from then on. */
  change(subject: Subject, random: Random): Promise<number>
  /** Learns that readers may see the rows that Postgres has now; `gen` where others say so. */
  learn(subject: Subject): Promise<void>
  /** Starts a program of the project: of a subject, or a command; in this process unless another is asked for. */
  start(program: string, args?: readonly string[], started?: Started): RunningScript
}

const here = import.meta.dir
export const scriptOf = ({ name }: Subject) => `test/torture/scripts/${name}.ts`
export const scriptsFolder = join(here, 'scripts')

export async function openLane(subjects: readonly Subject[]): Promise<Lane> {
  const clock = shiftClock({ ahead: 0 })
  const [standIn, temporary] = await Promise.all([openStandIn(), temporaryFolder()])
  // The server is killed here, and is to have what was committed.
  await standIn.sql`alter role current_user set synchronous_commit = on`
  await standIn.sql`set synchronous_commit = on`
  const server = await takeServer(standIn.postgresPid ?? 0, {
    folder: temporary.path,
    url: standIn.env['DATABASE_URL'] ?? '',
  })
  const all = new Map<string, Known>()
  const reader = openReader(standIn.url)

  const known = ({ name }: Subject): Known => {
    const found = all.get(name) ?? { gen: 1, generations: new Map(), seen: [], calls: [] }
    all.set(name, found)
    return found
  }
  const lane: Lane = {
    ...{ standIn, server, reader, clock, temporary: temporary.path, known },
    async change(subject, random) {
      const about = known(subject)
      const gen = about.gen + 1
      await standIn.sql.begin(async (sql) => {
        await changeRows(sql, subject, { gen, random })
        about.generations.set(textOf(await rowsIn(sql, subject)), gen)
      })
      about.gen = gen
      return gen
    },
    async learn(subject) {
      const about = known(subject)
      about.gen += 1
      about.generations.set(textOf(await rowsIn(standIn.sql, subject)), about.gen)
    },
    start(program, args = [], { env = {}, args: more = [], clock: wrong = {}, how = 'begin' } = {}) {
      const { wrongBy = 0, ...jump } = wrong
      const setting: ClockSetting = { ahead: clock.ahead + wrongBy, ...jump }
      return standIn[how](program, [...args, ...more], {
        TMPDIR: temporary.path,
        BUN_OPTIONS: `--preload=${join(here, 'process.ts')}`,
        TORTURE_CLOCK: JSON.stringify(setting),
        ...env,
      })
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await standIn.close()
      await temporary[Symbol.asyncDispose]()
      clock[Symbol.dispose]()
    },
  }
  for (const subject of subjects) {
    await createSubject(standIn.sql, subject)
    known(subject).generations.set(textOf(await rowsIn(standIn.sql, subject)), 1)
  }
  return lane
}
