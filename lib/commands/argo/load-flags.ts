/** The flags that loads of a schedule may have. */
import { CommanderError, InvalidArgumentError } from 'commander'
import { loadCommand } from '../../cli/load-flags.ts'

/**
 * What holds for every load of a table. All others are said once by who means them, as they lift a guard or publish nothing,
 * or are the workflow's own.
 */
const scheduled: readonly string[] = [
  '--fingerprint',
  '--connections',
  '--full',
  '--retain',
  '--codec',
  '--max-lookup-size',
  '--max-file-size',
  '--max-shrink',
  '--allow-empty',
  '--yield-after',
  '--connect-within',
]

/** @throws InvalidArgumentError for what a load does not take, or not on a schedule */
export function scheduledFlags(text: string): readonly string[] {
  const flags = text.trim().split(/\s+/)
  const names = flags.filter((flag) => flag.startsWith('-')).map((flag) => flag.replace(/=.*/s, ''))
  const other = names.find((name) => !scheduled.includes(name))
  if (other !== undefined) {
    throw new InvalidArgumentError(
      `${other} is not for loads of a schedule, which may have ${scheduled.join(', ')}.`,
    )
  }
  const command = loadCommand('<table>').exitOverride().allowExcessArguments(false)
  try {
    command.configureOutput({ writeErr: () => {} }).parse(flags, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    throw new InvalidArgumentError(`A load answers: ${error.message.replace(/^error: /, '')}`)
  }
  return flags
}
