/** What a check of the installation found. */
import { Failure } from '../../failure/failure.ts'

/** One line of the report, and one element of its JSON. */
export interface Finding {
  readonly check: string
  /** `missing`: loads would fail. `warning`: they work, and something is worth a look. */
  readonly status: 'ok' | 'warning' | 'missing'
  /** One clause without a full stop at its end. */
  readonly found: string
  /** What to do, in sentences; null: nothing. */
  readonly fix: string | null
}

export function ok(check: string, found: string): Finding {
  return { check, status: 'ok', found, fix: null }
}

export function warning(check: string, found: string, fix: string): Finding {
  return { check, status: 'warning', found, fix }
}

export function missing(check: string, found: string, fix: string): Finding {
  return { check, status: 'missing', found, fix }
}

/**
 * What `work` finds; a Failure in it is something missing.
 * @throws what is no Failure, and the signal's reason once it is aborted
 */
export async function findingOf(
  check: string,
  signal: AbortSignal,
  work: () => Promise<string | Finding>,
): Promise<Finding> {
  try {
    const found = await work()
    return typeof found === 'string' ? ok(check, found) : found
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure)) throw error
    return missing(check, error.summary, error.advice)
  }
}
