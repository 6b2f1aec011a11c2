/** Whether a query failed by a mistake in it, and what is told then. */
import { Failure } from '../failure/failure.ts'

/** Trino's codes of what is wrong with a statement (SPI, StandardErrorCode, USER_ERROR), and the place in it. */
const mistakes =
  /^(?:SYNTAX_ERROR|\w+_NOT_FOUND|\w+_MISMATCH|INVALID_\w+|(?:MISSING|DUPLICATE|AMBIGUOUS|NESTED|EXPRESSION)_\w+|DIVISION_BY_ZERO|NUMERIC_VALUE_OUT_OF_RANGE|NOT_SUPPORTED)\b|\bline \d+:\d+:/

/** A query that is wrong stays so, however often it is asked: exit code 2. All other failures pass through. */
export function tellMistake(error: unknown): unknown {
  if (!(error instanceof Failure) || !mistakes.test(error.detail.reason)) return error
  return new Failure({ ...error.detail, exit: 2, advice: 'Correct the query.', cause: error.cause })
}
