/** What goes of the notes that fan-outs have left: those of a load that is over, and those of machines that came too late. */
import { type Call, onlyWhen } from '../../aws/calls.ts'
import {
  deleteObjects,
  deleteObjectsCalls,
  findText,
  getTextCalls,
  type ListedObject,
  listCalls,
  listObjects,
} from '../../aws/objects.ts'
import { noteKey, noteOf, planKey, slicesFolder, tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'

interface Loads {
  readonly listed: readonly ListedObject[]
  readonly signal: AbortSignal
  /** Whether nobody works at this load any more. */
  isOver(load: string): boolean
}

/**
 * Whoever has a plan may be about to write notes, so those of a load whose plan is there stay until it is over. A plan is
 * there before the first note of its load: notes that were listed, of a load that none of the plans looked for
 * afterwards names, are those of a machine that went on when all was over.
 * @throws Failure as `awsFailure`
 */
export async function expireNotes(
  { aws, config: { bucket, prefix }, table }: TablePlace,
  { listed, signal, isOver }: Loads,
): Promise<void> {
  const folder = tableFolder(prefix, table)
  const named = ({ key }: ListedObject) => {
    const found = noteOf(key, folder)
    return found === undefined ? [] : [{ key, ...found }]
  }
  if (listed.flatMap(named).length === 0) return
  const now = await listObjects(aws, { bucket, prefix: slicesFolder(prefix, table), signal })
  const plans: { readonly key: string; readonly load: string | undefined }[] = []
  for (const each of now.flatMap(named)) {
    if (!('fanOut' in each)) continue
    const text = await findText(aws, { bucket, key: each.key, signal })
    if (text !== undefined) plans.push({ key: each.key, load: loadOf(text) })
  }
  const planned = new Set(plans.map(({ load }) => load))
  const notes = listed.flatMap(named).flatMap((each) => {
    return 'note' in each && (isOver(each.load) || !planned.has(each.load)) ? [each.key] : []
  })
  await deleteObjects(aws, { bucket, keys: notes, signal })
  const over = plans.flatMap(({ key, load }) => (load === undefined || isOver(load) ? [key] : []))
  await deleteObjects(aws, { bucket, keys: over, signal })
}

/** A plan that cannot be read as one is of no use to anybody. */
function loadOf(text: string): string | undefined {
  try {
    const load: unknown = Reflect.get(Object(JSON.parse(text)), 'load')
    return typeof load === 'string' ? load : undefined
  } catch {
    return undefined
  }
}

export function expireNotesCalls({ lake: { bucket, prefix }, table }: LoadNames): Call[] {
  const plan = planKey(prefix, table, '<fan-out>')
  return onlyWhen('a fan-out has left notes', [
    ...listCalls(bucket, slicesFolder(prefix, table)),
    ...getTextCalls(bucket, plan),
    ...deleteObjectsCalls(bucket, noteKey(prefix, table, { load: '<old load>', note: '<note>' })),
    ...deleteObjectsCalls(bucket, plan),
  ])
}
