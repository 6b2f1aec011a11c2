/** What a comparison has found, for people. */
import { textTable } from '../../cli/text-table.ts'
import type { Compared } from './ask.ts'
import { type Facts, nameOf, several } from './facts.ts'
import { exampleParts } from './json.ts'
import type { TableColumn } from './match.ts'
import { measuresOf } from './measures.ts'
import { apart, shown, visible } from './shown.ts'
import type { ComparedPair } from './sql.ts'

export function heading({ load, comparing: { tables, tolerance } }: Facts, verdict: string): string {
  const where = (['ours', 'theirs'] as const).flatMap((side) =>
    tables[side].where === undefined ? [] : `${side} where ${tables[side].where}`,
  )
  return [
    verdict,
    ...[
      `ours is ${nameOf(tables.ours)}, load ${load.load} of ${load.snapshotAt.slice(0, 19).replace('T', ' ')}Z`,
    ],
    ...where,
    ...(tolerance === undefined ? [] : [`numbers that differ by no more than ${tolerance} are the same`]),
  ].join('\n')
}

export function screenOfColumns({ comparing, matched }: Facts, compared: Compared | undefined): string {
  const keys = comparing.key.map((pair) => [...cellsOf(pair), compared === undefined ? '' : 'the key'])
  const pairs = comparing.pairs.map((pair, at) => {
    const rows = compared?.rows?.pairs[at]?.rows
    return [...cellsOf(pair), rows === undefined ? '' : rows.toLocaleString('en')]
  })
  const lonely = matched.pairs.flatMap(({ ours, theirs, form }) =>
    form === undefined ? [[ours.name, ours.type, typeIn(ours, theirs), 'not at all', '']] : [],
  )
  const one = [
    ...matched.onlyOurs.map(({ name, type }) => [name, type, '–', 'not at all', '']),
    ...matched.onlyTheirs.map(({ name, type }) => [visible(name), '–', type, 'not at all', '']),
  ]
  const head = ['column', 'ours', 'theirs', 'compared', compared === undefined ? '' : 'rows differ']
  return textTable([head, ...keys, ...pairs, ...lonely, ...one], [4])
}

function cellsOf({ ours, theirs, form, told, hidden }: ComparedPair): string[] {
  const how = [form.how ?? 'as it is', ...(hidden === undefined ? [] : [`${hidden} in ours`])]
  return [
    visible(ours.name),
    ours.type,
    typeIn(ours, theirs),
    [...how, ...(told ? [] : ['not shown'])].join(', '),
  ]
}

function typeIn(ours: TableColumn, theirs: TableColumn): string {
  return ours.name === theirs.name ? theirs.type : `${visible(theirs.name)} ${theirs.type}`
}

/** Rows, and of each column what the two do not have alike. */
export function screenOfMeasures({ comparing }: Facts, { keys, rows, measures }: Compared): string {
  const counts: [string, number, number][] = [['rows', keys.ours.rows, keys.theirs.rows]]
  if (keys.ours.without + keys.theirs.without > 0)
    counts.push(['rows without a whole key', keys.ours.without, keys.theirs.without])
  if (keys.ours.repeated + keys.theirs.repeated > 0)
    counts.push(['keys of several rows', keys.ours.repeated, keys.theirs.repeated])
  if (rows !== undefined) counts.push(['rows that the other does not have', rows.onlyOurs, rows.onlyTheirs])
  const others = comparing.pairs.flatMap((pair, at) =>
    measuresOf(pair).flatMap(({ name }, which) => {
      const [own, other] = [measures[at]?.ours[which] ?? null, measures[at]?.theirs[which] ?? null]
      return own === other
        ? []
        : [[`${pair.ours.name}, ${name === 'values' ? 'not null' : name}`, shown(own), shown(other)]]
    }),
  )
  const cells = counts.map(([name, own, other]) => [
    name,
    own.toLocaleString('en'),
    other.toLocaleString('en'),
  ])
  return textTable([['', 'ours', 'theirs'], ...cells, ...others], [1, 2])
}

export function screenOfExamples({ comparing }: Facts, { keys, rows }: Compared): string[] {
  const told = comparing.pairs.filter((each) => each.told)
  const key = (comparing.key.length === 0 ? told : comparing.key).map(({ ours }) => ours.name).join(', ')
  const list = (title: string, examples: readonly (readonly (string | null)[])[]) =>
    examples.length === 0
      ? []
      : [`${title}\n${textTable(examples.map((each) => [each.map(shown).join(', ')]))}`]
  return [
    ...list(`keys of several rows in ours (${key})`, keys.ours.examples),
    ...list(`keys of several rows in theirs (${key})`, keys.theirs.examples),
    ...list(`only in ours (${key})`, rows?.onlyOursExamples ?? []),
    ...list(`only in theirs (${key})`, rows?.onlyTheirsExamples ?? []),
    ...comparing.pairs.flatMap((pair, at) => {
      const found = rows?.pairs[at]
      if (found === undefined || found.examples.length === 0) return []
      const head = [key, ...(pair.told ? ['ours', 'theirs'] : [])]
      const cells = found.examples.map((each) => {
        const { key: values, ours, theirs } = exampleParts(comparing, each)
        return [values.map(shown).join(', '), ...(pair.told ? apart(ours, theirs) : [])]
      })
      return [`${pair.ours.name}, in ${several(found.rows, 'row')}\n${textTable([head, ...cells])}`]
    }),
  ]
}
