/** How a command is run with the stand-in as its AWS and Postgres. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Failure } from '../failure/failure.ts'

/**
 * Runs a command on this terminal in that environment only, and passes signals on to it. Returns its exit
 * code, or as shells do 128 and the number of the signal that ended it.
 * @throws Failure (2) when there is no such command
 */
export async function runInside(
  env: Readonly<Record<string, string>>,
  command: readonly string[],
): Promise<number> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env, stdio: 'inherit' })
  const pass = (signal: NodeJS.Signals) => {
    // A terminal has sent Ctrl-C to the command already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const kill = () => child.kill('SIGKILL')
  process.on('SIGINT', pass).on('SIGTERM', pass).on('exit', kill)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
    })
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'run',
      thing: program,
      reason: cause instanceof Error ? cause.message : String(cause),
      advice: 'Is it spelt right and on your PATH?',
      cause,
    })
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass).off('exit', kill)
  }
}
