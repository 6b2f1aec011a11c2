/** Which column of theirs is which of ours. */
import { describeNearest } from '../../declare/nearest.ts'
import { Failure } from '../../failure/failure.ts'
import { type AthenaType, type Form, formOf } from './form.ts'

export interface TableColumn extends AthenaType {
  readonly name: string
}

/** Two columns that are one. */
export interface Pair {
  readonly ours: TableColumn
  readonly theirs: TableColumn
  /** Undefined: values of their types cannot be compared. */
  readonly form: Form | undefined
}

export interface Matched {
  /** In the order of ours. */
  readonly pairs: readonly Pair[]
  readonly onlyOurs: readonly TableColumn[]
  readonly onlyTheirs: readonly TableColumn[]
  /** Names of columns of either that were not looked at. */
  readonly ignored: readonly string[]
}

export interface MatchOptions {
  /** Names of theirs, by ours. */
  readonly map: ReadonlyMap<string, string>
  /** Names of either. */
  readonly ignore: readonly string[]
}

/**
 * By the same name, else by the same letters and digits where no other column of either has them: `created_at` is
 * `createdat`.
 * @throws Failure (2) for a name that no column has, and where no column is in both
 */
export function matchColumns(
  ours: readonly TableColumn[],
  theirs: readonly TableColumn[],
  { map, ignore }: MatchOptions,
): Matched {
  const all = [...ours, ...theirs].map(({ name }) => name)
  for (const name of ignore) requireColumn('--ignore', name, all)
  for (const [own, other] of map) {
    requireColumn('--map', own, namesOf(ours))
    requireColumn('--map', other, namesOf(theirs))
  }
  const kept = (columns: readonly TableColumn[]) => columns.filter(({ name }) => !ignore.includes(name))
  const [left, right] = [kept(ours), kept(theirs)]
  const mapped = new Set(map.values())
  const free = right.filter(({ name }) => !mapped.has(name))
  const found = new Map<TableColumn, TableColumn>()
  const take = (own: TableColumn, other: TableColumn | undefined) => {
    if (other !== undefined) found.set(own, other)
  }
  for (const own of left) {
    const named = map.get(own.name)
    take(own, named === undefined ? free.find(({ name }) => name === own.name) : byName(right, named))
  }
  const rest = left.filter((own) => !found.has(own))
  const taken = new Set(found.values())
  for (const own of rest) {
    const alike = (columns: readonly TableColumn[]) =>
      columns.filter(({ name }) => letters(name) === letters(own.name))
    const candidates = alike(free.filter((each) => !taken.has(each)))
    const isClear = letters(own.name) !== '' && candidates.length === 1 && alike(rest).length === 1
    if (isClear) take(own, candidates[0])
  }
  if (found.size === 0) {
    throw new Failure({
      exit: 2,
      act: 'compare',
      thing: ours.map(({ name }) => name).join(', '),
      reason: `no column is in both: theirs are ${theirs.map(({ name }) => name).join(', ')}`,
      advice: 'Say which is which: --map ours=theirs.',
    })
  }
  const used = new Set(found.values())
  return {
    pairs: [...left].flatMap((own) => {
      const other = found.get(own)
      return other === undefined ? [] : [{ ours: own, theirs: other, form: formOf(own, other) }]
    }),
    onlyOurs: left.filter((own) => !found.has(own)),
    onlyTheirs: right.filter((each) => !used.has(each)),
    ignored: ignore,
  }
}

/** The pairs of the key, which can be compared. @throws Failure (2) for one that is not in both */
export function keyPairs(names: readonly string[], { pairs, onlyOurs }: Matched): Pair[] {
  return names.map((name) => {
    const pair = pairs.find(({ ours }) => ours.name === name)
    if (pair?.form !== undefined) return pair
    const known = pairs.map(({ ours }) => ours.name)
    const isOurs = onlyOurs.some((each) => each.name === name)
    throw new Failure({
      exit: 2,
      act: 'compare by the key',
      thing: name,
      reason: pair
        ? `it is ${pair.ours.type} in ours and ${pair.theirs.type} in theirs, which cannot be compared`
        : isOurs
          ? 'theirs has no such column'
          : `no column of both has that name${describeNearest(name, known)}`,
      advice: isOurs
        ? `Say which it is: --map ${name}=theirs, or take another --key.`
        : 'Take another --key.',
    })
  })
}

function requireColumn(flag: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  throw new Failure({
    exit: 2,
    act: 'compare with',
    thing: `${flag} ${name}`,
    reason: `no column has that name${describeNearest(name, known)}`,
    advice: 'Correct the name.',
  })
}

function namesOf(columns: readonly TableColumn[]): string[] {
  return columns.map(({ name }) => name)
}

function byName(columns: readonly TableColumn[], name: string): TableColumn | undefined {
  return columns.find((each) => each.name === name)
}

function letters(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '')
}
