/** A pooler lets everybody in, and has them wait until a connection to the server is free. */
import type { DatabaseConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'

/** Milliseconds that a connection may take for its first answer, where the load has others and could do without it. */
export const firstAnswerMs = 10_000

export function unanswered({ host, port, database }: DatabaseConfig, ms: number): Failure {
  return new Failure({
    exit: 1,
    act: 'connect to',
    thing: `${host}:${port}/${database}`,
    reason: `this connection was let in, and then had no answer for ${ms / 1_000} s`,
    advice:
      'If a pooler stands there, give its pool room for as many connections as the load has, and a few more, or load with --connections 1.',
  })
}
