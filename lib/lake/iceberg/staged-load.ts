/**
 * A load as it is staged: on top of the version of the table that was there, and again where another came meanwhile. What
 * is published is what was audited.
 */
import { Failure } from '../../failure/failure.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import { fieldIdsOf } from '../../iceberg/schema.ts'
import type { Account } from '../account.ts'
import type { LoadFacts } from '../facts.ts'
import { requireKeepable } from '../keeping.ts'
import type { Counted } from '../lake.ts'
import { stagedName } from '../layout.ts'
import type { Published } from '../published.ts'
import { accountWith, keyOf } from './account.ts'
import { auditStaged } from './audit.ts'
import type { Base } from './base.ts'
import { type Declared, declaredOn, type IcebergLoad, requireSameIds } from './load.ts'
import { requireAudited } from './require-audited.ts'
import { type LoadSnapshot, snapshotOn } from './snapshot.ts'
import { stageSnapshot } from './stage.ts'

export interface StagedLoad {
  stage(on: Base, facts: LoadFacts): Promise<AccountedSnapshot>
  /** What Athena reads in what was staged last. */
  count(): Promise<Counted>
  /** The load on top of what is there now, staged and audited anew where it is not that yet. @throws Failure (4) as the audit does */
  audited(on: Base, facts: LoadFacts): Promise<AccountedSnapshot>
}

/** A load's snapshot, with the account of the table as it is with it. */
export interface AccountedSnapshot extends LoadSnapshot {
  readonly account: Account
}

export interface StagedLoadOptions {
  /** What the load was opened on. */
  readonly base: Base
  /** What the script makes of that. */
  readonly declared: Declared
  /** Learns of each key before it is written. */
  readonly onKey: (key: string) => void
}

export function createStagedLoad(
  load: IcebergLoad,
  { base, declared, onKey }: StagedLoadOptions,
): StagedLoad {
  const fieldIds = fieldIdsOf(currentSchema(declared.metadata))
  const name = stagedName(load.table, load.load)
  let staged: AccountedSnapshot | undefined
  let isAudited = false

  async function stage(on: Base, facts: LoadFacts): Promise<AccountedSnapshot> {
    const isOther = on.version?.file !== base.version?.file
    const { metadata, keeping } = isOther ? declaredOn(load, on.version) : declared
    if (facts.partitions?.which === 'these') requireKeepable(load.table, keeping)
    requireSameIds(load.table, metadata, fieldIds)
    const account = await accountOn(on, facts)
    const snapshot = { ...(await snapshotOn(on.version, metadata, load, { facts, account })), account }
    const again = staged !== undefined
    isAudited = false
    staged = undefined
    await stageSnapshot(load, { metadata: snapshot.metadata, objects: snapshot.objects, again, onKey })
    staged = snapshot
    return snapshot
  }

  async function count(): Promise<Counted> {
    if (staged === undefined) throw new Error('Nothing is staged.')
    const { account, partitions } = staged
    const kept = partitions === 'all' ? undefined : account
    const counted = await auditStaged(load, name, { ...staged, ownFiles: true, kept }, load.signal)
    const written = staged.files.reduce((sum, { rows }) => sum + rows, 0)
    isAudited = counted.rows === written && counted.differences.length === 0
    return counted
  }

  /** What it does not replace is accounted for by the load that it is made on. */
  async function accountOn(on: Base, facts: LoadFacts): Promise<Account> {
    if (facts.partitions?.which !== 'these') return accountWith(load.table, facts, undefined)
    const now = await accountOf(load, on.published)
    if (loadOf(on.published) !== loadOf(base.published)) {
      requireNothingMissed(load.table, facts, await accountOf(load, base.published), now)
    }
    return accountWith(load.table, facts, now)
  }

  return {
    stage,
    count,
    async audited(on, facts) {
      const isSame = staged !== undefined && staged.version?.file === on.version?.file
      if (staged !== undefined && isSame && isAudited) return staged
      const snapshot = isSame ? staged! : await stage(on, facts)
      requireAudited(load.table, facts.rows, await count())
      return snapshot
    },
  }
}

function loadOf(published: Published): string | undefined {
  return published.kind === 'managed' ? published.load : undefined
}

async function accountOf(load: IcebergLoad, published: Published): Promise<Account | undefined> {
  const of = loadOf(published)
  return of === undefined ? undefined : load.readAccount(of, load.signal)
}

/**
 * What another load read meanwhile of partitions that this one keeps, it has not looked at: it may be older than this
 * one's snapshot.
 * @throws Failure (1) where there is such a partition
 */
function requireNothingMissed(
  table: string,
  { partitions }: LoadFacts,
  before: Account | undefined,
  now: Account | undefined,
): void {
  const replaced = new Set(partitions?.list.map(keyOf))
  const known = new Map(before?.partitions.map((each) => [keyOf(each), each.load]))
  const missed = now?.partitions.find(
    (each) => !replaced.has(keyOf(each)) && known.get(keyOf(each)) !== each.load,
  )
  const gone = [...known.keys()].find(
    (key) => !replaced.has(key) && now?.partitions.every((each) => keyOf(each) !== key) !== false,
  )
  if (before !== undefined && now !== undefined && missed === undefined && gone === undefined) return
  throw new Failure({
    exit: 1,
    act: 'publish',
    thing: table,
    reason: `another load${now === undefined ? '' : `, ${now.load},`} was published meanwhile, and has read partitions that this one keeps`,
    advice: 'Run it again.',
  })
}
