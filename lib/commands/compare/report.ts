/** What a comparison has found, for people and for machines. */
import type { Report } from '../../cli/report.ts'
import { formatSize } from '../../cli/size.ts'
import { textTable } from '../../cli/text-table.ts'
import { estimatedUsd } from '../../load/cost.ts'
import type { Compared, Comparing, Keys, Measured, queriesOf, Rows } from './ask.ts'
import type { OurTable } from './find.ts'
import type { Matched, TableColumn } from './match.ts'
import { type ComparedPair, measuresOf, mostLetters, type SideTable } from './queries.ts'

export interface Facts {
  readonly table: string
  readonly load: OurTable
  readonly comparing: Comparing
  readonly matched: Matched
  /** Bytes, by query. */
  readonly scanned: readonly number[]
}

/** What a dry run tells: the queries that would be asked. */
export function plannedReport(facts: Facts, queries: ReturnType<typeof queriesOf>): Report {
  const list = [
    queries.measures.ours,
    queries.measures.theirs,
    queries.keys.ours,
    queries.keys.theirs,
    queries.rows,
  ]
  return {
    exit: 0,
    json: { ...jsonOf(facts), ok: true, dry_run: true, queries: list },
    text: [screenOfColumns(facts, undefined), ...list.map((sql) => `${sql};`)].join('\n\n'),
  }
}

export function comparedReport(facts: Facts, compared: Compared): Report {
  const { table, comparing, matched, scanned } = facts
  const reasons = differencesIn(facts, compared)
  const equal = reasons.length === 0
  const { ours, theirs } = compared.keys
  const json = {
    ...jsonOf(facts),
    ok: equal,
    equal,
    differences: reasons,
    keys: { ours: keysJson(ours), theirs: keysJson(theirs) },
    rows: compared.rows === undefined ? null : rowsJson(compared.rows),
    columns: comparing.pairs.map((pair, at) => ({
      ...columnJson(pair),
      rows_differ: compared.rows?.pairs[at]?.rows ?? null,
      measures: measuresJson(pair, compared.measures[at]),
      examples: compared.rows?.pairs[at]?.examples.map((each) => exampleJson(comparing, each)) ?? [],
    })),
  }
  const bytes = scanned.reduce((sum, each) => sum + each, 0)
  const cost = `${formatSize(bytes)} scanned, about $${usdOf(scanned)}`
  const names = `${table} and ${nameOf(comparing.tables.theirs)}`
  const but = matched.ignored.length === 0 ? '' : `, but for what was left out: ${matched.ignored.join(', ')}`
  const verdict = equal ? `${names} are the same${but}` : `${names} differ: ${reasons.join('; ')}`
  return {
    exit: equal ? 0 : 4,
    json,
    text: [
      heading(facts, verdict),
      screenOfColumns(facts, compared),
      screenOfMeasures(facts, compared),
      ...screenOfExamples(facts, compared),
      `${scanned.length} queries, ${cost}`,
    ]
      .filter((each) => each !== '')
      .join('\n\n'),
    line: `compare: ${verdict} · ${cost}`,
    fields: { table },
  }
}

/** Each a clause; none: both are the same. */
function differencesIn({ matched }: Facts, { keys, rows }: Compared): string[] {
  const clauses: (string | false)[] = [
    ...(['ours', 'theirs'] as const).flatMap((side) => [
      keys[side].repeated > 0 &&
        `${several(keys[side].repeated, 'key')} of ${side} ${keys[side].repeated === 1 ? 'is that' : 'are those'} of several rows, so rows were not compared`,
      keys[side].without > 0 &&
        `${several(keys[side].without, 'row')} of ${side} ${keys[side].without === 1 ? 'has' : 'have'} no whole key`,
    ]),
    rows !== undefined && rows.onlyOurs > 0 && `${several(rows.onlyOurs, 'row')} only in ours`,
    rows !== undefined && rows.onlyTheirs > 0 && `${several(rows.onlyTheirs, 'row')} only in theirs`,
    rows !== undefined &&
      rows.differing > 0 &&
      `${several(rows.differing, 'row')} of the same key with other values`,
    matched.onlyOurs.length > 0 && `columns only in ours: ${namesIn(matched.onlyOurs)}`,
    matched.onlyTheirs.length > 0 && `columns only in theirs: ${namesIn(matched.onlyTheirs)}`,
    ...matched.pairs.map(
      ({ ours, theirs, form }) =>
        form === undefined && `${ours.name} cannot be compared: ${ours.type} and ${theirs.type}`,
    ),
  ]
  return clauses.filter((each) => each !== false)
}

