/** The table that `bun run matrix` ends with: files down, versions across. */
import { textTable } from '../../cli/text-table.ts'
import type { FileResult } from './results.ts'

export interface VersionResults {
  /** `12.22` */
  readonly version: string
  /** By test file; one that is missing ended before its tests could. */
  readonly files: ReadonlyMap<string, FileResult>
  readonly seconds: number
}

/** Whether a version has everything that was asked of it. */
export function isGreen({ files }: VersionResults, asked: readonly string[]): boolean {
  return asked.every((file) => files.get(file)?.failed === 0)
}

export function formatMatrix(asked: readonly string[], versions: readonly VersionResults[]): string {
  const total = ({ files }: VersionResults): FileResult => ({
    passed: sum([...files.values()].map(({ passed }) => passed)),
    failed: sum([...files.values()].map(({ failed }) => failed)),
    skipped: [...files.values()].flatMap(({ skipped }) => skipped),
  })
  const table = textTable(
    [
      ['', ...versions.map(({ version }) => version)],
      ...asked.map((file) => [file, ...versions.map(({ files }) => formatResult(files.get(file)))]),
      ['all', ...versions.map((each) => formatResult(total(each)))],
      ['seconds', ...versions.map(({ seconds }) => seconds.toFixed(0))],
    ],
    versions.map((_, index) => index + 1),
  )
  const reasons = versions.flatMap((each) => formatSkipped(each.version, total(each)))
  return reasons.length === 0 ? table : `${table}\n\nSkipped:\n${textTable(reasons, [1])}`
}

/** `31`, `29 + 2 skipped`, `2 of 31 FAILED` */
function formatResult(result: FileResult | undefined): string {
  if (result === undefined) return 'DID NOT RUN'
  const { passed, failed, skipped } = result
  if (failed > 0) return `${failed} of ${passed + failed} FAILED`
  return skipped.length === 0 ? String(passed) : `${passed} + ${skipped.length} skipped`
}

/** One line for each reason: version, how many, why. */
function formatSkipped(version: string, { skipped }: FileResult): string[][] {
  const byReason = Map.groupBy(skipped, (reason) => reason)
  return [...byReason].map(([reason, all]) => [
    version,
    String(all.length),
    reason === undefined
      ? 'for reasons of this machine, as on any version'
      : `PostgreSQL ${version.split('.')[0]} has no ${reason}`,
  ])
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
