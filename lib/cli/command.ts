/**
 * The frame of a command that starts servers and runs programs on this terminal: unlike a program it has no
 * summary and logs no JSON, and it may end with the exit code of what it ran.
 */
import { type Command, CommanderError } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { requireEnvFiles } from '../config/config.ts'
import { watchForInterruption } from './interruption.ts'
import { oneLine, reportFailure } from './reported-failure.ts'
import { createScrubber, hideConfigured } from './scrub.ts'

/**
 * Reads the flags, runs `action`, and says in one line what failed.
 * @param action returns the exit code; gives up, cleaned up, when its signal aborts
 */
export async function runCommand(
  command: Command,
  action: (signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const { signal, overdue } = watchForInterruption(command.name())
  const { hide, hideKey, scrub } = createScrubber()
  hideConfigured({ hide, hideKey })
  command.configureOutput({ writeErr: (text) => process.stderr.write(scrub(text)) })
  try {
    command.version(packageFile.version).exitOverride().parse(process.argv)
    requireEnvFiles()
    process.exitCode = await Promise.race([action(signal), overdue])
  } catch (error) {
    // commander has printed the help, or what is wrong, already.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return
    }
    const { exit, summary, advice } = reportFailure(error, signal, scrub)
    process.stderr.write(`${oneLine(`${summary}. ${advice}`)}\n`)
    process.exitCode = exit
  }
}
