/** A failure as it goes from one thread to another: what is said of it, and as much of its cause as somebody may ask for. */
import { Failure, type FailureDetail } from '../../failure/failure.ts'

export interface PlainFailure {
  readonly detail: Omit<FailureDetail, 'cause'>
  /** null: it has none. */
  readonly cause: { readonly message: string; readonly code?: string; readonly errno?: string } | null
}

export function plainFailure({ detail, cause }: Failure): PlainFailure {
  if (!(cause instanceof Error)) return { detail, cause: null }
  const { code, errno } = cause as { readonly code?: unknown; readonly errno?: unknown }
  return {
    detail,
    cause: {
      message: cause.message,
      ...(typeof code === 'string' && { code }),
      ...(typeof errno === 'string' && { errno }),
    },
  }
}

export function failureFrom({ detail, cause }: PlainFailure): Failure {
  if (cause === null) return new Failure(detail)
  const { message, ...marks } = cause
  return new Failure({ ...detail, cause: Object.assign(new Error(message), marks) })
}
