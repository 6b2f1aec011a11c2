/** What a project may be called: its folder's name is that of its package, and of its Glue databases and image too. */
import { isBuiltin } from 'node:module'
import { basename } from 'node:path'
import packageFile from '../../../package.json' with { type: 'json' }
import { Failure } from '../../failure/failure.ts'

/** npm takes 214 letters; Glue takes 255 for a database, whose name goes on behind it. */
const mostLetters = 214

/** A package that depends on one of its own name is not installed. */
const taken: ReadonlySet<string> = new Set([
  packageFile.name,
  ...Object.keys(packageFile.dependencies),
  ...Object.keys(packageFile.devDependencies),
])

/**
 * @param folder absolute
 * @throws Failure (2)
 */
export function requireName(folder: string): string {
  const name = basename(folder)
  const reason = wrongIn(name)
  if (reason === undefined) return name
  throw new Failure({
    exit: 2,
    act: 'make a project called',
    thing: name,
    reason,
    advice: 'Give a folder a name of lower-case letters, digits and hyphens, such as my-lake.',
  })
}

function wrongIn(name: string): string | undefined {
  if (name.length > mostLetters) return `the name has ${name.length} letters, and npm takes ${mostLetters}`
  if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name)) return 'it is not a name that npm takes'
  if (['node_modules', 'favicon.ico'].includes(name) || isBuiltin(name))
    return 'npm keeps the name for itself'
  return taken.has(name) ? 'a package that the project needs has the name' : undefined
}
