/** A program that loads many tables: the runs of its loads are told to be parts of its own. */
import { findLake, findTelemetry, readLineage } from '../config/config.ts'
import { type Followed, withoutFail } from './followers.ts'
import type { Report } from './report.ts'

export interface Batch {
  /** What its loads are to have in their environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Before the last line, which stays the last; takes a few seconds at the most, and never throws. */
  end(report: Report, interrupted: boolean): Promise<void>
}

export interface Batched extends Pick<Followed, 'log' | 'scrub'> {
  /** What it is called. */
  readonly name: string
}

/** Whoever is to be told is loaded only where the environment says so. */
export async function openBatch({ name, log, scrub }: Batched): Promise<Batch> {
  const [telemetry, lineage, lake] = [findTelemetry(), readLineage(), findLake()]
  const parts = [
    ...(telemetry === undefined
      ? []
      : [(await import('../telemetry/batch.ts')).openTelemetryBatch(name, telemetry)]),
    ...(lineage === undefined || lake === undefined
      ? []
      : [
          (await import('../lineage/batch.ts')).openLineageBatch(
            { database: lake.glueDatabase, scrub },
            lineage,
          ),
        ]),
  ]
  return {
    variables: Object.fromEntries(parts.flatMap(({ variables }) => Object.entries(variables))),
    async end({ exit, line, failure }, interrupted) {
      const message = exit === 0 ? undefined : (failure?.summary ?? line)
      const ending = { exit, message: message === undefined ? undefined : scrub(message), interrupted }
      const warnings = await Promise.all(parts.map((each) => withoutFail(() => each.end(ending))))
      for (const warning of warnings.flat()) log.warn(warning, { exit })
    },
  }
}
