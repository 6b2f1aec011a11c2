#!/usr/bin/env bun
/** `bun run policies`: the least that AWS and Postgres have to allow, filled in from the environment. */
import { Argument, Command } from 'commander'
import { awsFailure } from '../aws/failure.ts'
import { runCommand } from '../cli/command.ts'
import { oneLine } from '../cli/reported-failure.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { sourceFlag } from '../cli/source-flag.ts'
import { findDatabase, findTokenUsers, type LakeConfig, readLake, readNotify } from '../config/config.ts'
import { findTables } from '../declare/find-tables.ts'
import type { Table } from '../declare/table.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { connectLake } from '../lake/connect.ts'
import crawlerRole from '../policies/crawler-role.json' with { type: 'json' }
import crawlerTrust from '../policies/crawler-trust.json' with { type: 'json' }
import { allCalls, type EncryptedTopic } from './policies/calls.ts'
import { fillPolicy, type Policy, unfilledIn } from './policies/fill.ts'
import { iamPolicy } from './policies/iam.ts'
import { postgresRole } from './policies/postgres-role.ts'
import { readObjections, refuseObjections, requireRoleName } from './policies/role-name.ts'

const documents = {
  iam: (lake, topic) => iamPolicy(lake, allCalls(lake, topic)),
  'crawler-role': () => crawlerRole,
  'crawler-trust': () => crawlerTrust,
} as const satisfies Readonly<Record<string, (lake: LakeConfig, topic: EncryptedTopic | undefined) => Policy>>

const command = withScripts(new Command(commandLine('policies')))
  .description(
    'Prints what the environment of loads and checks has to be allowed, and no more:\n' +
      '  iam            policy of the identity they run as\n' +
      '  crawler-role   policy of DRACULA_CRAWLER_ROLE\n' +
      '  crawler-trust  who may assume that role\n' +
      '  postgres-role  SQL for the role they read as',
  )
  .addArgument(new Argument('<which>', 'what to print').choices([...Object.keys(documents), 'postgres-role']))
  .option('--account <id>', "the account; without it that of DRACULA_CRAWLER_ROLE's ARN")
  .option(
    '--database-resource <id>',
    'of an RDS instance, db-…, where DRACULA_DATABASE_AUTH is rds-iam; billing=db-… where DRACULA_DATABASE_AUTH_BILLING is',
    instances,
  )
  .option(
    '--topic-key <key>',
    'id, alias or ARN of the KMS key that the topic of DRACULA_SNS_TOPIC is encrypted with, where one of yours is',
  )
  .option('--role <name>', 'the Postgres role to print for; one of its own, which need not be there yet')
  .addOption(
    sourceFlag('of postgres-role: for the scripts of this source, as billing; without it for those of none'),
  )
  .addHelpText('after', '\nExit codes: 0 printed; 2 wrong flags or environment; 3 a script that is broken.')

interface Flags {
  readonly account?: string
  readonly databaseResource?: Instances
  readonly topicKey?: string
  readonly role?: string
  readonly source?: string
}

/** Resource ids by the names of their sources. */
type Instances = ReadonlyMap<string | undefined, string>

function instances(text: string, before: Instances = new Map()): Instances {
  const [, source, id] = /^(?:([^=]*)=)?(.*)$/.exec(text) ?? []
  return new Map([...before, [source, id ?? '']])
}

await runCommand(command, async (signal) => {
  const { account, databaseResource, topicKey, role, source } = command.opts<Flags>()
  const which = command.args[0] as keyof typeof documents | 'postgres-role'
  if (which === 'postgres-role') {
    if (role === undefined)
      return command.error('error: postgres-role needs --role, the name of a role of its own')
    const name = requireRoleName(role)
    const tables = tablesOf(source, await findTables([]))
    refuseObjections(name, (await lookAt(name, source, signal)) ?? [])
    process.stdout.write(await postgresRole(name, tables))
    return 0
  }
  if (source !== undefined) return command.error('error: --source is of postgres-role alone')
  const told = which === 'iam' ? readNotify().topic : undefined
  if (topicKey !== undefined && told === undefined)
    return command.error('error: --topic-key is of iam, and of a topic that DRACULA_SNS_TOPIC names')
  const topic = told && { arn: told.arn, key: topicKey }
  const given = { lake: readLake(), region: await readRegion(), account, topic }
  const tokens = findTokenUsers().map(({ source, user }) => ({
    user,
    instance: databaseResource?.get(source),
  }))
  const text = JSON.stringify(
    fillPolicy(documents[which](given.lake, topic), { ...given, tokens }),
    undefined,
    2,
  )
  process.stdout.write(`${text}\n`)
  const unfilled = unfilledIn(text)
  if (unfilled.length > 0) process.stderr.write(`Still to be filled in: ${unfilled.join(', ')}\n`)
  return 0
})

/**
 * The tables that are read of one source.
 * @throws Failure (2) for one that no script has, whose role would be granted nothing
 */
function tablesOf(source: string | undefined, all: readonly Table[]): Table[] {
  const tables = all.filter(({ connection }) => connection === source)
  if (tables.length > 0 || (source === undefined && all.length === 0)) return tables
  const known = new Set(
    all.map(({ connection }) => (connection === undefined ? 'none' : `--source ${connection}`)),
  )
  throw new Failure({
    exit: 2,
    act: 'print what is read of the source',
    thing: source ?? 'DATABASE_URL',
    reason: source === undefined ? 'every script has a source with a name' : 'no script has it',
    advice: `Scripts have: ${new Intl.ListFormat('en-GB').format([...known].toSorted())}.`,
  })
}

/** Undefined: there is no database to ask, or it cannot be asked, which is told. */
async function lookAt(
  role: string,
  source: string | undefined,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const database = findDatabase(source)
  if (database === undefined) return undefined
  try {
    return await readObjections(database, role, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure)) throw error
    process.stderr.write(`${oneLine(error.summary)}; the SQL itself asks about the role before it grants.\n`)
    return undefined
  }
}

/** Finds the region by the SDK's own rules, as everything else does. */
async function readRegion(): Promise<string> {
  const aws = connectLake()
  try {
    return await aws.glue.config.region()
  } catch (error) {
    throw awsFailure(error, 'fill in', 'the region')
  } finally {
    aws.close()
  }
}
