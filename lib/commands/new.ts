#!/usr/bin/env bun
/** `bun run new`: a script for a table that is there, from what Postgres says of it. */
import { Command, Option } from 'commander'
import { runCommand } from '../cli/command.ts'
import { folderPath } from '../cli/folder-path.ts'
import { oneLine } from '../cli/reported-failure.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { sourceFlag } from '../cli/source-flag.ts'
import { failureInWordsOf, readDatabase } from '../config/config.ts'
import { findTables } from '../declare/find-tables.ts'
import { project } from '../declare/project.ts'
import { formatSource } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { nearestLegalName } from '../postgres/legal-name.ts'
import type { Relation } from '../postgres/relation.ts'
import { differences, findScript } from './new/difference.ts'
import { type PersonalChoice, type Placed, personalChoices, placePersonal } from './new/draft.ts'
import { findRelation, type InspectOptions, inspect, qualified, relationsIn } from './new/inspect.ts'
import {
  requireAbsent,
  requireFolder,
  requireName,
  scriptName,
  scriptPath,
  shown,
  writeScript,
} from './new/write.ts'

const command = withScripts(new Command(commandLine('new')))
  .description(
    'Writes scripts/<table>.ts for a table, a view, a materialised view or a foreign table of DATABASE_URL.\n' +
      'Postgres reads its rows once, for the digits, dimensions and infinities that types do not tell.',
  )
  .argument('[table]', 'name, schema.name, or in quotes what has a dot: \'"my.schema"."my.table"\'')
  .option('--as <name>', 'what to call it in the lake, where that is not its own name')
  .option('--all', 'write a script for every table of the schema that has none yet')
  .option('--schema <name>', 'the schema of the table, or of --all; public without it')
  .addOption(sourceFlag('the database: billing is that of DATABASE_URL_BILLING, and the script says so'))
  .option('--diff', 'write nothing; show what changed since the script was written, as lines to paste')
  .addOption(
    new Option('--personal <how>', 'how to have columns whose name or comment speaks of personal data')
      .choices(personalChoices)
      .default('out', 'left out, as comments'),
  )
  .option('--no-scan', 'read no rows')
  .addOption(
    new Option('--folder <path>', 'where to write them; without it where the scripts are').argParser(
      folderPath,
    ),
  )
  .addHelpText(
    'after',
    '\nExit codes: 0 done, or no difference; 1 failed, a retry may help; 2 wrong flags or environment, the file exists,\n' +
      'or access refused; 3 no such table, one without columns, or differences that a script has to follow.',
  )

interface Flags {
  readonly as?: string
  readonly all?: true
  readonly schema?: string
  readonly source?: string
  readonly diff?: true
  readonly personal: PersonalChoice
  readonly scan: boolean
  readonly folder?: string
}

await runCommand(command, async (signal) => {
  const {
    as: wanted,
    all,
    schema,
    source: given,
    diff,
    personal,
    scan,
    folder = project().scripts,
  } = command.opts<Flags>()
  const [name] = command.args
  requireOneTask({ name, all, diff, wanted, source: given })
  const compared = diff && name !== undefined ? await findScript(name, schema, folder) : undefined
  const source = compared?.connection ?? given
  const options = { database: readDatabase(undefined, source), source, personal, signal, scan }
  try {
    if (compared !== undefined) return await showDifferences(compared, folder, options)
    await requireFolder(folder)
    if (name === undefined) return await writeAll(schema ?? 'public', folder, options)
    const relation = await findRelation(name, schema, options)
    const script = wanted === undefined ? await scriptName({ relation, source }, folder) : requireName(wanted)
    await write(relation, script, folder, options)
    adviseNext([scriptPath(folder, script)])
    return 0
  } catch (error) {
    throw error instanceof Failure ? failureInWordsOf(source, error) : error
  }
})

