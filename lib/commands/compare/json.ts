/** What a comparison has found, for machines. */
import type { Keys, Rows } from './answer.ts'
import type { Compared, Comparing, Measured } from './ask.ts'
import { type Facts, nameOf, usdOf } from './facts.ts'
import { measuresOf } from './measures.ts'
import type { ComparedPair } from './sql.ts'

/** What is said of a dry run too. */
export function factsJson({ table, load, comparing, matched, scanned }: Facts) {
  const { tables, key, tolerance } = comparing
  return {
    version: 1,
    command: 'compare',
    table,
    with: nameOf(tables.theirs),
    load: load.load,
    where: { ours: tables.ours.where ?? null, theirs: tables.theirs.where ?? null },
    tolerance: tolerance ?? null,
    key: key.map(columnJson),
    only_ours: matched.onlyOurs.map(({ name, type }) => ({ column: name, type })),
    only_theirs: matched.onlyTheirs.map(({ name, type }) => ({ column: name, type })),
    ignored: matched.ignored,
    not_comparable: matched.pairs.flatMap(({ ours, theirs, form }) =>
      form === undefined
        ? [{ column: ours.name, theirs: theirs.name, type: ours.type, their_type: theirs.type }]
        : [],
    ),
    bytes_scanned: scanned.reduce((sum, each) => sum + each, 0),
    estimated_usd: usdOf(scanned),
  }
}

function columnJson({ ours, theirs, form, told, hidden }: ComparedPair) {
  return {
    ...{ column: ours.name, theirs: theirs.name, type: ours.type, their_type: theirs.type },
    ...{ compared: form.how ?? null, told, hidden: hidden ?? null },
  }
}

function measuresJson(pair: ComparedPair, measured: Measured | undefined) {
  const entries = measuresOf(pair).map(({ name }, at) => [
    name,
    { ours: measured?.ours[at] ?? null, theirs: measured?.theirs[at] ?? null },
  ])
  return Object.fromEntries(entries)
}

function keysJson({ rows, without, repeated, repeatedRows, examples }: Keys) {
  return { rows, without_key: without, repeated_keys: repeated, rows_of_these: repeatedRows, examples }
}

function rowsJson({ both, onlyOurs, onlyTheirs, differing, onlyOursExamples, onlyTheirsExamples }: Rows) {
  return {
    ...{ same_key: both, differing },
    only_ours: { rows: onlyOurs, examples: onlyOursExamples },
    only_theirs: { rows: onlyTheirs, examples: onlyTheirsExamples },
  }
}

export interface Example {
  readonly key: readonly (string | null)[]
  readonly ours: string | null
  readonly theirs: string | null
}

/** The key is first where it is told; the values are last. */
export function exampleParts({ key }: Comparing, example: readonly (string | null)[]): Example {
  const told = key.every((each) => each.told) ? key.length : 0
  return { key: example.slice(0, told), ours: example[told] ?? null, theirs: example[told + 1] ?? null }
}

export function comparedJson({ comparing }: Pick<Facts, 'comparing'>, { keys, rows, measures }: Compared) {
  return {
    keys: { ours: keysJson(keys.ours), theirs: keysJson(keys.theirs) },
    rows: rows === undefined ? null : rowsJson(rows),
    columns: comparing.pairs.map((pair, at) => ({
      ...columnJson(pair),
      rows_differ: rows?.pairs[at]?.rows ?? null,
      measures: measuresJson(pair, measures[at]),
      examples: rows?.pairs[at]?.examples.map((each) => exampleParts(comparing, each)) ?? [],
    })),
  }
}
