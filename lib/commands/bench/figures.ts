/** What rounds come to: one line of figures for each contender. */
import { cpu, median, medianRatio, type Rounds, wall } from './turns.ts'

/** Medians; ratios are medians of the rounds' own. */
export interface Figures {
  readonly wall_s: number
  readonly cpu_s: number
  /** The highest of all rounds. */
  readonly rss_mb: number
  /** What Postgres used meanwhile: steadier than the wall time of COPY. Undefined where there is no /proc. */
  readonly server_cpu_s?: number | undefined
  /** What the stand-in for S3, Glue and Athena used meanwhile. */
  readonly s3_cpu_s?: number | undefined
  readonly rows_per_cpu_s: number
  /** Against what the part says it is measured against. */
  readonly ratio: number
  /** Against the peer that takes the least time, and the one that takes the least CPU. */
  readonly ratio_to_fastest_peer?: number
  readonly cpu_ratio_to_leanest_peer?: number
}

/**
 * @param base the contender that all are measured against
 * @param peers which of the contenders are peers
 */
export function figuresOf(
  rounds: Rounds,
  base: string,
  rows: number,
  peers: readonly string[] = [],
): Readonly<Record<string, Figures>> {
  const fastest = leastOf(rounds, peers, wall)
  const leanest = leastOf(rounds, peers, cpu)
  return Object.fromEntries(
    [...rounds].map(([name, runs]) => {
      const cpuSeconds = median(runs, cpu) ?? Number.NaN
      const figures: Figures = {
        wall_s: median(runs, wall) ?? Number.NaN,
        cpu_s: cpuSeconds,
        rss_mb: Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
        server_cpu_s: median(runs, ({ besideSeconds }) => besideSeconds.server),
        s3_cpu_s: median(runs, ({ besideSeconds }) => besideSeconds.s3),
        rows_per_cpu_s: rows / cpuSeconds,
        ratio: medianRatio(runs, rounds.get(base) ?? [], wall),
        ...(fastest !== undefined && {
          ratio_to_fastest_peer: medianRatio(runs, rounds.get(fastest) ?? [], wall),
        }),
        ...(leanest !== undefined && {
          cpu_ratio_to_leanest_peer: medianRatio(runs, rounds.get(leanest) ?? [], cpu),
        }),
      }
      return [name, figures]
    }),
  )
}

function leastOf(rounds: Rounds, names: readonly string[], of: typeof wall): string | undefined {
  const medianOf = (name: string): number => median(rounds.get(name) ?? [], of) ?? Number.POSITIVE_INFINITY
  return names.filter((name) => rounds.has(name)).sort((a, b) => medianOf(a) - medianOf(b))[0]
}
