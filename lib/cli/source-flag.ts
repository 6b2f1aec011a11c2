/** The flag `--source`: which source a command works on, by the name that scripts have for it. */
import { InvalidArgumentError, Option } from 'commander'
import { illegalSource, legalSource } from '../declare/connection.ts'

export function sourceFlag(description: string): Option {
  return new Option('--source <name>', description).argParser(sourceName)
}

function sourceName(text: string): string {
  const wrong = illegalSource(text)
  if (wrong === undefined) return text
  throw new InvalidArgumentError(`It ${wrong}. ${legalSource}.`)
}
