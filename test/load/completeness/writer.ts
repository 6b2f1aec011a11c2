/** Transactions at random on a source, over several connections at once, of every kind that has lost a row to somebody. */
import postgres from 'postgres'
import { type Random, randomFrom } from '../../support/random.ts'

export interface Writer {
  /** Lets every connection begin so many transactions more. */
  allow(transactions: number): void
  /** Some transactions stay open until this has been called a few times. */
  beat(): void
  /** How many of each kind were committed so far. */
  readonly committed: ReadonlyMap<string, number>
  /** Ends what is open, by COMMIT, and begins nothing more. */
  stop(): Promise<void>
}

export interface WriterOptions {
  readonly url: string
  readonly seed: number
  readonly connections: number
  /** In the source to begin with. */
  readonly days: number
}

type Session = postgres.ReservedSql
type Change = (session: Session, random: Random, days: number) => Promise<unknown>

/** Clocks of those who set `changed_at`: right, slow by less than the overlap has room for, or fast. */
const honest = (random: Random) =>
  `clock_timestamp() + interval '${random.pick([0, 0, 0, -0.2, -1.5, 0.5])} seconds'`

/** Nobody need know when a new row changed: its key betrays it. */
const anyTime = (random: Random) =>
  random.pick([honest(random), 'null', `timestamptz '2001-01-01Z'`, `timestamptz '2026-05-01Z'`])

/** Mostly of some days of late; now and then of long ago, of none that was there, or of no day. */
function moment(random: Random, days: number): string {
  const day = random.pick([
    ...[days, days, days - 1, days - 2],
    ...[1 + random.integer(days), 1 + random.integer(days), days + random.integer(5)],
  ])
  if (random.integer(15) === 0) return 'null'
  return `timestamptz '2026-01-01Z' + interval '${day} days ${random.integer(86_400)}.${random.integer(1_000_000)} seconds'`
}

/** One that nobody else is at: the next after an id at random. @param from the share of ids that are not asked for */
function anyRow(random: Random, from = 0): string {
  const share = from + (1 - from) * random()
  return `(select id from moments where id >= (select ${share} * last_value from moment_ids) order by id limit 1 for update skip locked)`
}

/** Ids grow with days: most of what changes is young, and most old partitions change by what no time betrays. */
const youngRow = (random: Random) => anyRow(random, random.pick([0.85, 0.85, 0.85, 0]))

const changes: Readonly<Record<string, Change>> = {
  insert: (session, random, days) =>
    session.unsafe(
      `insert into moments select nextval('moment_ids'), ${moment(random, days)}, ${anyTime(random)}, 'new ${random()}'
       from generate_series(1, ${1 + random.integer(3)})`,
    ),
  update: (session, random) =>
    session.unsafe(
      `update moments set note = 'changed ${random()}', changed_at = ${honest(random)} where id = ${youngRow(random)}`,
    ),
  'update of nothing but the time': (session, random) =>
    session.unsafe(`update moments set changed_at = ${honest(random)} where id = ${youngRow(random)}`),
  delete: (session, random) => session.unsafe(`delete from moments where id = ${anyRow(random)}`),
  'delete of a day': (session, random, days) => {
    const day = `timestamptz '2026-01-01Z' + interval '${1 + random.integer(days)} days'`
    return session.unsafe(
      `delete from moments where id in (select id from moments
         where created_at >= ${day} and created_at < ${day} + interval '1 day' order by id limit 20 for update skip locked)`,
    )
  },
  'move to another day': (session, random, days) =>
    session.unsafe(
      `update moments set created_at = ${moment(random, days)}, changed_at = ${honest(random)} where id = ${anyRow(random)}`,
    ),
  // Counts and sums of keys can hide this one: a hash or the time has to tell.
  'exchange of two days': async (session, random) => {
    const rows = await session.unsafe<{ id: string; at: string | null }[]>(
      `select id::text, created_at::text as at from moments where id >= (select ${0.8 + random() / 5} * last_value from moment_ids)
       order by id limit 2 for update skip locked`,
    )
    const [one, other] = rows
    if (one === undefined || other === undefined) return
    await session`update moments set created_at = ${other.at}, changed_at = clock_timestamp() where id = ${one.id}`
    await session`update moments set created_at = ${one.at}, changed_at = clock_timestamp() where id = ${other.id}`
  },
  // The partition has as many rows as before, and no time that tells.
  'another row in the place of one': (session, random) =>
    session.unsafe(
      `with gone as (delete from moments where id = ${anyRow(random)} returning created_at)
       insert into moments select nextval('moment_ids'), created_at, null, 'instead ${random()}' from gone`,
    ),
  'delete and insert of the same key': async (session, random) => {
    const [gone] = await session.unsafe<{ id: string; at: string | null }[]>(
      `delete from moments where id = ${youngRow(random)} returning id::text, created_at::text as at`,
    )
    if (gone === undefined) return
    await session`insert into moments values (${gone.id}, ${gone.at}, clock_timestamp(), 'back')`
    // So that its time is held to what is promised.
    await session`update moments set changed_at = clock_timestamp() where id = ${gone.id}`
  },
}

