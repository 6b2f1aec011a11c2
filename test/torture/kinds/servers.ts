/** What may happen to Postgres and the way to it. */
import { halfwayThroughCopy } from '../moment.ts'
import { endOf, type Fault, type Kind, readsPostgres, type Struck } from './kind.ts'

const group = 'Postgres'
const soon = ['--connect-within', '2s']

async function duringCopy(
  { lane, random, begin }: Fault,
  work: (gate: { readonly cut: () => void }) => Promise<unknown>,
): Promise<Struck> {
  await using gate = await halfwayThroughCopy(lane, random)
  const run = begin({ env: { DATABASE_URL: gate.url } })
  const reached = await Promise.race([gate.reached.then(() => true), run.finished.then(() => false)])
  if (reached) await work(gate)
  gate.open()
  return await endOf(run, reached)
}

const backends = async ({ lane, subject }: Fault): Promise<number[]> => {
  const rows = await lane.standIn.sql`
    select pid from pg_stat_activity where application_name like ${`dracula%/${subject.name}/%`}
      and query like 'copy (%' order by pid`
  return rows.map(({ pid }) => Number(pid))
}

function during(
  name: string,
  work: (fault: Fault, gate: { readonly cut: () => void }) => Promise<unknown>,
): Kind {
  return {
    name,
    group,
    befalls: readsPostgres,
    // Pods whose holder is lost cannot go on.
    ends: [0, 1, 2],
    strike: (fault) => duringCopy(fault, (gate) => work(fault, gate)),
  }
}

async function restarted({ lane }: Fault, signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
  await lane.server.crash(signal)
  await lane.server.restart()
}

export const servers: readonly Kind[] = [
  during('a backend is told to end', async (fault) => {
    const pid = fault.random.pick(await backends(fault))
    await fault.lane.standIn.sql`select pg_terminate_backend(${pid ?? 0})`
  }),
  during('a backend is killed', async (fault) => {
    const pid = fault.random.pick(await backends(fault))
    if (pid !== undefined) await fault.lane.server.killBackend(pid)
  }),
  during('the server is killed', (fault) => restarted(fault, 'SIGKILL')),
  during('the server is shut down at once', (fault) => restarted(fault, 'SIGQUIT')),
  during('the connections break', async (_, gate) => gate.cut()),
  {
    name: 'the server comes back while a load waits for it',
    group,
    befalls: ({ action }) => action === 'load',
    ends: [0],
    async strike({ lane, begin }) {
      await lane.server.crash('SIGKILL')
      const run = begin({ args: soon })
      await lane.server.restart()
      return await endOf(run, true)
    },
  },
]
