/**
 * The project whose scripts are meant. This repository is one, and so is every folder whose package.json depends on its
 * package. A script belongs to the project whose `scripts/` it lies in; a program of this repository that is started as a
 * file, `bun lib/commands/all.ts`, to the repository; the command `dracula` to the nearest project above where it is run.
 */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isCommand } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'

export interface Project {
  /** Absolute, as is the other. */
  readonly folder: string
  /** Each of its `.ts` files declares a table of its own name. */
  readonly scripts: string
}

/** The folder of Dracula itself, be it a checkout or an installed package. */
export const ownFolder = resolve(import.meta.dir, '../..')

const packageName = 'dracula-etl'

let meant: Project | undefined

/** @throws Failure (2) where nothing says which it is */
export function project(): Project {
  meant ??= ofProgram()
  return meant
}

/**
 * From here on the scripts of this folder are meant, whatever its name.
 * @param scripts absolute
 * @throws Failure (2) for one that is not there
 */
export function useScripts(scripts: string): void {
  requireFolder(scripts)
  meant = { folder: nearestProject(scripts) ?? dirname(scripts), scripts }
}

/**
 * The project that has this script, absolute: undefined for one that lies elsewhere, of which nobody knows what belongs
 * to it.
 */
export function projectOf(script: string): Project | undefined {
  const scripts = dirname(script)
  if (meant?.scripts === scripts) return meant
  const folder = dirname(scripts)
  return basename(scripts) === 'scripts' && isProject(folder) ? { folder, scripts } : undefined
}

/** The project below whose scripts it lies, in a folder of its own, where no command looks for scripts. */
export function projectAbove(script: string): Project | undefined {
  for (let folder = dirname(dirname(script)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = projectOf(join(folder, 'script.ts'))
    if (found !== undefined) return found
  }
  return undefined
}

/** The nearest folder of a project, this one or one above. */
export function nearestProject(folder: string): string | undefined {
  if (isProject(folder)) return folder
  const above = dirname(folder)
  return above === folder ? undefined : nearestProject(above)
}

function ofProgram(): Project {
  const ofScript = projectOf(Bun.main)
  if (ofScript !== undefined) return ofScript
  if (!isCommand) return { folder: ownFolder, scripts: join(ownFolder, 'scripts') }
  const here = process.cwd()
  const folder = nearestProject(here)
  if (folder !== undefined) return { folder, scripts: join(folder, 'scripts') }
  throw new Failure({
    exit: 2,
    act: 'find the project of',
    thing: here,
    reason: `no package.json there, or in a folder above, depends on ${packageName}`,
    advice: "Run it in the project's folder, or name the folder of the scripts: --scripts <folder>.",
  })
}

function isProject(folder: string): boolean {
  if (folder === ownFolder) return true
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const { name, dependencies, devDependencies } = Object(found)
    return name === packageName || [dependencies, devDependencies].some((each) => packageName in Object(each))
  } catch {
    return false
  }
}

function requireFolder(path: string): void {
  let reason = 'it is not a folder'
  let cause: unknown
  try {
    if (statSync(path).isDirectory()) return
  } catch (error) {
    reason = fileReason(error)
    cause = error
  }
  throw new Failure({
    exit: 2,
    act: 'look for scripts in',
    thing: path,
    reason,
    advice: 'Name a folder that exists and can be read.',
    cause,
  })
}
