/** Figures as a person reads them: a line for each contender. */
import { textTable } from '../../cli/text-table.ts'
import type { Figures } from './figures.ts'

type Column = readonly [string, (figures: Figures) => string | undefined]

/** @param against what `ratio` is measured against: `COPY` */
export function figuresText(title: string, all: Readonly<Record<string, Figures>>, against: string): string {
  const columns: readonly Column[] = [
    ['wall', ({ wall_s }) => seconds(wall_s)],
    [`/ ${against}`, ({ ratio }) => ratio.toFixed(2)],
    ['/ fastest peer', ({ ratio_to_fastest_peer }) => ratio_to_fastest_peer?.toFixed(2)],
    ['CPU', ({ cpu_s }) => seconds(cpu_s)],
    ['/ leanest peer', ({ cpu_ratio_to_leanest_peer }) => cpu_ratio_to_leanest_peer?.toFixed(2)],
    [
      'rows per CPU-second',
      ({ rows_per_cpu_s }) =>
        rows_per_cpu_s > 0 ? Math.round(rows_per_cpu_s).toLocaleString('en') : undefined,
    ],
    ['peak RSS', ({ rss_mb }) => `${rss_mb.toFixed(0)} MB`],
    ["server's CPU", ({ server_cpu_s }) => seconds(server_cpu_s)],
    ["S3's CPU", ({ s3_cpu_s }) => seconds(s3_cpu_s)],
  ]
  const entries = Object.entries(all)
  const used = columns.filter(([, of]) => entries.some(([, figures]) => of(figures) !== undefined))
  const table = [
    ['', ...used.map(([name]) => name)],
    ...entries.map(([name, figures]) => [name, ...used.map(([, of]) => of(figures) ?? '')]),
  ]
  return `${title}\n\n${textTable(
    table,
    used.map((_, at) => at + 1),
  )}\n`
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value.toFixed(2)} s`
}

/** To three digits. */
export function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
