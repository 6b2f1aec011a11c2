/** Files of variables, as Bun is given them: `bun --env-file=.env.staging scripts/taxes.ts`. */
import { accessSync, constants } from 'node:fs'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'

/**
 * Bun passes over a file that it cannot read. What was meant to lead to one environment would go by whatever the shell has,
 * which may be another.
 * @param given flags of Bun, before the program
 * @throws Failure (2) for a file that cannot be read
 */
export function requireEnvFiles(given: readonly string[] = process.execArgv): void {
  const files = given.flatMap((flag, at) => {
    const [, value = given[at + 1] ?? ''] = /^--env-file(?:=(.*))?$/.exec(flag) ?? [undefined, '']
    return value.split(',').filter((file) => file !== '')
  })
  for (const file of files) {
    try {
      accessSync(file, constants.R_OK)
    } catch (cause) {
      throw new Failure({
        exit: 2,
        act: 'use the variables of',
        thing: file,
        reason: fileReason(cause),
        advice: 'Give --env-file a file that exists and can be read.',
        cause,
      })
    }
  }
}