/** What `committed` counts for sure, in the long run. */
export const kindsOfChanges = Object.keys(changes)

export async function startWriter({ url, seed, connections, days }: WriterOptions): Promise<Writer> {
  const sql = postgres(url, {
    max: connections,
    onnotice: () => {},
    connection: { application_name: 'writer' },
  })
  const committed = new Map<string, number>()
  let allowed = 0
  let beats = 0
  let stopped = false
  let wake = Promise.withResolvers<void>()

  function notify(): void {
    const { resolve } = wake
    wake = Promise.withResolvers()
    resolve()
  }

  async function until(isTime: () => boolean): Promise<void> {
    while (!stopped && !isTime()) await wake.promise
  }

  async function work(connection: number): Promise<void> {
    const random = randomFrom(seed * 1_000 + connection)
    const session = await sql.reserve()
    try {
      await session`set lock_timeout = '200ms'`
      for (let begun = 0; ; begun++) {
        await until(() => begun < allowed)
        if (stopped) return
        // The first connection is always in the middle of something.
        const isLong = connection === 0 || random.integer(8) === 0
        await transaction(session, random, async () => {
          if (!isLong) return
          const beat = beats + 1 + random.integer(2)
          await until(() => beats >= beat)
        })
      }
    } finally {
      session.release()
    }
  }

  async function transaction(session: Session, random: Random, wait: () => Promise<void>): Promise<void> {
    const kinds: string[] = []
    const change = async (into: string[]) => {
      const kind = random.pick(kindsOfChanges)
      await changes[kind]!(session, random, days)
      into.push(kind)
    }
    try {
      await session`begin`
      const steps = 1 + random.integer(4)
      const pauseAt = random.integer(steps + 1)
      for (let step = 0; step < steps; step++) {
        if (step === pauseAt) await wait()
        if (random.integer(3) > 0) {
          await change(kinds)
          continue
        }
        // Rows of a savepoint have a transaction id of their own, which no list of open ones has.
        const inside: string[] = []
        await session`savepoint inside`
        const isSound = await change(inside).then(
          () => true,
          () => false,
        )
        if (isSound && random.integer(3) > 0) {
          await session`release savepoint inside`
          kinds.push(...inside.map((kind) => `${kind}, in a savepoint`))
        } else {
          await session`rollback to savepoint inside`
          kinds.push('a savepoint rolled back')
        }
      }
      if (pauseAt === steps) await wait()
      if (random.integer(10) === 0) {
        await session`rollback`
        kinds.splice(0, Infinity, 'a transaction rolled back')
      } else {
        await session`commit`
      }
    } catch (error) {
      // A deadlock, a lock that was not to be had, an update too late for what is promised: nothing of it is there.
      if (!(error instanceof postgres.PostgresError)) throw error
      await session`rollback`
      kinds.splice(0, Infinity, 'a transaction that failed')
    }
    for (const kind of kinds) committed.set(kind, (committed.get(kind) ?? 0) + 1)
  }

  const working = Promise.all(Array.from({ length: connections }, (_, connection) => work(connection)))
  // Seen by stop().
  working.catch(() => {})
  return {
    committed,
    allow(transactions) {
      allowed += transactions
      notify()
    },
    beat() {
      beats += 1
      notify()
    },
    async stop() {
      stopped = true
      notify()
      try {
        await working
      } finally {
        await sql.end({ timeout: 1 })
      }
    },
  }
}