function heading({ load, comparing: { tables, tolerance } }: Facts, verdict: string): string {
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

function screenOfColumns({ comparing, matched }: Facts, compared: Compared | undefined): string {
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

function cellsOf({ ours, theirs, form, told }: ComparedPair): string[] {
  return [
    visible(ours.name),
    ours.type,
    typeIn(ours, theirs),
    `${form.how ?? 'as it is'}${told ? '' : ', not shown'}`,
  ]
}

function typeIn(ours: TableColumn, theirs: TableColumn): string {
  return ours.name === theirs.name ? theirs.type : `${visible(theirs.name)} ${theirs.type}`
}

/** Rows, and of each column what the two do not have alike. */
function screenOfMeasures({ comparing }: Facts, { keys, rows, measures }: Compared): string {
  const counts: [string, number, number][] = [['rows', keys.ours.rows, keys.theirs.rows]]
  if (keys.ours.without + keys.theirs.without > 0)
    counts.push(['rows without a whole key', keys.ours.without, keys.theirs.without])
  if (keys.ours.repeated + keys.theirs.repeated > 0)
    counts.push(['keys of several rows', keys.ours.repeated, keys.theirs.repeated])
  if (rows !== undefined) counts.push(['rows of which the other has no key', rows.onlyOurs, rows.onlyTheirs])
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

function screenOfExamples({ comparing }: Facts, { keys, rows }: Compared): string[] {
  const key = comparing.key.map(({ ours }) => ours.name).join(', ')
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

/** The two texts, so that it is seen in what they differ: what looks alike is spelled out, and some is behind what is shown. */
function apart(ours: string | null, theirs: string | null): string[] {
  const cells = [shown(ours), shown(theirs)]
  if (cells[0] === cells[1]) return [...cells, 'they differ in what is not shown']
  return cells[0]?.normalize('NFKC') === cells[1]?.normalize('NFKC') ? cells.map(spelled) : cells
}

/** All that is not ASCII by its number. */
function spelled(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, escaped)
}

/** What a terminal takes for a command, or does not show. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => [...each].map(escaped).join(''))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

interface Example {
  readonly key: readonly (string | null)[]
  readonly ours: string | null
  readonly theirs: string | null
}

/** The key is first where it is told; the values are last. */
function exampleParts({ key }: Comparing, example: readonly (string | null)[]): Example {
  const told = key.every((each) => each.told) ? key.length : 0
  return { key: example.slice(0, told), ours: example[told] ?? null, theirs: example[told + 1] ?? null }
}

/** Text in quotes, so that spaces at its end are seen, and one that is no value. */
function shown(value: string | null): string {
  if (value === null) return 'null'
  if (/^[\w.+:-]+(?: [\d.:-]+(?: UTC)?)?$/.test(value) && value !== 'null') return value
  return visible(JSON.stringify(value.length > mostLetters ? `${value.slice(0, mostLetters)}…` : value))
}

function jsonOf({ table, load, comparing, matched, scanned }: Facts) {
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

function columnJson({ ours, theirs, form, told }: ComparedPair) {
  return {
    ...{ column: ours.name, theirs: theirs.name, type: ours.type, their_type: theirs.type },
    ...{ compared: form.how ?? null, told },
  }
}

function measuresJson(pair: ComparedPair, measured: Measured | undefined) {
  const entries = measuresOf(pair).map(({ name }, at) => [
    name,
    { ours: measured?.ours[at] ?? null, theirs: measured?.theirs[at] ?? null },
  ])
  return Object.fromEntries(entries)
}

function exampleJson(comparing: Comparing, example: readonly (string | null)[]) {
  const { key, ours, theirs } = exampleParts(comparing, example)
  return { key, ours, theirs }
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

function usdOf(scanned: readonly number[]): number {
  return estimatedUsd({ scanned, crawlSeconds: undefined }).athena
}

function nameOf({ database, table }: SideTable): string {
  return `${database}.${table}`
}

function namesIn(columns: readonly TableColumn[]): string {
  return columns.map(({ name }) => visible(name)).join(', ')
}

function several(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
