/** A folder as a flag gives it. */
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/**
 * A flag's value as an absolute path.
 * @throws InvalidArgumentError
 */
export function folderPath(text: string): string {
  if (text !== '') return resolve(text)
  throw new InvalidArgumentError('It is the path of a folder.')
}
