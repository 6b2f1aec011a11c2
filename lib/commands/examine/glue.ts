/** Glue: its databases, a table that is staged and dropped, and a crawler that the role is given to. */

import {
  CreateCrawlerCommand,
  type CreateCrawlerCommandInput,
  type Database,
  DeleteCrawlerCommand,
  GetDatabaseCommand,
} from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { findCrawler } from '../../aws/crawler-definition.ts'
import { awsFailure } from '../../aws/failure.ts'
import { columnsOf, findTable, named, readTableCalls } from '../../aws/glue.ts'
import type { LakeConfig } from '../../config/config.ts'
import { commandLine } from '../../failure/command-line.ts'
import { Failure } from '../../failure/failure.ts'
import { crawlerName, loadFolder, stagedName } from '../../lake/layout.ts'
import { newLoadId } from '../../lake/load-id.ts'
import { createStaged, createStagedCalls, dropStaged, dropStagedCalls } from '../../lake/staged-tables.ts'
import { type Finding, findingOf, missing, ok } from './finding.ts'

/** No script has this name, so nothing of a load has it. */
const probe = '_doctor'

export async function examineGlue(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding[]> {
  const { glueDatabase, stagingDatabase } = lake
  const find = (check: string, work: () => Promise<string | Finding>) => findingOf(check, signal, work)
  let staging: Database | undefined
  const findings = [
    await find('glue database', async () => {
      const found = await findDatabase(aws, glueDatabase, signal)
      await refusesNothing(aws, { database: glueDatabase, table: probe, signal })
      return linked('glue database', found) ?? described(glueDatabase, found)
    }),
    await find('glue staging', async () => {
      staging = await findDatabase(aws, stagingDatabase, signal)
      const link = linked('glue staging', staging)
      if (link !== undefined || staging === undefined) return link ?? described(stagingDatabase, staging)
      return (await stageAndDrop(aws, lake, signal)) ?? described(stagingDatabase, staging)
    }),
  ]
  findings.push(await find('crawler role', () => examineRole(aws, lake, signal)))
  return findings
}

async function findDatabase(aws: Aws, name: string, signal: AbortSignal): Promise<Database | undefined> {
  try {
    const answer = await aws.glue.send(new GetDatabaseCommand({ Name: name }), { abortSignal: signal })
    return answer.Database
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return undefined
    throw awsFailure(error, 'read the Glue database', name)
  }
}

function described(name: string, database: Database | undefined): string {
  if (database === undefined) return `${name} is not there yet; the first load makes it`
  return database.CatalogId === undefined ? name : `${name} in account ${database.CatalogId}`
}

async function refusesNothing(aws: Aws, table: Parameters<typeof findTable>[1]): Promise<void> {
  try {
    await findTable(aws, table)
  } catch (error) {
    throw awsFailure(error, 'read a table of', table.database)
  }
}

/** A link has no tables of its own to make (Glue API, Database, `TargetDatabase`). */
function linked(check: string, database: Database | undefined): Finding | undefined {
  const { Name, TargetDatabase, FederatedDatabase } = database ?? {}
  if (TargetDatabase === undefined && FederatedDatabase === undefined) return undefined
  return missing(check, `${Name} only links to tables that are elsewhere`, 'Name a database of this catalog.')
}

/** @returns what is wrong; undefined: the staged table was there as it was made, and is gone */
async function stageAndDrop(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding | undefined> {
  const load = newLoadId()
  const staged = { database: lake.stagingDatabase, name: stagedName(probe, load) }
  const location = `s3://${lake.bucket}/${loadFolder(lake.prefix, probe, load)}`
  const read = async () => {
    try {
      return await findTable(aws, { database: staged.database, table: staged.name, signal })
    } catch (error) {
      throw awsFailure(error, 'read the table', `${staged.database}.${staged.name}`)
    }
  }
  await createStaged(aws, { ...staged, location, columns: [{ name: 'probe', type: 'int' }], signal })
  let made: Awaited<ReturnType<typeof read>>
  try {
    made = await read()
  } finally {
    await dropStaged(aws, { ...staged, signal: AbortSignal.timeout(10_000) })
  }
  const fix = 'See what stands between, or use an endpoint that keeps what it is given.'
  if (made?.StorageDescriptor?.Location !== location || columnsOf(made)[0]?.type !== 'int') {
    return missing('glue staging', 'a table reads back otherwise than it was made', fix)
  }
  if ((await read()) === undefined) return undefined
  return missing('glue staging', `${staged.name} is still there after it was dropped`, fix)
}

/** IAM Identifiers, "IAM ARNs". */
const roleArn = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/
const roleName = /^[\w+=,.@/-]{1,512}$/

/** Only Glue itself knows whether it may be given the role and assume it: it says so when a crawler is made. */
async function examineRole(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding> {
  const check = 'crawler role'
  const { crawlerRole: role, glueDatabase, stagingDatabase, bucket, prefix } = lake
  if (role === undefined) return ok(check, 'none: nothing is crawled')
  if (!roleArn.test(role) && (role.startsWith('arn:') || !roleName.test(role))) {
    return missing(
      check,
      `"${role}" is no role`,
      'Write arn:aws:iam::<account>:role/<name>, or the name alone.',
    )
  }
  const name = crawlerName(glueDatabase, probe)
  const definition: CreateCrawlerCommandInput = {
    Name: name,
    Role: role,
    DatabaseName: stagingDatabase,
    TablePrefix: stagedName(probe, ''),
    Targets: { S3Targets: [{ Path: `s3://${bucket}/${loadFolder(prefix, probe, 'none')}` }] },
  }
  try {
    // One that a killed doctor has left would be in the way.
    if ((await findCrawler(aws, name, signal)) !== undefined) await remove(aws, name)
    await aws.glue.send(new CreateCrawlerCommand(definition), { abortSignal: signal })
  } catch (error) {
    const failure = awsFailure(error, 'give a crawler the role', role)
    if (!named(error, 'InvalidInputException')) throw failure
    const advice = `Let Glue assume it: ${commandLine('policies crawler-trust')} prints the trust policy of the role.`
    throw new Failure({ ...failure.detail, exit: 2, advice, cause: error })
  }
  let given: string | undefined
  try {
    given = (await findCrawler(aws, name, signal))?.Role
  } catch (error) {
    throw awsFailure(error, 'read the crawler', name)
  } finally {
    await remove(aws, name).catch((error: unknown) => {
      throw awsFailure(error, 'delete the crawler', name)
    })
  }
  // Glue may tell an ARN where it was given a name, and the other way round.
  if (given?.split('/').at(-1) === role.split('/').at(-1))
    return ok(check, `${role}: Glue takes it for a crawler`)
  const fix = 'See what stands between, or use an endpoint that keeps what it is given.'
  return missing(check, `a crawler was made with the role ${given ?? 'of nobody'}, not with ${role}`, fix)
}

async function remove(aws: Aws, name: string): Promise<void> {
  await aws.glue.send(new DeleteCrawlerCommand({ Name: name }), { abortSignal: AbortSignal.timeout(10_000) })
}

export function examineGlueCalls({ glueDatabase, stagingDatabase, crawlerRole: role }: LakeConfig): Call[] {
  const staged = { database: stagingDatabase, table: stagedName(probe, '<load>') }
  const crawler = { kind: 'crawler', name: crawlerName(glueDatabase, probe) } as const
  return [
    ...[glueDatabase, stagingDatabase].map(
      (database): Call => ({ call: 'glue:GetDatabase', on: { kind: 'database', database } }),
    ),
    ...readTableCalls({ database: glueDatabase, table: probe }),
    ...createStagedCalls(staged),
    ...dropStagedCalls(staged),
    ...(role === undefined
      ? []
      : ([
          { call: 'glue:GetCrawler', on: crawler },
          { call: 'glue:CreateCrawler', on: crawler },
          { call: 'iam:PassRole', on: { kind: 'role', name: role }, by: 'glue' },
          { call: 'glue:DeleteCrawler', on: crawler },
        ] satisfies Call[])),
  ]
}
