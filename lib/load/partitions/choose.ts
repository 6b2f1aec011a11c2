/** Which partitions a load reads: all, those that somebody names, or those that are not what the load before left. */
import { codeBeside, codePart } from '../../declare/code-beside.ts'
import { type Recipe, recipeOf, storedParts } from '../../declare/recipe.ts'
import type { Table } from '../../declare/table.ts'
import type { Account } from '../../lake/account.ts'
import type { Increment } from '../../lake/facts.ts'
import {
  type CountedPartition,
  type CountOptions,
  changedPartitions,
  countPartitions,
} from '../../postgres/count-partitions.ts'
import { hasMeaning } from '../../postgres/session-settings.ts'
import { readMeaning } from '../../postgres/source-meaning.ts'
import { storedForm } from '../../postgres/stored-form.ts'
import type { LoadOptions } from '../options.ts'
import type { Leader } from '../steps/leader.ts'
import { askedCondition, askedRanges, isAsked } from './asked.ts'
import { type Known, knownBase, type PartitionBase, requireKnown } from './base.ts'
import { dirtyReason } from './dirty.ts'
import type { PartitionedBy } from './field.ts'
import type { PartitionPlan, PartitionReason } from './plan.ts'
import { conditionOf } from './slices.ts'

export interface ChooseOptions {
  readonly field: PartitionedBy
  readonly base: PartitionBase
  readonly options: Pick<LoadOptions, 'partitions' | 'full' | 'dryRun'>
  readonly snapshotAt: string
  /** Changes dated before have been read; undefined: a replica does not know. */
  readonly watermark: string | undefined
  /** The module that declares the table, absolute; undefined: it is unknown. */
  readonly script: string | undefined
}

interface Choosing extends ChooseOptions {
  readonly recipe: Recipe
}

export interface Choice extends Pick<PartitionPlan, 'which' | 'kept' | 'because' | 'increment'> {
  /** In the order in which their rows come, null last. */
  readonly partitions: readonly ChosenPartition[]
  /** Whether others may be in the source: only some were looked for. */
  readonly isLimited: boolean
  /** Whether every row of the source is to be read. */
  readonly isAll: boolean
  /** Values of those that are to go. */
  readonly gone: readonly (readonly (string | null)[])[]
}

export interface ChosenPartition extends CountedPartition {
  /** undefined: it stays as it is. */
  readonly reason: PartitionReason | undefined
}

/** To be called under the settings that the source is read under. @throws as `decidePartitions` */
export async function choosePartitions(table: Table, leader: Leader, given: ChooseOptions): Promise<Choice> {
  const { base, options } = given
  const { reader, source, identity } = leader
  const texts = [table.source.query, table.where].flatMap((text) => text ?? [])
  const meaning = hasMeaning(table, source) ? await readMeaning(reader, texts) : {}
  const stored = storedParts(await storedForm(reader, table, source))
  const code = given.script === undefined ? undefined : await codeBeside(table, given.script)
  const recipe = {
    ...{ ...recipeOf(table), ...meaning, ...stored },
    ...(code !== undefined && { [codePart]: code }),
  }
  const choosing = { ...given, recipe }
  const known = knownBase(table, base, { source: identity, recipe })
  if (options.partitions !== undefined) return chooseAsked(table, leader, options.partitions, known, choosing)
  if (table.incremental === undefined || options.full) return chooseAll(table, leader, null, choosing)
  if (typeof known === 'string') return chooseAll(table, leader, known, choosing)
  return chooseDirty(table, leader, known, choosing)
}

function countingOf(table: Table, { source, snapshot }: Leader, { field }: Choosing): CountOptions {
  const { serverVersion } = snapshot
  const keys = table.incremental !== undefined
  return { table, source, form: field.form, serverVersion, keys, since: undefined }
}

/** Every change is dated later. */
const unknownWatermark = '0001-01-01T00:00:00.000000Z'

async function chooseAll(
  table: Table,
  leader: Leader,
  because: string | null,
  choosing: Choosing,
): Promise<Choice> {
  const { snapshotAt, recipe, watermark = unknownWatermark } = choosing
  const counted = await countPartitions(leader.reader, countingOf(table, leader, choosing))
  return {
    partitions: counted.map((each) => ({ ...each, reason: 'all' })),
    ...{ which: 'all', kept: 0, because, isLimited: false, isAll: true, gone: [] },
    increment: { watermark, reconciledAt: snapshotAt, recipe },
  }
}

