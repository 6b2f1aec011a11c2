/** Where manifests and lists of them come from: this room knows objects by their paths, and no store. */
import { Failure } from '../failure/failure.ts'

/** Gives an object whole; undefined: there is none. Throws what its store does. */
export type ReadObject = (path: string) => Promise<Uint8Array | undefined>

/** An object that is to be written before metadata that names it is published. Its path is new. */
export interface NewObject {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Reads what is not written yet too. */
export function readAlso(objects: readonly NewObject[], read: ReadObject): ReadObject {
  const known = new Map(objects.map(({ path, bytes }) => [path, bytes]))
  return async (path) => known.get(path) ?? read(path)
}

/**
 * @param parse of its bytes; whatever it throws is a reason
 * @throws Failure (4) for an object that is gone, or is not what it should be
 */
export async function readParsed<T>(
  read: ReadObject,
  path: string,
  parse: (bytes: Uint8Array) => T,
): Promise<T> {
  const bytes = await read(path)
  if (bytes === undefined) throw unreadable(path, 'it is gone')
  try {
    return parse(bytes)
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error), error)
  }
}

export function unreadable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 4,
    act: 'read',
    thing: path,
    reason: reason.replace(/\.$/, ''),
    advice: 'The table needs it: find out who else changes objects of the table, or load the table whole.',
    cause,
  })
}
