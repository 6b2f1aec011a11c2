#!/usr/bin/env bun
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Aws, connectAws } from '../aws/clients.ts'
import { runProgram, type Task } from '../cli/program.ts'
import type { Report } from '../cli/report.ts'
import { type LakeConfig, readLake } from '../config/config.ts'
import { findTables } from '../declare/find-tables.ts'
import { readHistory } from '../lake/hive/history.ts'
import { readPublished } from '../lake/hive/published.ts'
import { requireOurs, rollBack } from '../lake/hive/rollback.ts'
import { rollbackTarget } from '../lake/hive/rollback-target.ts'
import { unpin } from '../lake/hive/unpin.ts'
/** `bun run rollback`: publishes an earlier load again and pins the table to it, or takes the pin away. */
import type { Published } from '../lake/published.ts'
import { notRolledBackReport, rolledBackReport, unpinnedReport } from './rollback/report.ts'

const command = new Command('bun run rollback')
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

await runProgram({
  command,
  subject: {},
  async work(task) {
    const [table = '', named] = command.args
    const { reason, unpin: unpinning } = command.opts<{ reason?: string; unpin?: true }>()
    if (unpinning && named !== undefined) command.error('--unpin takes no load')
    const lake = readLake()
    const aws = connectAws()
    task.stopAfter(deadlineMs)
    try {
      return unpinning
        ? await unpinned(aws, lake, table, task)
        : await rolledBack(aws, lake, { table, named, reason }, task)
    } finally {
      task.log.transient('')
      aws.close()
    }
  },
  failed: (failure) => notRolledBackReport(command.args[0], failure, published),
})

async function unpinned(aws: Aws, lake: LakeConfig, table: string, { signal }: Task): Promise<Report> {
  const database = lake.glueDatabase
  const { published: now, pin } = await unpin(aws, { database, table, signal })
  if (now.kind === 'absent') await findTables([table])
  return unpinnedReport(table, requireOurs(table, database, { published: now }), pin)
}

async function rolledBack(
  aws: Aws,
  lake: LakeConfig,
  { table, named, reason }: { table: string; named: string | undefined; reason: string | undefined },
  { signal, log }: Task,
): Promise<Report> {
  const started = performance.now()
  log.transient('… reading the records')
  const history = await readHistory(aws, lake, { table, signal })
  published = history.published
  if (published.kind === 'absent') await findTables([table])
  const now = requireOurs(table, lake.glueDatabase, history)
  const { load, record } = rollbackTarget(table, history, { published: now.load, named })
  log.transient(`… counting load ${load}`)
  if (!log.terminal) log.info(`rolling back to load ${load}`, { table, load })
  const warn = (message: string) => log.warn(message, { table, load })
  try {
    const pin = await rollBack(aws, lake, { table, record, published: now, reason, signal, warn })
    return rolledBackReport(table, record, pin, Math.round(performance.now() - started) / 1_000)
  } catch (error) {
    // It may be because another was published.
    const looking = { database: lake.glueDatabase, table, signal: AbortSignal.timeout(5_000) }
    published = await readPublished(aws, looking).catch(() => undefined)
    throw error
  }
}

function reasonText(text: string): string {
  const reason = text.replace(/\s+/g, ' ').trim()
  if (reason.length > 0 && reason.length <= 500) return reason
  throw new InvalidArgumentError('It is a text of at most 500 characters.')
}
