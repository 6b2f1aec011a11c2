/** What the one row of `expectationQuery` says of each expectation. */
import type { RowExpectation } from '../../declare/expectation.ts'
import { Failure } from '../../failure/failure.ts'

export interface ExpectationAnswer {
  /** Rows that break it; of `rows` those there are; of `newest` seconds since 1970, null where there is no value. */
  readonly number: number | null
  /** How many values are in more than one row; 0: it is not `unique`. */
  readonly values: number
  /** The least and the greatest of what breaks it, in the engine's own text; one where they are the same. */
  readonly examples: readonly string[]
}

export interface Examined {
  /** In the order that was asked. */
  readonly answers: readonly ExpectationAnswer[]
  readonly bytesScanned: number
}

/** What `expectationQuery` asks of each. */
const columns = { unique: 4, references: 3, values: 3, notNull: 3, newest: 1, rows: 1 } as const

/** @throws Failure (1) for a row of another form: nothing holds that nobody has answered */
export function answersIn(
  row: readonly (string | null)[] | undefined,
  expectations: readonly RowExpectation[],
): ExpectationAnswer[] {
  const asked = expectations.reduce((sum, { kind }) => sum + columns[kind], 0)
  if (row?.length !== asked) {
    throw new Failure({
      exit: 1,
      act: 'examine',
      thing: 'what is expected',
      reason: `Athena answers ${row === undefined ? 'nothing' : `${row.length} values`}, and ${asked} were asked for`,
      advice: 'Run it again; if it stays so, report it with this message.',
    })
  }
  let at = 0
  return expectations.map(({ kind }) => {
    const [number = null, least = null, greatest = null, values = null] = row.slice(at, at + columns[kind])
    at += columns[kind]
    return {
      // A sum over nothing is null.
      number: number === null && kind !== 'newest' ? 0 : number === null ? null : Number(number),
      values: Number(values ?? 0),
      examples: [...new Set([least, greatest])].filter((each) => each !== null),
    }
  })
}
