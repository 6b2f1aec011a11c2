/** Packages that only development installs. */
import { Failure } from '../failure/failure.ts'

/** Has to be called before anything is imported that needs them. @throws Failure (2) naming those that are not there */
export function requirePackages(command: string, packages: readonly string[]): void {
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length > 0) throw missingPackages(command, missing)
}

export function missingPackages(command: string, names: readonly string[]): Failure {
  return new Failure({
    exit: 2,
    act: 'run',
    thing: command,
    reason: `${new Intl.ListFormat('en-GB').format(names)} ${names.length === 1 ? 'is' : 'are'} not installed here`,
    advice:
      'An installation for production leaves out what only development needs; add it with: bun install --frozen-lockfile',
  })
}

function isInstalled(name: string): boolean {
  try {
    Bun.resolveSync(name, import.meta.dir)
    return true
  } catch {
    return false
  }
}
