/**
 * The one way a published table is changed, whoever changes it: read it, decide, and write what was decided in one call
 * that is guarded by the version that was read (Glue API, UpdateTable, `VersionId`); again when somebody else was quicker.
 */
import { CreateTableCommand, type Table, type TableInput, UpdateTableCommand } from '@aws-sdk/client-glue'
import type { Call } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import { awsFailure, tell } from '../aws/failure.ts'
import { findTable, named, readTableCalls, type TableName } from '../aws/glue.ts'
import { Failure } from '../failure/failure.ts'

export interface Edit<Outcome> {
  /** `publish` */
  readonly act: string
  /** What there is to say of the table as it is, if nothing is to be written to it or it has been written; else undefined. */
  settledBy(live: Table | undefined): Outcome | undefined | Promise<Outcome | undefined>
  /** What is to be there instead. @throws Failure that forbids it */
  replacementOf(live: Table | undefined): TableInput | Promise<TableInput>
  /** What there is to say once that was written. */
  written(live: Table | undefined): Outcome
  /** No answer came, and reading back did not settle it. @param reason a clause */
  unknown(reason: string, cause: unknown): Failure
}

/** How often somebody else may change the table between our reading and our writing. */
const mostConflicts = 8
const readBacks = 4

/**
 * Once sent, the call is never aborted: its answer, bounded by the clients' timeouts, is the surest knowledge there is.
 * After an error the table is read back. Settled: that is the outcome. Still the old: nothing was written if AWS answered
 * with a refusal. If no answer came, the call may yet be carried out after we looked (at most once, and only while
 * nobody else changes the table), so however often the old one is seen, the outcome is unknown.
 * @param signal heeded until the call is sent
 * @throws Failure as `unknown`, as `replacementOf`, as `awsFailure` when refused, (1) when the table never stops changing
 */
export async function editTable<Outcome>(
  aws: Aws,
  name: TableName,
  edit: Edit<Outcome>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { act } = edit
  const thing = `${name.database}.${name.table}`
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    if (signal.aborted) throw awsFailure(abortError(), act, thing)
    let live: Table | undefined
    try {
      live = await findTable(aws, { ...name, signal })
    } catch (error) {
      throw awsFailure(error, act, thing)
    }
    const settled = await edit.settledBy(live)
    if (settled !== undefined) return settled
    const replacement = await edit.replacementOf(live)
    try {
      await send(aws, name.database, replacement, live)
      return edit.written(live)
    } catch (error) {
      const outcome = await readBack(aws, name, edit, error)
      if (outcome !== undefined) return outcome
      if (!isConflict(error, live)) throw awsFailure(error, act, thing)
    }
    await Bun.sleep(Math.random() * 50 * conflicts)
  }
  const reason = `somebody else changed the table ${mostConflicts} times in the moment between reading and writing it`
  throw new Failure({ exit: 1, act, thing, reason, advice: 'Run it again.' })
}

/** @param making whether it may make the table too */
export function editTableCalls(name: TableName, making: boolean): Call[] {
  const on = { kind: 'table', ...name } as const
  return [
    ...readTableCalls(name),
    { call: making ? ['glue:CreateTable', 'glue:UpdateTable'] : 'glue:UpdateTable', on },
  ]
}

async function send(
  aws: Aws,
  DatabaseName: string,
  TableInput: TableInput,
  live: Table | undefined,
): Promise<void> {
  if (live === undefined) {
    await aws.glue.send(new CreateTableCommand({ DatabaseName, TableInput }))
    return
  }
  const { VersionId } = live
  // SkipArchive: no old version is kept, as an account may hold only so many.
  await aws.glue.send(new UpdateTableCommand({ DatabaseName, TableInput, VersionId, SkipArchive: true }))
}

/** undefined: the call was refused and the table is as it was. @throws Failure as `unknown` */
async function readBack<Outcome>(
  aws: Aws,
  name: TableName,
  edit: Edit<Outcome>,
  error: unknown,
): Promise<Outcome | undefined> {
  const refused = isRefusal(error)
  const { readBack: wait } = await aws.timings()
  let unreadable: unknown
  for (let attempt = 0; attempt < readBacks; attempt++) {
    if (attempt > 0) await Bun.sleep(wait * 2 ** (attempt - 1))
    try {
      const settled = await edit.settledBy(await findTable(aws, name))
      if (settled !== undefined || refused) return settled
      unreadable = undefined
    } catch (failed) {
      unreadable = failed
    }
  }
  const { message, name: errorName } = tell(error)
  const seen =
    unreadable === undefined
      ? 'the table is still the old one, but the call may yet be carried out'
      : 'the table cannot be read back'
  throw edit.unknown(`${message || errorName}, and ${seen}`, error)
}

/** AWS answered and said no: the call was not carried out, nor will it be. */
function isRefusal(error: unknown): boolean {
  const { status } = tell(error)
  return status !== undefined && status >= 400 && status < 500 && status !== 408
}

function isConflict(error: unknown, live: Table | undefined): boolean {
  return live === undefined
    ? named(error, 'AlreadyExistsException')
    : named(error, 'ConcurrentModificationException', 'EntityNotFoundException')
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
