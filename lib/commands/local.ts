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
import { describeMet } from '../local/aws/quotas/met.ts'
import { enforceQuotas } from '../local/aws/quotas/quotas.ts'
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
  .option('--quotas', 'refuse what is beyond the default quotas of AWS, and say at the end which were met')
  .option('--quota-share <share>', 'the same, with this share of them: 0.01 is a hundredth', positiveNumber)
  .passThroughOptions()
  .addHelpText(
    'after',
    '\nExit codes: the command’s; without one 0 ended, 1 failed, 2 wrong flags or environment.',
  )

interface Flags {
  readonly scale: number
  readonly seed?: string
  readonly quotas?: true
  readonly quotaShare?: number
}

await runCommand(command, async (signal) => {
  const { scale, seed: given, quotas: whole, quotaShare } = command.opts<Flags>()
  const databaseUrl = given === undefined ? process.env['DATABASE_URL'] || undefined : undefined
  const file = databaseUrl === undefined ? (given ?? seedOfProject()) : undefined
  const text = file === undefined ? undefined : await readSeedFile(file)
  requirePackages(command.name(), standInPackages)
  const { startStandIn } = await import('../local/stand-in.ts')
  const share = quotaShare ?? 1
  const quotas = whole === true || quotaShare !== undefined ? enforceQuotas({ share }) : undefined
  const standIn = await startStandIn({ databaseUrl, quotas })
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
    if (quotas !== undefined) process.stderr.write(`${describeMet(quotas.met(), share)}\n`)
  }
})

/** @returns undefined: it has none */
function seedOfProject(): string | undefined {
  const folder = nearestProject(process.cwd())
  const file = folder === undefined ? undefined : join(folder, 'seed.sql')
  return file !== undefined && existsSync(file) ? file : undefined
}
