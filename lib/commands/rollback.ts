#!/usr/bin/env bun
/** `bun run rollback`: publishes an earlier load again and pins the table to it, or takes the pin away. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { followRollback, type RollbackFollower } from '../cli/followed-rollback.ts'
import { runProgram, type Task } from '../cli/program.ts'
import type { Report } from '../cli/report.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { type LakeConfig, readLake } from '../config/config.ts'
import { findTables } from '../declare/find-tables.ts'
import { commandLine } from '../failure/command-line.ts'
import type { Lake } from '../lake/lake.ts'
import { openTable } from '../lake/open.ts'
import type { Published } from '../lake/published.ts'
import { requireManaged, rollbackTarget } from '../lake/rollback-target.ts'
import { notRolledBackReport, rolledBackReport, unpinnedReport } from './rollback/report.ts'

const command = withScripts(new Command(commandLine('rollback')))
  .description(
    'Publishes an earlier load of a table again, once Athena has counted it, and\n' +
      'pins the table: no load replaces it until --unpin. It asks S3, Glue and\n' +
      'Athena only, and no database.',
  )
  .argument('<table>', 'which table')
  .argument('[load]', 'the load to go back to, or to stay at; without it the one before what readers see')
  .option('--reason <text>', 'why, for whoever finds it pinned', reasonText)
  .addOption(
    new Option('--unpin', 'let loads be published again; what readers see stays until then').conflicts(
      'reason',
    ),
  )
  .addHelpText('after', '\nA load of a pinned table stops at once, with exit code 2.')

/** Athena may queue the count; nothing else takes its time. */
const deadlineMs = 30 * 60_000

/** What readers see, as far as it is known. */
let published: Published | undefined

let follower: RollbackFollower | undefined

await runProgram({
  command,
  subject: {},
  async work(task) {
    const [table = '', named] = command.args
    const { reason, unpin: unpinning } = command.opts<{ reason?: string; unpin?: true }>()
    if (unpinning && named !== undefined) command.error('--unpin takes no load')
    const config = readLake()
    task.stopAfter(deadlineMs)
    const lake = await openTable(config, table, task.signal)
    follower = followRollback(task)
    const asked: Asked = { lake, config, table }
    try {
      return unpinning ? await unpinned(asked, task) : await rolledBack(asked, { named, reason }, task)
    } finally {
      task.log.transient('')
      lake.close()
    }
  },
  failed: (failure) => notRolledBackReport(command.args[0], failure, published),
  ended: async (report) => follower?.end(report),
})

/** Which table, and where it is. */
interface Asked {
  readonly lake: Lake
  readonly config: LakeConfig
  readonly table: string
}

async function unpinned({ lake, config, table }: Asked, { signal }: Task): Promise<Report> {
  const { published: now, pin } = await lake.unpin(signal)
  if (now.kind === 'absent') await findTables([table])
  return unpinnedReport(table, requireManaged(table, config.glueDatabase, { published: now }), pin)
}

async function rolledBack(
  { lake, config, table }: Asked,
  { named, reason }: { named: string | undefined; reason: string | undefined },
  { signal, log }: Task,
): Promise<Report> {
  const started = performance.now()
  log.transient('… reading the records')
  const history = await lake.history({ signal })
  published = history.published
  if (published.kind === 'absent') await findTables([table])
  const now = requireManaged(table, config.glueDatabase, history)
  const { load, record } = rollbackTarget(table, history, {
    ...{ published: now.load, hashKey: now.hashKey, named },
  })
  const place = { region: (await lake.catalog())?.region, account: now.account }
  follower?.begin({ table, lake: config, catalog: place, record, published: now })
  log.transient(`… counting load ${load}`)
  if (!log.terminal) log.info(`rolling back to load ${load}`, { table, load })
  const warn = (message: string) => log.warn(message, { table, load })
  try {
    const pin = await lake.rollBack({ record, published: now, reason, signal, warn })
    return rolledBackReport(table, record, pin, Math.round(performance.now() - started) / 1_000)
  } catch (error) {
    // It may be because another was published.
    published = await lake.current(AbortSignal.timeout(5_000)).catch(() => undefined)
    throw error
  }
}

function reasonText(text: string): string {
  const reason = text.replace(/\s+/g, ' ').trim()
  if (reason.length > 0 && reason.length <= 500) return reason
  throw new InvalidArgumentError('It is a text of at most 500 characters.')
}
