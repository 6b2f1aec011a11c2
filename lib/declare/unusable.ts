import { Failure } from '../failure/failure.ts'

/** A script that cannot be imported, or declares no table of its own name. */
export function unusableScript(name: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 3,
    act: 'use the script',
    thing: `scripts/${name}.ts`,
    reason: reason.replace(/[.\s]+$/, ''),
    advice: `It is to end with: export default ${name}, a table() of that name.`,
    cause,
  })
}

/** @param error thrown while the script was evaluated, as by a declaration that cannot be */
export function brokenScript(name: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const [, reason = message, advice = `Correct scripts/${name}.ts.`] = /^(.+?)\. (.+)$/s.exec(message) ?? []
  return new Failure({
    exit: 3,
    act: 'use the script',
    thing: `scripts/${name}.ts`,
    reason: reason.replace(/[.\s]+$/, '').replace(/\s*\n\s*/g, ' '),
    advice,
    cause: error,
  })
}
