/** A stream that is not what COPY sends: never to be seen, but a guess would be worse than a stop. */
import { Failure } from '../failure/failure.ts'

/** @param thing what is read @param reason as `ended before its trailer` */
export function brokenStream(thing: string, reason: string): Failure {
  return new Failure({
    exit: 1,
    act: 'read',
    thing,
    reason: `the COPY stream ${reason}`,
    advice: 'Run it again; nothing was published.',
  })
}
