#!/usr/bin/env bun
/** `bun run local`: the stand-in, to try scripts without a cloud. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { runCommand } from '../cli/command.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { nearestProject } from '../declare/project.ts'
import { commandLine } from '../failure/command-line.ts'
import { exportLines } from '../local/export-lines.ts'
import { standInPackages } from '../local/packages.ts'
import { runInside } from '../local/run-inside.ts'
import { seed } from '../local/seed.ts'
import { readSeedFile, seedByFile } from '../local/seed-file.ts'

const command = new Command(commandLine('local'))
  .usage('-- [options] [command...]')
  .description(
    'Keeps Postgres, S3, Glue and Athena up on this machine and prints the environment that leads to them.\n' +
      'With a command, runs it inside that environment and exits with its code.\n' +
      'If DATABASE_URL is set, stands beside that database and writes nothing to it.',
  )
  .argument('[command...]', 'what to run inside, for example: bun scripts/currencies.ts')
  .option('--scale <n>', 'times 200,000 currencies, and the other sample tables alike', positiveNumber, 1)
  .option(
    '--seed <file>',
    'SQL that Postgres is filled by, whatever DATABASE_URL is; else by seed.sql of the project, or the sample tables',
  )
  .passThroughOptions()
  .addHelpText(
    'after',
    '\nExit codes: the command’s; without one 0 ended, 1 failed, 2 wrong flags or environment.',
  )

await runCommand(command, async (signal) => {
  const { scale, seed: given } = command.opts<{ scale: number; seed?: string }>()
  const databaseUrl = given === undefined ? process.env['DATABASE_URL'] || undefined : undefined
  const file = databaseUrl === undefined ? (given ?? seedOfProject()) : undefined
  const text = file === undefined ? undefined : await readSeedFile(file)
  requirePackages(command.name(), standInPackages)
  const { startStandIn } = await import('../local/stand-in.ts')
  const standIn = await startStandIn({ databaseUrl })
  try {
    const url = standIn.postgres?.url
    if (url !== undefined && file !== undefined && text !== undefined)
      await seedByFile(url, file, { text, signal })
    else if (url !== undefined) await seed(url, { scale, signal })
    signal.throwIfAborted()
    if (command.args.length > 0) return await runInside(standIn.env, command.args)

    const database = standIn.postgres === undefined ? 'your database' : 'a seeded Postgres'
    process.stderr.write(
      `S3, Glue and Athena (local, on one port) are up beside ${database}. Run these lines in another terminal, then\n` +
        `for example: ${commandLine('all')}. Ctrl-C here ends it and removes its files.\n\n`,
    )
    console.log(exportLines(standIn, process.env))
    await once(signal, 'abort')
    return 0
  } finally {
    await standIn.stop()
  }
})

/** @returns undefined: it has none */
function seedOfProject(): string | undefined {
  const folder = nearestProject(process.cwd())
  const file = folder === undefined ? undefined : join(folder, 'seed.sql')
  return file !== undefined && existsSync(file) ? file : undefined
}
