/** The summary of a load that succeeded, for people: a screen of it, and a line. */
import { dirname } from 'node:path'
import type { LoadSummary } from '../load/summary.ts'
import { formatDuration } from './duration.ts'
import { publishedText } from './partitions-text.ts'
import { planText } from './plan-text.ts'
import { formatSize } from './size.ts'
import { describeSlicing } from './slicing-text.ts'
import { textTable } from './text-table.ts'

/** The last screen of a load that succeeded. */
export function summaryText(summary: LoadSummary): string {
  const { table, rows, rows_read, bytes, files, dry_run, plan, partitions } = summary
  const title = dry_run
    ? `${table}: dry run, ${whatIsWritten(files)}`
    : `${table}: published ${publishedText(rows, partitions)}`
  const dropped = rows_read === rows ? '' : ` - ${count(rows_read - rows)} that the filter drops`
  const facts = dry_run
    ? [
        ['rows', `${count(rows_read)} read${dropped}`],
        ...(plan ? [['bytes', `${formatSize(plan.measured.bytes_read)} from Postgres`]] : []),
        ...derived(summary),
        ['size', `${formatSize(bytes)} of Parquet, ${files.length > 0 ? 'kept' : 'not kept'}`],
      ]
    : [
        ['load', summary.load],
        ['snapshot', summary.snapshot_at],
        ['counts', `Postgres ${count(rows_read)}${dropped} = files ${count(rows)} = lake ${count(rows)}`],
        ...(summary.slicing.slices <= 1 ? [] : [['slices', describeSlicing(summary.slicing)]]),
        ...touched(summary),
        ...derived(summary),
        ...expected(summary),
        ['size', `${formatSize(bytes)} in ${files.length} ${files.length === 1 ? 'file' : 'files'}`],
        ['where', summary.location],
      ]
  const measured = textTable([...facts, ...times(summary), ...cost(summary)])
  return plan === undefined
    ? `${title}\n\n${measured}`
    : `${title}\n\n${planText(plan)}\n\nmeasured\n\n${measured}`
}

/** The same in one line, for a log. */
export function summaryLine(summary: LoadSummary): string {
  const { table, rows, bytes, seconds, dry_run, partitions } = summary
  const done = dry_run ? 'dry run,' : 'published'
  const usd = dry_run ? '' : `, about ${inDollars(summary)}`
  return `${table}: ${done} ${publishedText(rows, partitions)}, ${formatSize(bytes)}, in ${formatSeconds(seconds)}${usd}`
}

/** What a dry run leaves, in words. */
function whatIsWritten(files: readonly string[]): string {
  const [first] = files
  if (first === undefined) return 'nothing written'
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} in ${dirname(first)}`
}

/** How many values the policies of lossy columns have touched; a dry run says so in its plan. */
function touched({ softened }: LoadSummary): string[][] {
  const listed = Object.entries(softened).map(([name, values]) => `${count(values)} of ${name}`)
  return listed.length === 0 ? [] : [['touched', `${listed.join(', ')}, which have no place in the lake`]]
}

/** What was expected and found. */
function expected({ expectations }: LoadSummary): string[][] {
  if (expectations === null) return []
  const { held, warned, bytes_scanned } = expectations
  const broken = warned.length === 0 ? '' : `, ${warned.length} warned of`
  return [['expected', `${held.length} held${broken}; ${formatSize(bytes_scanned)} scanned`]]
}

/** What functions gave, and what they looked up in. */
function derived({ nulls, lookups }: LoadSummary): string[][] {
  const missing = Object.entries(nulls).map(([name, values]) => `${count(values)} of ${name}`)
  const sizes = Object.values(lookups)
  const rows = sizes.reduce((sum, each) => sum + each.rows, 0)
  const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0)
  return [
    ...(missing.length === 0 ? [] : [['nulls', `${missing.join(', ')}, as derived`]]),
    ...(sizes.length === 0
      ? []
      : [['lookups', `${count(rows)} rows of ${sizes.length} tables, ${formatSize(bytes)} of memory`]]),
  ]
}

function times({ rows_read, seconds, phases, xmin_held_s }: LoadSummary): string[][] {
  const reading = phases.read ?? seconds
  const parts = Object.entries(phases).filter(([, spent]) => spent >= 0.05)
  const listed = parts.map(([phase, spent]) => `${phase} ${formatSeconds(spent)}`).join(', ')
  return [
    ['speed', `${count(Math.round(rows_read / Math.max(reading, 0.001)))} rows/s while reading`],
    ['time', `${formatSeconds(seconds)}${listed === '' ? '' : ` (${listed})`}`],
    ['held', `snapshot and locks for ${formatSeconds(xmin_held_s)}`],
  ]
}

/** A dry run costs nothing. */
function cost(summary: LoadSummary): string[][] {
  const { retries, dry_run, crawled } = summary
  const billed = `Athena's count${summary.expectations === null ? '' : ', a look at what is expected'}${crawled ? ' and a crawl' : ''}, by list price`
  return [
    ...(retries === 0 ? [] : [['retries', count(retries)]]),
    ...(dry_run ? [] : [['cost', `about ${inDollars(summary)}: ${billed}`]]),
  ]
}

function inDollars({ estimated_usd: { athena, crawler } }: LoadSummary): string {
  const usd = athena + crawler
  return usd < 0.005 ? `$${usd.toFixed(5)}` : `$${usd.toFixed(2)}`
}

const count = (rows: number) => rows.toLocaleString('en')
const formatSeconds = (seconds: number) => formatDuration(seconds * 1_000)
