import { tell } from '../../aws/failure.ts'
import { Failure } from '../../failure.ts'

/** Runs `work`, and adds to a refusal which policy would allow it. */
export async function allowedBy<T>(policy: 'iam', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { name, status } = tell(error.cause)
    if (status !== 403 && name !== 'AccessDeniedException') throw error
    const advice = `${error.advice} bun run policies ${policy} prints one that does.`
    throw new Failure({ ...error.detail, advice, cause: error.cause })
  }
}
