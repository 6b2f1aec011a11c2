/** `scripts/<name>.ts`, where there is none yet. */
import { access, mkdtemp, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Connected } from '../../declare/connection.ts'
import { findTables, tableNames } from '../../declare/find-tables.ts'
import { mostTableLetters } from '../../declare/legal-names.ts'
import { nearestProject, ownFolder } from '../../declare/project.ts'
import { writeRelationName } from '../../declare/relation-name.ts'
import { formatSource } from '../../declare/selection.ts'
import { Failure } from '../../failure/failure.ts'
import { fileReason } from '../../failure/file-reason.ts'
import { freeName } from '../../postgres/legal-name.ts'
import type { Relation } from '../../postgres/relation.ts'
import type { Placed } from './draft.ts'
import { type Inspected, qualified } from './inspect.ts'
import { type ScriptParts, scriptText } from './script.ts'

/** What the user calls the table in the lake. @throws Failure (2) for a name that no table can have there */
export function requireName(name: string): string {
  const isTooLong = name.length > mostTableLetters
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !isTooLong) return name
  throw new Failure({
    exit: 2,
    act: 'write a script with --as',
    thing: name,
    reason: isTooLong
      ? `the name has ${name.length} letters, and tables have at most ${mostTableLetters}`
      : 'the name is not one Athena takes',
    advice: isTooLong ? 'Shorten it.' : 'Use lower-case letters, digits and underscores.',
  })
}

/** A table to write a script for. */
interface Wanted {
  readonly relation: Relation
  /** The name of the source it is in; undefined: it has none. */
  readonly source: string | undefined
}

/**
 * What the table is to be called in the lake: its own name made legal, and numbered where a script of another table
 * has that. Where a script of this name reads the same table, or cannot be read, the name is that script's.
 */
export async function scriptName(wanted: Wanted, folder: string): Promise<string> {
  const scripts = await tableNames(folder)
  const others = new Set<string>()
  for (;;) {
    const name = freeName(wanted.relation.name, others, 'unnamed')
    if (!scripts.includes(name) || !(await readsAnother(name, folder, wanted))) return name
    others.add(name)
  }
}

async function readsAnother(name: string, folder: string, { relation, source }: Wanted): Promise<boolean> {
  try {
    const [table] = await findTables([name], folder)
    if (table === undefined) return false
    return formatSource(table.source) !== qualified(relation) || table.connection !== source
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}

export function scriptPath(folder: string, name: string): string {
  return join(folder, `${name}.ts`)
}

/** Before anything is read. @throws Failure (2) for a folder of scripts that is none, or that cannot be written */
export async function requireFolder(folder: string): Promise<void> {
  try {
    // Permissions do not tell of a read-only disk, and mean nothing to root.
    await rmdir(await mkdtemp(join(folder, '.dracula-')))
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'write scripts into',
      thing: shown(folder),
      reason: fileReason(cause),
      advice: 'Give --folder a folder that exists and can be written.',
      cause,
    })
  }
}

/** @throws Failure (2) */
export async function requireAbsent(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (there) throw exists(path)
}

export interface Written extends Pick<Inspected, 'relation' | 'comment'>, Pick<Connected, 'connection'> {
  readonly columns: readonly Placed[]
}

/** @throws Failure (2) if the file is there already, or cannot be written; (3) where all columns are left out */
export async function writeScript(
  path: string,
  name: string,
  { relation, comment, columns, connection }: Written,
): Promise<void> {
  if (columns.every(({ isOut }) => isOut)) throw nothingLeft(relation)
  const isDefault = relation.schema === 'public' && relation.name === name
  const text = scriptText({
    name,
    from: isDefault ? undefined : writeRelationName(relation),
    connection,
    comment,
    columns,
    surface: surfaceFor(dirname(path)),
  })
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o755 })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw exists(path)
    throw new Failure({
      exit: 2,
      act: 'write',
      thing: shown(path),
      reason: fileReason(cause),
      advice: 'Check that its folder exists and can be written.',
      cause,
    })
  }
}

/** A project has Dracula as a package; in this repository, and where nothing is known, it is where it lies. */
function surfaceFor(folder: string): ScriptParts['surface'] {
  const project = nearestProject(folder)
  if (project !== undefined && project !== ownFolder) return (module) => `dracula-etl/${module}`
  const path = relative(folder, join(ownFolder, 'lib')).split(sep).join('/')
  return (module) => `${path.startsWith('.') ? path : `./${path}`}/${module}.ts`
}

/** A path as seen from where the user stands, if it is below. */
export function shown(path: string): string {
  const fromHere = relative('.', path)
  return fromHere.startsWith('..') ? path : fromHere
}

function exists(path: string): Failure {
  return new Failure({
    exit: 2,
    act: 'write',
    thing: shown(path),
    reason: 'the file exists already',
    advice: 'See what changed with --diff, or remove the file, or choose another name with --as.',
  })
}

function nothingLeft(relation: Relation): Failure {
  return new Failure({
    exit: 3,
    act: 'write a script for',
    thing: qualified(relation),
    reason: 'the names or comments of all its columns speak of personal data or secrets',
    advice:
      'Give --personal hashed, masked or plain, or write the script by hand: secrets are always left out.',
  })
}
