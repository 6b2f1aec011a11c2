/** A dry run's plan, for people. */
import type { Plan, PlannedColumn } from '../load/summary.ts'
import { formatSize } from './size.ts'
import { describeSlicing } from './slicing-text.ts'
import { textTable } from './text-table.ts'

/** A dry run's plan for people: what is read, what becomes of it, what a real load would do. */
export function planText(plan: Plan): string {
  const { source, source_kind, query, slicing, columns } = plan
  const indented = query.replace(/^/gm, '  ')
  const title = ['column', 'Postgres', 'Parquet', 'Athena', 'nulls', 'policy']
  return [
    `source: ${source} (${source_kind}), ${estimate(plan)}`,
    `query\n\n${indented}`,
    `slices\n\n  ${describeSlicing(slicing)}`,
    ...partitionsText(plan),
    ...lookupsText(plan),
    `columns\n\n${textTable([title, ...columns.map(columnCells)])}`,
    ...toldText(plan),
    `values\n\n${valueLines(columns)}`,
    ...expectationsText(plan),
    lakeText(plan),
  ].join('\n\n')
}

/** Whoever wants to see all of them asks for JSON. */
const partitionsShown = 40

function partitionsText({ partitions }: Plan): string[] {
  if (partitions === null) return []
  const { which, wanted, kept, because, way, cost } = partitions
  const lines = wanted
    .slice(0, partitionsShown)
    .map(({ values, reason, rows, bytes }) => [
      values.map((each) => each ?? 'null').join(', '),
      reason,
      `${rows.toLocaleString('en')} rows`,
      bytes === null ? '' : formatSize(bytes),
    ])
  const more = wanted.length - lines.length
  const others = kept === null ? 'others stay' : `${kept.toLocaleString('en')} stay`
  const why = because === null ? '' : `, as ${because}`
  const read = way === 'order' ? 'in one query that sorts them' : 'by ranges, each in files of its own'
  const costs = [cost.ranges, cost.order].map((each) => each?.toLocaleString('en') ?? 'not known')
  return [
    `partitions: ${wanted.length.toLocaleString('en')}${which === 'all' ? ', which are all' : `; ${others}`}${why}`,
    `read ${read} (the planner's cost by ranges ${costs[0]}, in order ${costs[1]})\n\n${textTable(lines)}${more > 0 ? `\n  and ${more.toLocaleString('en')} more` : ''}`,
  ]
}

function lookupsText({ lookups }: Plan): string[] {
  const lines = lookups.map(({ name, source, key, within, rows, bytes }) => [
    name,
    `${source} by ${key.join(', ')}`,
    `${rows.toLocaleString('en')} rows${within === null ? '' : ' in the largest partition'}`,
    `${formatSize(bytes)} of memory`,
  ])
  return lines.length === 0 ? [] : [`lookups, read before it\n\n${textTable(lines)}`]
}

function estimate({ estimated_rows: rows, estimated_bytes: bytes }: Plan): string {
  const about = rows === null ? 'number of rows not known' : `about ${rows.toLocaleString('en')} rows`
  return `${about}, ${bytes === null ? 'size not known' : `${formatSize(bytes)} on disk`}`
}

function columnCells({ name, source, postgres, parquet, athena, nullable, policy }: PlannedColumn): string[] {
  const named = source === name ? name : `${name} (${source ?? 'derived'})`
  return [named, postgres, parquet, athena, nullable ? 'yes' : 'no', policy ?? '']
}

/** Whoever wants to see all of a text asks for JSON. */
const lettersShown = 80

function toldText({ comment, owner, tags, columns }: Plan): string[] {
  const shown = (text: string) =>
    text.length > lettersShown ? `${text.slice(0, lettersShown - 1).toWellFormed()}…` : text
  const lines = [
    ...(comment === null ? [] : [['the table', comment]]),
    ...columns.flatMap(({ name, comment }) => (comment === null ? [] : [[name, comment]])),
    ...(owner === null ? [] : [['owner', owner]]),
    ...Object.entries(tags).map(([name, value]) => [`tag ${name}`, value]),
  ].map(([about = '', text = '']) => [about, shown(text)])
  return lines.length === 0 ? [] : [`what readers are told\n\n${textTable(lines)}`]
}

function valueLines(columns: readonly PlannedColumn[]): string {
  const touched = columns
    .filter(({ softened }) => softened > 0)
    .map(({ name, softened, policy }) => [
      name,
      `${softened.toLocaleString('en')} ${policy === 'null' ? 'made null' : 'clamped'}`,
    ])
  return touched.length === 0
    ? '  all that were read fit as they are'
    : `${textTable(touched)}\n  all others that were read fit as they are`
}

function expectationsText({ expectations }: Plan): string[] {
  if (expectations === null) return []
  const { expected, query } = expectations
  const list = `expected\n\n${textTable(expected.map((each) => [each]))}`
  return query === null ? [list] : [`${list}\n\n  ${query}`]
}

function lakeText({ lake }: Plan): string {
  if (lake === null) {
    return 'lake: not configured; with DRACULA_S3_URI and DRACULA_GLUE_DATABASE set, here are the objects and calls of a load'
  }
  const calls = lake.calls.map(({ call, on, when }) => [call, on, when === null ? '' : `if ${when}`])
  return `objects a load would write\n\n${textTable(lake.objects.map((each) => [each]))}\n\ncalls it would make\n\n${textTable(calls)}`
}
