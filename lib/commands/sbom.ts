#!/usr/bin/env bun
/** `bun run sbom`: what the project is made of, for those who look for weaknesses and licences in it. */
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../cli/command.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { ownFolder } from '../declare/project.ts'
import { Failure } from '../failure/failure.ts'
import { billPackages } from './sbom/packages.ts'

const command = new Command('bun run sbom')
  .description(
    'Prints a bill of materials (CycloneDX 1.6, JSON): each package of production with its licence, its SHA-512 and what it\n' +
      'needs, as bun.lock pins it. What is installed the same gives the same bytes.',
  )
  .option('--dev', 'those that only development installs too', false)
  .option('--timestamp <time>', 'when it is made, as of: git log -1 --format=%cI', time)
  .addHelpText('after', '\nExit codes: 0 printed; 2 wrong flags, or packages that are not installed.')

interface Flags {
  readonly dev: boolean
  readonly timestamp?: Date
}

function time(text: string): Date {
  const found = new Date(text)
  if (Number.isNaN(found.getTime())) throw new InvalidArgumentError('write 2026-11-26T12:00:00Z.')
  return found
}

await runCommand(command, async () => {
  requirePackages(command.name(), billPackages)
  const { dev, timestamp } = command.opts<Flags>()
  const [{ readLockFile }, { billOfMaterials }] = await Promise.all([
    import('./sbom/lock-file.ts'),
    import('./sbom/bill.ts'),
  ])
  let bill: string
  try {
    const lock = readLockFile(await Bun.file(join(ownFolder, 'bun.lock')).text())
    bill = await billOfMaterials(lock, { folder: ownFolder, development: dev, timestamp })
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'list',
      thing: 'the packages of bun.lock',
      reason: cause instanceof Error ? cause.message : String(cause),
      advice: 'Install what it pins: bun install --frozen-lockfile',
      cause,
    })
  }
  process.stdout.write(`${bill}\n`)
  return 0
})
