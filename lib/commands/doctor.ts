#!/usr/bin/env bun
/** `bun run doctor`: whether everything is there that loads and checks need, a line each, with its fix. */
import { Command } from 'commander'
import { runProgram, type Task } from '../cli/program.ts'
import { failedReport, type Report } from '../cli/report.ts'
import { oneLine } from '../cli/reported-failure.ts'
import { refusedByCompiler } from '../cli/require-types.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { typeErrors } from '../cli/type-errors.ts'
import { databaseOf, inWordsOf, readDatabases, readHashKey, readLake } from '../config/config.ts'
import type { Connected } from '../declare/connection.ts'
import { brokenScripts, findTables, requireSound, tableNames } from '../declare/find-tables.ts'
import type { Table } from '../declare/table.ts'
import { commandLine } from '../failure/command-line.ts'
import { connectLake } from '../lake/connect.ts'
import { examineAlerts } from './examine/alerts.ts'
import { examineAthena } from './examine/athena.ts'
import { examineEnvironment } from './examine/environment.ts'
import { type Finding, findingOf, warning } from './examine/finding.ts'
import { examineGlue } from './examine/glue.ts'
import { examineHashKey } from './examine/hash-key.ts'
import { examineIceberg } from './examine/iceberg.ts'
import { examinePostgres } from './examine/postgres.ts'
import { examineS3 } from './examine/s3.ts'
import { examineSources } from './examine/sources.ts'

const command = withScripts(new Command(commandLine('doctor'))).description(
  'Checks an installation: Postgres and the tables that scripts read, S3, Glue, the crawlers’ role, Athena.\n' +
    'It writes a probe under _doctor in the prefix, stages a table and makes a crawler, and removes all three; Athena\n' +
    'keeps the result of one query; a webhook and a topic of SNS get a test message. It exits with 0, or with 2 if anything is missing.',
)

const marks = { ok: '✓', warning: '!', missing: '✗' } as const

await runProgram({
  command,
  subject: {},
  work: async (task) => report(await examine(task), task.scrub),
  failed: (error) =>
    failedReport({
      by: 'doctor',
      verdict: 'not everything could be checked',
      error,
      json: { version: 1, command: 'doctor', ok: false, checks: [] },
      gathered: false,
    }),
})

/** In the order a load needs them; what belongs to different services is asked at once. */
async function examine(task: Task): Promise<Finding[]> {
  task.log.transient('… examining')
  let tables: Table[] = []
  const scripts = await findingOf('scripts', task.signal, async () => {
    const names = await tableNames()
    const broken = await brokenScripts(names)
    const sound = names.filter((name) => !broken.has(name))
    // An empty list would mean all.
    if (sound.length > 0) tables = await findTables(sound)
    requireSound(broken)
    if (tables.length > 0) return `${tables.length} tables are declared`
    return warning('scripts', 'there are none', `Write the first: ${commandLine('new <table>')}`)
  })
  const types = await findingOf('types', task.signal, examineTypes)
  const hashKey = await examineHashKey(tables, readHashKey, task.signal)
  const bySource = Map.groupBy(tables, ({ connection }) => connection)
  // A first table is yet to be written, of whatever DATABASE_URL leads to.
  if (tables.length === 0) bySource.set(undefined, [])
  const sources = [...bySource.keys()].flatMap((source) => source ?? [])
  const [databases, lake, alerts] = await Promise.all([
    Promise.all([...bySource].map(([source, read]) => examineDatabase(source, read, task))),
    examineLake(tables, task),
    examineAlerts(task.signal),
  ])
  task.log.transient('')
  return [
    examineEnvironment(sources),
    scripts,
    types,
    ...hashKey,
    ...examineSources([...bySource.keys()]),
    ...databases.flat(),
    ...lake,
    ...alerts,
  ]
}

/** Where there is no compiler, as in an image, it was asked before. */
async function examineTypes(): Promise<string> {
  const errors = await typeErrors()
  const [first] = errors ?? []
  if (first !== undefined) throw refusedByCompiler(first.file, errors ?? [])
  return errors === undefined
    ? 'there is no compiler here, as in an image, or no tsconfig.json'
    : 'all scripts compile'
}

/** Everything that the tables of one source need there; each check of one that has a name bears it. */
async function examineDatabase(
  source: string | undefined,
  tables: readonly Table[],
  { signal, hide }: Task,
): Promise<Finding[]> {
  const found: Finding[] = []
  const configured = await findingOf('postgres', signal, async () => {
    const none: Connected = { name: 'doctor', connection: source }
    const database = databaseOf(none, readDatabases(tables.length === 0 ? [none] : tables))
    hide(database)
    found.push(...(await examinePostgres(database, tables, signal)))
    return ''
  })
  return (configured.status === 'ok' ? found : [configured]).map((each) => ({
    ...each,
    check: source === undefined ? each.check : `${source}: ${each.check}`,
    fix: each.fix === null ? null : inWordsOf(source, each.fix),
  }))
}

async function examineLake(tables: readonly Table[], { signal }: Task): Promise<Finding[]> {
  const found: Finding[] = []
  const configured = await findingOf('lake', signal, async () => {
    const lake = readLake()
    const aws = connectLake()
    try {
      const examined = await Promise.all([
        examineS3(aws, lake, signal),
        examineGlue(aws, lake, signal),
        examineAthena(aws, lake, signal),
        examineIceberg(aws, lake, tables, signal),
      ])
      found.push(...examined.flat())
    } finally {
      aws.close()
    }
    return ''
  })
  return configured.status === 'ok' ? found : [configured]
}

function report(found: readonly Finding[], scrub: (text: string) => string): Report {
  const findings = found.map((each) => ({
    ...each,
    found: scrub(oneLine(each.found)),
    fix: each.fix === null ? null : scrub(oneLine(each.fix)),
  }))
  const width = Math.max(...findings.map(({ check }) => Bun.stringWidth(check)))
  const text = findings
    .map(({ check, status, found, fix }) => {
      const line = `${marks[status]} ${check.padEnd(width)}   ${found}`
      return fix === null ? line : `${line}. ${fix}`
    })
    .join('\n')
  const absent = findings.filter(({ status }) => status === 'missing')
  const json = { version: 1, command: 'doctor', ok: absent.length === 0, checks: findings }
  if (absent.length === 0) return { exit: 0, text, json }
  const error = {
    exit: 2,
    summary: `${absent.length} of ${findings.length} checks failed: ${absent.map(({ check }) => check).join(', ')}`,
    advice: absent.find(({ fix }) => fix !== null)?.fix ?? 'See each line.',
    retry: false,
  } as const
  return failedReport({ by: 'doctor', verdict: 'something is missing', error, json, text, gathered: false })
}
