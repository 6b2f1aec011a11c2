/** A number as a flag gives it. */
import { InvalidArgumentError } from 'commander'

/**
 * A flag's value as a number greater than 0.
 * @throws InvalidArgumentError
 */
export function positiveNumber(text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new InvalidArgumentError('It is a number greater than 0.')
}
