#!/usr/bin/env bun
/** `dracula init`: a small project of the user's own, which has Dracula as a package. */
import { relative } from 'node:path'
import { Command } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { runCommand } from '../cli/command.ts'
import { folderPath } from '../cli/folder-path.ts'
import { commandLine } from '../failure/command-line.ts'
import { projectFiles } from './init/files.ts'
import { requireName } from './init/name.ts'
import { placeProject, requireVacant } from './init/place.ts'
import { readTarball } from './init/tarball.ts'

const command = new Command(commandLine('init'))
  .description(
    'Makes a project of your own: package.json, an example of a script, a Containerfile, and what CI and environments need.\n' +
      'Writes into that folder alone, and installs nothing.',
  )
  .argument(
    '<folder>',
    'a new one, or one with nothing in it but .git; its name is the project’s',
    folderPath,
  )
  .option(
    '--tarball <file>',
    `of npm pack: its copy in the project is the package, where no registry has ${packageFile.name}`,
    folderPath,
  )
  .addHelpText(
    'after',
    '\nExit codes: 0 done; 2 wrong flags, another name or folder is needed, or it cannot be written.',
  )

await runCommand(command, async () => {
  const folder: string = command.processedArgs[0]
  const { tarball: path } = command.opts<{ tarball?: string }>()
  const name = requireName(folder)
  await requireVacant(folder)
  const tarball = path === undefined ? undefined : await readTarball(path)
  await placeProject(folder, projectFiles(name, tarball))
  console.log(relative('.', folder) || '.')
  process.stderr.write(nextCommands(folder, tarball === undefined))
  return 0
})

function nextCommands(folder: string, isOfRegistry: boolean): string {
  const place = relative('.', folder)
  const { name, version } = packageFile
  const note = isOfRegistry ? `   # from a registry that has ${name} ${version}; else: init --tarball` : ''
  return [
    'Next:',
    ...(place === ''
      ? []
      : [`  cd ${/^[\w./-]+$/.test(place) ? place : `'${place.replaceAll("'", "'\\''")}'`}`]),
    `  bun install${note}`,
    '  bun run demo',
    '',
  ].join('\n')
}