/** What others were when they were read stays as it was known: the watermark does not move. */
async function chooseAsked(
  table: Table,
  leader: Leader,
  text: string,
  known: Known | string,
  choosing: Choosing,
): Promise<Choice> {
  const { field, options, recipe } = choosing
  const ranges = askedRanges(table, field, text)
  const base = options.dryRun && typeof known === 'string' ? undefined : requireKnown(table, known)
  const part = askedCondition(field, ranges)
  const counted = await countPartitions(leader.reader, { ...countingOf(table, leader, choosing), part })
  const gone = goneFrom(base, counted, field).filter(([value]) => {
    const found = value === null ? null : field.valueOf(value ?? '')
    return found !== undefined && isAsked(ranges, found)
  })
  return {
    partitions: counted.map((each) => ({ ...each, reason: 'asked' })),
    ...{ which: 'these', isLimited: true, isAll: false, gone, because: null },
    kept: base === undefined ? null : base.partitions.length - gone.length - knownAmong(base, counted, field),
    // What is new in the recipe is so in what this load reads; what is the same, everywhere.
    increment:
      base === undefined ? null : { ...base.increment, recipe: { ...base.increment.recipe, ...recipe } },
  }
}

async function chooseDirty(table: Table, leader: Leader, base: Known, choosing: Choosing): Promise<Choice> {
  const { field, snapshotAt, recipe } = choosing
  const { watermark, reconciledAt } = base.increment
  const isDue = isReconciled(table, reconciledAt, snapshotAt)
  const counting = { ...countingOf(table, leader, choosing), since: watermark }
  const counted = isDue
    ? await countPartitions(leader.reader, counting)
    : await countChanged(leader, counting)
  const before = byText(base)
  const partitions = counted.map((each): ChosenPartition => {
    const known = before.get(textKey(field.textOf(each.value)))
    return { ...each, reason: isDue ? dirtyReason(each, known) : known === undefined ? 'new' : 'changed' }
  })
  const gone = isDue ? goneFrom(base, counted, field) : []
  const wanted = partitions.filter(({ reason }) => reason !== undefined)
  const replaced = gone.length + knownAmong(base, wanted, field)
  const increment: Increment = {
    watermark: choosing.watermark ?? watermark,
    reconciledAt: isDue ? snapshotAt : reconciledAt,
    recipe,
  }
  return {
    ...{ partitions, gone, increment, which: 'these', because: null },
    ...{ kept: base.partitions.length - replaced, isLimited: !isDue },
    isAll: isDue && wanted.length === partitions.length,
  }
}

/** Whether it is time to compare all keys. */
function isReconciled({ incremental }: Table, reconciledAt: string, now: string): boolean {
  const reconcile = incremental?.reconcile ?? 'always'
  return reconcile === 'always' || Date.parse(now) - Date.parse(reconciledAt) >= reconcile.everyMs
}

/** Those with a change alone, with the rows that they have now. */
async function countChanged(
  { reader }: Leader,
  counting: CountOptions & { readonly since: string },
): Promise<readonly CountedPartition[]> {
  const values = await changedPartitions(reader, counting)
  if (values.length === 0) return []
  const part = conditionOf(
    counting.form,
    values.map((value, at) => ({ value, place: at * 2 })),
  )
  return countPartitions(reader, { ...counting, part, since: undefined })
}

function goneFrom(
  base: Account | undefined,
  counted: readonly CountedPartition[],
  field: PartitionedBy,
): (readonly (string | null)[])[] {
  const found = new Set(counted.map(({ value }) => textKey(field.textOf(value))))
  return (base?.partitions ?? []).flatMap(({ values }) => (found.has(textKey(values[0])) ? [] : [values]))
}

function knownAmong(base: Account, counted: readonly CountedPartition[], field: PartitionedBy): number {
  const before = byText(base)
  return counted.filter(({ value }) => before.has(textKey(field.textOf(value)))).length
}

function byText({ partitions }: Account) {
  return new Map(partitions.map((each) => [textKey(each.values[0]), each]))
}

/** The text `null` is another value than null. */
function textKey(text: string | null | undefined): string {
  return JSON.stringify(text ?? null)
}
