#!/usr/bin/env bun
/** `bun run compare`: where another pipeline's table differs from ours, column by column and row by row. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { runProgram, type Task } from '../cli/program.ts'
import { failedReport, type Report } from '../cli/report.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { readLake } from '../config/config.ts'
import { findTables } from '../declare/find-tables.ts'
import { toldColumns } from '../declare/hidden-columns.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { connectLake } from '../lake/connect.ts'
import { type Asking, type Comparing, compareTables, queriesOf } from './compare/ask.ts'
import { findOurs, findTheirs, readColumns, requireSameLoad } from './compare/find.ts'
import { keyNames } from './compare/key.ts'
import { keyPairs, matchColumns, type Pair } from './compare/match.ts'
import { comparedReport, plannedReport } from './compare/report.ts'
import type { ComparedPair } from './compare/sql.ts'

const command = withScripts(new Command(commandLine('compare')))
  .description(
    'Shows where a table that another pipeline writes differs from ours, in Athena: which\n' +
      'columns and types, and by key which rows are in one alone, or differ in what. Every\n' +
      'conversion that makes two types comparable is told. It changes nothing.',
  )
  .argument('<table>', 'ours, as readers see it')
  .addOption(
    new Option('--with <database.table>', 'theirs, any table or view of the Glue catalog')
      .argParser(tableName)
      .makeOptionMandatory(),
  )
  .option(
    '--key <columns>',
    "what tells rows apart: id, or order_id,line, or '*' for whole rows (default: as the script says)",
    names,
  )
  .option('--map <ours=theirs>', 'a column that has another name there; more than once', pair)
  .option('--ignore <columns>', 'columns of either to leave out', names)
  .option('--where <sql>', 'compare only these rows of both, as those before both were loaded')
  .option('--where-theirs <sql>', 'the same in the words of theirs, where these are others')
  .option('--tolerance <number>', 'numbers that differ by no more are the same (default: 0)', tolerance)
  .option('--examples <n>', 'how many keys to show of each difference', count, 5)
  .option('--no-values', 'show no values and no keys, only counts')
  .option('--dry-run', 'print the queries, and ask only for the columns')
  .addHelpText(
    'after',
    '\nIt ends with exit code 4 where anything differs, columns that only one has too: --ignore\n' +
      'leaves these out. Values of hashed and masked columns are never shown. Null is like null\n' +
      'alone, NaN like NaN, -0 like 0; text is compared letter by letter, with spaces at its end.\n' +
      'Glue and Athena have to let you read their table too, which `policies iam` does not ask for.',
  )

interface Flags {
  readonly with: { readonly database: string; readonly table: string }
  readonly key?: readonly string[]
  readonly map?: ReadonlyMap<string, string>
  readonly ignore?: readonly string[]
  readonly where?: string
  readonly whereTheirs?: string
  readonly tolerance?: string
  readonly examples: number
  readonly values: boolean
  readonly dryRun?: true
}

await runProgram({
  command,
  subject: {},
  work,
  failed: (error) =>
    failedReport({
      by: 'compare',
      verdict: 'not compared',
      error,
      json: { version: 1, command: 'compare', ok: false },
      gathered: false,
    }),
})

async function work({ signal, log }: Task): Promise<Report> {
  const [name = ''] = command.args
  const flags = command.opts<Flags>()
  const [table] = await findTables([name])
  if (table === undefined) throw new Error('A script that was asked for is not there.')
  const config = readLake()
  const aws = connectLake()
  const scanned: number[] = []
  const asking: Asking = { aws, config, signal, scanned }
  log.transient('… looking at the columns')
  try {
    const [ours, theirs] = await Promise.all([findOurs(asking, name), findTheirs(asking, flags.with)])
    const tables = {
      ours: { database: config.glueDatabase, table: name, where: flags.where },
      theirs: { ...flags.with, where: flags.whereTheirs ?? flags.where },
    }
    const [oursColumns, theirsColumns] = await Promise.all([
      readColumns(asking, tables.ours, ours),
      readColumns(asking, tables.theirs, theirs),
    ])
    const { map = new Map<string, string>(), ignore = [] } = flags
    const matched = matchColumns(oursColumns, theirsColumns, { map, ignore })
    const told = flags.values ? toldColumns(table) : new Set<string>()
    const compared = ({ form, ...each }: Pair): ComparedPair[] => {
      const { name: column } = each.ours
      const hidden = table.output[column]?.protection?.by
      return form === undefined ? [] : [{ ...each, form, told: told.has(column), hidden }]
    }
    const named = flags.key ?? keyNames(table, matched)
    const key = named.includes('*') ? [] : keyPairs(named, matched).flatMap(compared)
    if (key.length === 0 && flags.tolerance !== undefined) throw noTolerance(flags.tolerance)
    const pairs = matched.pairs
      .flatMap(compared)
      .filter(({ ours: { name: column } }) => !key.some((each) => each.ours.name === column))
    if (key.length + pairs.length === 0) throw nothingAlike(flags.with)
    const { examples } = flags
    const comparing: Comparing = { tables, key, pairs, examples, tolerance: flags.tolerance }
    const facts = { table: name, load: ours, comparing, matched, scanned }
    if (flags.dryRun) return plannedReport(facts, queriesOf(comparing))
    log.transient('… comparing')
    const found = await compareTables(asking, comparing)
    await requireSameLoad(asking, name, ours)
    const isEmpty = found.keys.ours.rows === 0 && found.keys.theirs.rows === 0
    const where = flags.where ?? flags.whereTheirs
    if (isEmpty && where !== undefined) throw nothingBounded(where)
    return comparedReport(facts, found)
  } finally {
    log.transient('')
    aws.close()
  }
}

function noTolerance(tolerance: string): Failure {
  return new Failure({
    exit: 2,
    act: 'compare with',
    thing: `--tolerance ${tolerance}`,
    reason: 'whole rows are told apart, and are the same or not',
    advice: 'Name a --key, or leave it out.',
  })
}

function nothingAlike({ database, table }: Flags['with']): Failure {
  return new Failure({
    exit: 2,
    act: 'compare with',
    thing: `${database}.${table}`,
    reason: 'no column that is in both has types whose values can be compared',
    advice: 'Say which column is which: --map ours=theirs.',
  })
}

function nothingBounded(where: string): Failure {
  return new Failure({
    exit: 2,
    act: 'compare where',
    thing: where,
    reason: 'neither table has such a row',
    advice: 'Give a condition that some rows fulfil.',
  })
}

function names(text: string, before: readonly string[] = []): readonly string[] {
  const given = text.split(',').map((each) => each.trim().toLowerCase())
  if (given.includes('')) throw new InvalidArgumentError('It is names of columns, with commas between them.')
  return [...new Set([...before, ...given])]
}

function pair(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [ours = '', theirs = '', ...more] = text.split('=').map((each) => each.trim().toLowerCase())
  if (ours === '' || theirs === '' || more.length > 0) throw new InvalidArgumentError('It is ours=theirs.')
  if (before.has(ours) || [...before.values()].includes(theirs)) {
    throw new InvalidArgumentError('No column is two others.')
  }
  return new Map([...before, [ours, theirs]])
}

function tableName(text: string): Flags['with'] {
  const [, database, table] = /^([^.\s]+)\.([^.\s]+)$/.exec(text.trim().toLowerCase()) ?? []
  if (database === undefined || table === undefined) {
    throw new InvalidArgumentError('It is a Glue database and a table of it: legacy.orders.')
  }
  return { database, table }
}

/** A number in the text that SQL takes, so that it stays exact. */
function tolerance(text: string): string {
  if (/^\d{1,18}(\.\d{1,18})?$/.test(text)) return text
  throw new InvalidArgumentError('It is a number such as 0.01.')
}

function count(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 100) return number
  throw new InvalidArgumentError('It is a number from 0 to 100.')
}