function requireOneTask(task: {
  name?: string | undefined
  all?: true | undefined
  diff?: true | undefined
  wanted?: string | undefined
  source?: string | undefined
}): void {
  const wrong = task.all
    ? task.name !== undefined || task.diff || task.wanted !== undefined
    : task.name === undefined || (task.diff && (task.wanted ?? task.source) !== undefined)
  if (!wrong) return
  throw new Failure({
    exit: 2,
    act: 'run',
    thing: commandLine('new'),
    reason: 'the flags do not go together',
    advice:
      'Name one table, with --as or --source or with --diff if need be, or give --all, with --schema or --source.',
  })
}

interface Inspecting extends InspectOptions {
  /** The name of the source that is inspected; undefined: it has none. */
  readonly source: string | undefined
  readonly personal: PersonalChoice
}

async function write(relation: Relation, name: string, folder: string, options: Inspecting): Promise<void> {
  const path = scriptPath(folder, name)
  await requireAbsent(path)
  const inspected = await inspect(relation, options)
  const columns = inspected.columns.map((column) => placePersonal(column, options.personal))
  await writeScript(path, name, { ...inspected, columns, connection: options.source })
  console.log(shown(path))
  tellLeftOut(columns)
  const unmapped = inspected.columns.filter((column) => column.unmapped !== undefined)
  for (const each of unmapped) process.stderr.write(`  ${each.name}: ${each.type}, as ${each.unmapped}\n`)
}

function tellLeftOut(columns: readonly Placed[]): void {
  for (const [what, advice] of [
    ['personal', ', unless --personal hashed, masked or plain is given'],
    ['secret', ''],
  ] as const) {
    const out = columns.filter(({ isOut, sensitivity }) => isOut && sensitivity === what)
    if (out.length === 0) continue
    const names = out.map(({ name }) => name).join(', ')
    process.stderr.write(
      `  ${names}: left out as ${what === 'secret' ? 'secret' : 'personal data'}${advice}\n`,
    )
  }
}

/** What a script still needs that nobody but its author knows, and how it is tried. */
function adviseNext(paths: readonly string[]): void {
  const [first] = paths
  if (first === undefined) return
  const which = paths.length === 1 ? shown(first) : 'each'
  process.stderr.write(
    `Next: say in ${which} what one row stands for, then bun run check:types, then bun ${shown(first)} --dry-run.\n`,
  )
}

/** One table's failure does not stop the others. @returns the exit code of the first that failed */
async function writeAll(schema: string, folder: string, options: Inspecting): Promise<number> {
  const relations = ownNamesFirst(await relationsIn(schema, options))
  const tables = (await findTables([], folder)).filter(({ connection }) => connection === options.source)
  const declared = new Set(tables.map(({ source }) => formatSource(source)))
  const failures: Failure[] = []
  const written: string[] = []
  for (const relation of relations) {
    if (declared.has(qualified(relation))) {
      process.stderr.write(`${qualified(relation)} has a script already\n`)
      continue
    }
    try {
      const script = await scriptName({ relation, source: options.source }, folder)
      await write(relation, script, folder, options)
      written.push(scriptPath(folder, script))
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof Failure)) throw error
      process.stderr.write(`${oneLine(error.message)}\n`)
      failures.push(error)
    }
  }
  adviseNext(written)
  return failures[0]?.exit ?? 0
}

/** Who has a legal name of its own keeps it; who needs another one comes after. */
function ownNamesFirst(relations: readonly Relation[]): Relation[] {
  const isLegal = ({ name }: Relation) => nearestLegalName(name) === name
  return [...relations.filter(isLegal), ...relations.filter((each) => !isLegal(each))]
}

async function showDifferences(table: Table, folder: string, options: InspectOptions): Promise<number> {
  const { due, optional } = await differences(table, options)
  if (due.length + optional.length === 0) {
    console.log(`${table.name}: no difference`)
    return 0
  }
  console.log([shown(scriptPath(folder, table.name)), ...due, ...optional].join('\n'))
  return due.length === 0 ? 0 : 3
}
