/** A stream that is not what COPY sends: never to be seen, but a guess would be worse than a stop. */
import { Failure } from '../failure/failure.ts'

/** Where in a stream. */
export interface StreamPlace {
  /** From 1 on; absent: in its header. */
  readonly row?: number
  /** Bytes of the stream before it. */
  readonly byte: number
}

/** @param thing what is read @param reason as `ended before its trailer` */
export function brokenStream(thing: string, reason: string, { row, byte }: StreamPlace): Failure {
  return new Failure({
    exit: 1,
    act: 'read',
    thing,
    reason: `the COPY stream ${reason}${row === undefined ? '' : `, in row ${row}`}, ${byte} bytes into it`,
    advice: 'Run it again; nothing was published.',
  })
}
