/** What `dracula` does: the command that its first argument names sees the others as if it were started itself. */
import packageFile from '../../../package.json' with { type: 'json' }
import { textTable } from '../../cli/text-table.ts'
import { describeNearest } from '../../declare/nearest.ts'
import { Failure } from '../../failure/failure.ts'
import { commands } from './commands.ts'

const [wanted = '--help', ...args] = process.argv.slice(2)
const command = commands.find(({ name }) => name === wanted)
if (command !== undefined) {
  process.argv.splice(2, process.argv.length, ...args)
  await command.start()
} else if (['--version', '-V'].includes(wanted)) {
  console.log(packageFile.version)
} else if (['--help', '-h', 'help'].includes(wanted)) {
  console.log(overview())
} else {
  const { runCommand } = await import('../../cli/command.ts')
  const { Command } = await import('commander')
  // It may be something that is not to be told, such as the URL of a database.
  await runCommand(new Command('bun run dracula').argument('[words...]').allowUnknownOption(), async () => {
    throw unknown()
  })
}

function overview(): string {
  const rows = commands.map(({ name, words }) => [name, words])
  return [
    'Usage: bun run dracula <command> [arguments]',
    '',
    'Postgres tables in Athena. Commands work on the scripts of the project they are run in, or of --scripts <folder>.',
    '',
    textTable(rows),
    '',
    'Each has its own --help. --version prints the version.',
  ].join('\n')
}

function unknown(): Failure {
  const names = commands.map(({ name }) => name)
  return new Failure({
    exit: 2,
    act: 'run the command',
    thing: wanted,
    reason: wanted.startsWith('-')
      ? 'the command comes first, then its flags'
      : `there is none of that name${describeNearest(wanted, names)}`,
    advice: 'This lists them: bun run dracula --help',
  })
}
