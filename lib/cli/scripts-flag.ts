/** `--scripts`, which every program has that looks for scripts. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { project, useScripts } from '../declare/project.ts'
import { folderPath } from './folder-path.ts'

/** The folder is meant from when the flags are read; one that is not there is refused with them. */
export function withScripts(command: Command): Command {
  let given = false
  return command.addOption(
    new Option(
      '--scripts <folder>',
      'where the scripts are; without it scripts/ of the project that this is run in',
    ).argParser((text) => {
      if (given) throw new InvalidArgumentError('It is given once: no two scripts are to have one name.')
      given = true
      const folder = folderPath(text)
      useScripts(folder)
      return folder
    }),
  )
}

/** Has another program look where this one does. */
export function scriptsFlag(): string[] {
  return ['--scripts', project().scripts]
}
