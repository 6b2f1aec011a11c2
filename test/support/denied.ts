/** How each service of AWS says that a call is not allowed. */
import type { Action } from '../../lib/local/aws/faults.ts'
import athena from '../../lib/local/aws/model/athena.json' with { type: 'json' }
import glue from '../../lib/local/aws/model/glue.json' with { type: 'json' }
import { isOperation, s3Operations } from '../../lib/local/aws/s3/operation.ts'

/** All operations of S3, Glue and Athena that the stand-in has. */
export const operations: readonly string[] = [
  ...s3Operations,
  ...Object.keys(glue.operations),
  ...Object.keys(athena.operations),
]

/** What the operation answers to whoever may not: S3 has another word for it than Glue and Athena. */
export function denied(operation: string, message?: string): Action {
  const told = message === undefined ? {} : { message }
  return isOperation(operation)
    ? { kind: 'error', code: 'AccessDenied', status: 403, ...told }
    : { kind: 'error', code: 'AccessDeniedException', status: 400, ...told }
}
