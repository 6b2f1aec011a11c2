/** What S3, Glue and Athena may answer, or not. */
import type { Action, Rule } from '../../../lib/local/aws/faults.ts'
import { callOf, disturb } from '../moment.ts'
import { type End, endOf, type Fault, type Kind, loads, publishes, type Struck } from './kind.ts'

const group = 'AWS answers'
const jsonOperation = /Table|Database|Crawler|Query|WorkGroup|Partition/

/** Each service names it otherwise. */
const broken = ({ operation }: Pick<Rule, 'operation'>): Action =>
  /Query|WorkGroup/.test(operation)
    ? { kind: 'error', code: 'InternalServerException' }
    : { kind: 'error', code: jsonOperation.test(operation) ? 'InternalServiceException' : 'InternalError' }
const busy = ({ operation }: Pick<Rule, 'operation'>): Action =>
  jsonOperation.test(operation)
    ? { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' }
    : { kind: 'error', code: 'SlowDown' }
const denied = ({ operation }: Pick<Rule, 'operation'>): Action =>
  jsonOperation.test(operation)
    ? { kind: 'error', code: 'AccessDeniedException' }
    : { kind: 'error', code: 'AccessDenied' }
const skewed = ({ operation }: Pick<Rule, 'operation'>): Action =>
  jsonOperation.test(operation)
    ? { kind: 'error', code: 'InvalidSignatureException' }
    : { kind: 'error', code: 'RequestTimeTooSkewed', status: 403 }

async function strikeWith(
  { lane, subject, random, begin }: Fault,
  how: {
    readonly action: (call: Pick<Rule, 'operation'>) => Action
    readonly times: number
    readonly env?: Readonly<Record<string, string>>
  },
): Promise<Struck> {
  const call = callOf(lane, subject, random)
  const { log } = lane.standIn.faults
  const from = log.length
  disturb(lane, { ...call, ...(how.times > 0 && { times: how.times }), action: how.action(call) })
  const run = begin(how.env && { env: how.env })
  const runs = await run.finished
  const made = log.slice(from).filter(({ operation, by }) => by === 'local' && operation === call.operation)
  return { runs, reached: made.length > (call.after ?? 0), folder: run.folder }
}

function answer(name: string, how: Parameters<typeof strikeWith>[1], ends: readonly End[]): Kind {
  return { name, group, befalls: publishes, ends, strike: (fault) => strikeWith(fault, how) }
}

const always = (action: Action) => () => action

/** One that never comes to an end of itself is let go after a while, as networks give up. */
const silent: Kind = {
  name: 'half of an answer, then silence, then a reset',
  group,
  befalls: publishes,
  ends: [0],
  async strike({ lane, subject, random, begin }) {
    const call = callOf(lane, subject, random)
    const { faults } = lane.standIn
    const from = faults.log.length
    disturb(lane, { ...call, times: 1, action: { kind: 'half an answer', stalls: true } })
    const run = begin()
    let reached = false
    while (!run.isOver() && !reached) {
      await Bun.sleep(2)
      reached = faults.log.slice(from).some(({ status }) => status === 'held')
    }
    if (reached) await Bun.sleep(100)
    faults.clear()
    faults.release()
    return await endOf(run, reached)
  },
}

/** The publish is sent, carried out or not, and nothing is heard any more of the table: only the next load can tell. */
const unknown: Kind = {
  name: 'nothing is heard from the publish on',
  group,
  befalls: loads,
  ends: [5],
  async strike({ lane, subject, random, begin }) {
    const { calls } = lane.known(subject)
    const before = calls.slice(
      0,
      calls.findLastIndex(({ operation }) => operation === 'UpdateTable'),
    )
    const looks = before.filter(({ operation }) => operation === 'GetTable').length
    const lost: Action = random.integer(2) === 0 ? { kind: 'lost answer' } : { kind: 'drop' }
    disturb(lane, { operation: 'UpdateTable', action: lost })
    disturb(lane, { operation: 'GetTable', after: looks, action: { kind: 'drop' } })
    return await endOf(begin(), true)
  },
}

/** @param match which queries: a count that is wrong has to be one */
function query(
  name: string,
  rule: Pick<Rule, 'action' | 'match'>,
  ends: readonly End[],
  args: readonly string[] = [],
): Kind {
  return {
    name,
    group,
    befalls: (subject) =>
      publishes(subject) &&
      (args.length === 0 || loads(subject)) &&
      // What is asked of an Iceberg table begins with no number.
      (rule.match === undefined || !subject.iceberg),
    ends,
    async strike({ lane, begin }) {
      const { log } = lane.standIn.faults
      const from = log.length
      disturb(lane, { operation: 'StartQueryExecution', ...rule })
      const run = begin({ args })
      await run.finished
      const asked = log.slice(from).some(({ operation, subject }) => {
        return operation === 'StartQueryExecution' && subject.includes(rule.match ?? '')
      })
      return await endOf(run, asked)
    },
  }
}

function crawl(name: string, action: Action, ends: readonly End[]): Kind {
  return {
    name,
    group,
    befalls: ({ name: of }) => of === 'crawled',
    ends,
    async strike({ lane, begin }) {
      disturb(lane, { operation: 'StartCrawler', action })
      return await endOf(begin({ args: ['--deadline', '3s'] }), true)
    },
  }
}

export const answers: readonly Kind[] = [
  answer('an error 5xx', { action: broken, times: 1 }, [0]),
  answer('three errors 5xx in a row', { action: broken, times: 3 }, [0]),
  answer('errors 5xx from then on', { action: broken, times: 0 }, [0, 1, 5]),
  answer('throttled, twice', { action: busy, times: 2 }, [0]),
  // They would be made again for minutes.
  answer('throttled from then on', { action: busy, times: 0, env: { AWS_MAX_ATTEMPTS: '3' } }, [0, 1]),
  answer('access denied from then on', { action: denied, times: 0 }, [0, 2]),
  answer('a reset', { action: always({ kind: 'drop' }), times: 1 }, [0]),
  answer('resets from then on', { action: always({ kind: 'drop' }), times: 0 }, [0, 1, 5]),
  answer(
    'an answer lost after it was carried out',
    { action: always({ kind: 'lost answer' }), times: 1 },
    [0],
  ),
  answer('all answers lost from then on', { action: always({ kind: 'lost answer' }), times: 0 }, [0, 1, 5]),
  answer('half of an answer', { action: always({ kind: 'half an answer' }), times: 1 }, [0]),
  answer('a slow answer', { action: always({ kind: 'latency', ms: 400 }), times: 1 }, [0]),
  answer('a clock that AWS finds too skewed', { action: skewed, times: 1 }, [0, 2]),
  silent,
  unknown,
  query('Athena counts a row more', { action: { kind: 'wrong count', by: 1 }, match: 'select count(' }, [4]),
  query('queries fail', { action: { kind: 'query fails' } }, [1]),
  query('queries never end', { action: { kind: 'query hangs' } }, [1], ['--deadline', '2s']),
  crawl('crawls fail', { kind: 'crawl fails' }, [1]),
  crawl('crawls never end', { kind: 'crawl hangs' }, [1]),
  crawl(
    'a crawl finds other columns',
    { kind: 'crawl infers', columns: [{ name: 'other', type: 'string' }] },
    [4],
  ),
]
