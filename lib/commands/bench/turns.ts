/** Measures several commands in turns, so that each stands beside the others in the same minute, and takes medians. */
import { type Beside, type Measured, type Measurement, measure } from './measure.ts'

export interface Contender extends Measurement {
  readonly name: string
  /** How many rows it has taken to where they go, asked after each of its runs, and how many those are to be. */
  readonly rows?: { readonly expected: number; taken(output: string): Promise<number> }
  /** Called before each of its runs, and not measured. */
  readonly before?: () => Promise<void>
  /** Whether the others are measured without it when it cannot run here. */
  readonly optional?: true
}

/** Rounds of one contender; the same index is the same round for all. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>

export interface Turns {
  /** How many rounds there are, after one that warms caches and is not counted. */
  readonly repeat: number
  readonly beside: Beside
  readonly signal: AbortSignal
  /** Gets a line a round, and one for each that is left out. */
  readonly say: (line: string) => void
}

/**
 * @param what is measured, for the lines that are said
 * @throws Error when one that is not optional fails
 */
export async function takeTurns(
  what: string,
  contenders: readonly Contender[],
  { repeat, beside, signal, say }: Turns,
): Promise<Rounds> {
  let left = contenders
  const rounds = new Map<string, Measured[]>()
  for (let round = 0; round <= repeat; round++) {
    const said: string[] = []
    // Whoever follows whom changes with every round: the one before may leave caches warm, or the disk busy.
    for (const contender of round % 2 === 0 ? left : left.toReversed()) {
      signal.throwIfAborted()
      try {
        await contender.before?.()
        const measured = await measure(contender, beside, signal)
        await requireRows(contender, measured)
        said.push(`${contender.name} ${measured.seconds.toFixed(2)} s`)
        if (round > 0) rounds.set(contender.name, [...(rounds.get(contender.name) ?? []), measured])
      } catch (error) {
        if (contender.optional === undefined || signal.aborted) throw error
        say(`${what}: ${contender.name} is left out: ${String(error).split('\n').at(-1)}`)
        left = left.filter((other) => other !== contender)
        rounds.delete(contender.name)
      }
    }
    say(`${what}, ${round === 0 ? 'warm-up' : `round ${round} of ${repeat}`}: ${said.join(', ')}`)
  }
  // In the order they were given, whichever ran first.
  return new Map(left.map(({ name }) => [name, rounds.get(name) ?? []]))
}

/** @throws Error for another number of rows than was expected: such a run is not compared */
async function requireRows({ rows }: Contender, { output }: Measured): Promise<void> {
  const taken = await rows?.taken(output)
  if (taken !== rows?.expected) throw new Error(`it took ${taken} rows of ${rows?.expected}`)
}

/** The median of a figure; undefined where a run lacks it. */
export function median(
  runs: readonly Measured[],
  of: (run: Measured) => number | undefined,
): number | undefined {
  const sorted = runs.flatMap((run) => of(run) ?? []).sort((a, b) => a - b)
  if (sorted.length === 0 || sorted.length < runs.length) return undefined
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of a figure's ratio to what the other had in the same round. */
export function medianRatio(
  runs: readonly Measured[],
  others: readonly Measured[],
  of: (run: Measured) => number,
): number {
  const ratios = runs.map((run, round) => ({ ...run, seconds: of(run) / of(others[round]!) }))
  return median(ratios, ({ seconds }) => seconds) ?? Number.NaN
}

export function wall({ seconds }: Measured): number {
  return seconds
}

export function cpu({ cpuSeconds }: Measured): number {
  return cpuSeconds
}
