/** How a comparison ends: whether both tables are the same, and if not, in what they differ. */
import type { Report } from '../../cli/report.ts'
import { formatSize } from '../../cli/size.ts'
import type { Compared, Queries } from './ask.ts'
import { type Facts, nameOf, several, usdOf } from './facts.ts'
import { comparedJson, factsJson } from './json.ts'
import type { TableColumn } from './match.ts'
import { heading, screenOfColumns, screenOfExamples, screenOfMeasures } from './screen.ts'
import { visible } from './shown.ts'

/** What a dry run tells: the queries that would be asked. */
export function plannedReport(facts: Facts, queries: Queries): Report {
  const list = [
    queries.measures.ours,
    queries.measures.theirs,
    ...(queries.keys === undefined ? [] : [queries.keys.ours, queries.keys.theirs]),
    queries.rows,
  ]
  return {
    exit: 0,
    json: { ...factsJson(facts), ok: true, dry_run: true, queries: list },
    text: [screenOfColumns(facts, undefined), ...list.map((sql) => `${sql};`)].join('\n\n'),
  }
}

export function comparedReport(facts: Facts, compared: Compared): Report {
  const { table, comparing, matched, scanned } = facts
  const reasons = differencesIn(facts, compared)
  const equal = reasons.length === 0
  const json = {
    ...factsJson(facts),
    ok: equal,
    equal,
    differences: reasons,
    ...comparedJson(facts, compared),
  }
  const bytes = scanned.reduce((sum, each) => sum + each, 0)
  const cost = `${formatSize(bytes)} scanned, about $${usdOf(scanned)}`
  const names = `${table} and ${nameOf(comparing.tables.theirs)}`
  const but = matched.ignored.length === 0 ? '' : `, but for what was left out: ${matched.ignored.join(', ')}`
  const { ours, theirs } = comparing.tables
  const bounded =
    ours.where === undefined && theirs.where === undefined ? '' : ' in the rows that were compared'
  const verdict = equal ? `${names} are the same${bounded}${but}` : `${names} differ: ${reasons.join('; ')}`
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

function namesIn(columns: readonly TableColumn[]): string {
  return columns.map(({ name }) => visible(name)).join(', ')
}
