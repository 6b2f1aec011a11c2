/** What migrations do to a table while it is read, and just before. */

import type { Lane } from '../lane.ts'
import { atCall, halfwayThroughCopy } from '../moment.ts'
import { createSubject, type Subject } from '../subjects.ts'
import { type End, endOf, type Fault, type Kind, readsPostgres } from './kind.ts'

const group = 'migrations'
/** Whoever waits longer behind a load is let pass. */
const yielding = ['--yield-after', '100ms']

/** The table as it was, with the rows that it had. */
async function restore({ lane, subject }: Fault): Promise<void> {
  const { sql } = lane.standIn
  const { name } = subject
  await sql.unsafe(`drop table if exists ${name}, ${name}_low, ${name}_high cascade`)
  if (name === 'computed') await sql.unsafe('drop table computed_rates')
  await createSubject(sql, subject)
  await sql.unsafe(`truncate ${name}; insert into ${name} table before.${name}; analyze ${name}`)
  if (name === 'computed')
    await sql.unsafe('truncate computed_rates; insert into computed_rates table before.computed_rates')
}

async function remember(lane: Lane, { name }: Subject): Promise<void> {
  const { sql } = lane.standIn
  const tables = name === 'computed' ? [name, 'computed_rates'] : [name]
  for (const table of tables)
    await sql.unsafe(
      `create schema if not exists before; drop table if exists before.${table}; create table before.${table} as table ${table}`,
    )
}

function migration(
  name: string,
  sqlOf: (subject: Subject) => string,
  { ends, befalls = readsPostgres }: { readonly ends: readonly End[]; readonly befalls?: Kind['befalls'] },
): readonly Kind[] {
  const shared = { group, befalls, ends, undo: restore }
  return [
    {
      ...shared,
      name: `${name}, while it is read`,
      async strike({ lane, subject, random, begin }) {
        await remember(lane, subject)
        await using gate = await halfwayThroughCopy(lane, random)
        const run = begin({
          env: { DATABASE_URL: gate.url },
          args: subject.action === 'pods' ? [] : yielding,
        })
        const reached = await Promise.race([gate.reached.then(() => true), run.finished.then(() => false)])
        const migrated = lane.standIn.sql.unsafe(sqlOf(subject)).execute()
        // It waits for the load, or the load is over: only then does the load read on.
        while (!(await isWaiting(lane)) && !run.isOver()) await Bun.sleep(5)
        gate.open()
        await migrated
        return await endOf(run, reached)
      },
    },
    {
      ...shared,
      name: `${name}, before it is read`,
      befalls: (subject) => befalls(subject) && subject.action !== 'folder',
      async strike({ lane, subject, begin }) {
        await remember(lane, subject)
        const { run, reached } = await atCall(lane, {
          call: { operation: 'GetTable', after: 0 },
          begin,
          // Another statement may be in its way, so it is not waited for.
          work: async () => {
            await Promise.race([lane.standIn.sql.unsafe(sqlOf(subject)).execute(), Bun.sleep(200)])
          },
        })
        return await endOf(run, reached)
      },
    },
  ]
}

async function isWaiting({ standIn: { sql } }: Lane): Promise<boolean> {
  const [row] = await sql`select exists (select from pg_locks where not granted) as waiting`
  return row?.['waiting'] === true
}

export const migrations: readonly Kind[] = [
  ...migration('ALTER: a column more', ({ name }) => `alter table ${name} add column more text`, {
    ends: [0, 1, 2],
  }),
  ...migration('ALTER: another type', ({ name }) => `alter table ${name} alter gen type text`, {
    ends: [0, 1, 2, 3],
  }),
  ...migration('ALTER: a column goes', ({ name }) => `alter table ${name} drop column note`, {
    ends: [0, 1, 2, 3],
  }),
  ...migration(
    'ALTER: rows are another',
    ({ name }) =>
      `alter table ${name} rename to ${name}_old; create table ${name} (like ${name}_old); drop table ${name}_old cascade`,
    {
      ends: [0, 1, 2, 3, 4],
      befalls: (subject) => readsPostgres(subject) && subject.name !== 'sliced',
    },
  ),
  ...migration('TRUNCATE', ({ name }) => `truncate ${name}`, { ends: [0, 1, 2, 3, 4] }),
  ...migration('DROP', ({ name }) => `drop table ${name} cascade`, { ends: [0, 1, 2, 3] }),
  ...migration('DETACH', () => `alter table sliced detach partition sliced_high`, {
    ends: [0, 1, 2, 4],
    befalls: ({ name }) => name === 'sliced',
  }),
]
