/** Puts the files of a project where there was nothing: all of them, or none. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../failure/failure.ts'
import { fileReason } from '../../failure/file-reason.ts'
import type { ProjectFile } from './files.ts'

/**
 * @param folder absolute
 * @throws Failure (2) for a file, or a folder with something in it: a repository that has no file yet is fine
 */
export async function requireVacant(folder: string): Promise<void> {
  const entries = await entriesOf(folder)
  const [first] = (entries ?? []).filter((name) => name !== '.git').toSorted()
  if (first === undefined) return
  throw notMade(folder, `it is not empty: it has ${first}`)
}

/**
 * @param folder one that {@link requireVacant} has passed
 * @throws Failure (2), and nothing is left then
 */
export async function placeProject(folder: string, files: readonly ProjectFile[]): Promise<void> {
  const isThere = (await entriesOf(folder)) !== undefined
  // What is renamed has to lie on the same disk.
  const draft = join(isThere ? folder : dirname(folder), `.dracula-${randomUUID()}`)
  const moved: string[] = []
  try {
    await mkdir(draft)
    for (const { path, content, isProgram } of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true })
      await writeFile(join(draft, path), content, { mode: isProgram ? 0o777 : 0o666 })
    }
    // A shell that stands in an existing folder would be left in one that is gone.
    if (!isThere) return await rename(draft, folder)
    for (const name of await readdir(draft)) {
      await rename(join(draft, name), join(folder, name))
      moved.push(join(folder, name))
    }
    await rm(draft, { recursive: true })
  } catch (cause) {
    for (const path of [draft, ...moved]) await rm(path, { recursive: true, force: true }).catch(() => {})
    throw notMade(folder, fileReason(cause), cause)
  }
}

/** @returns undefined: there is nothing of that name. @throws Failure (2) */
async function entriesOf(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw notMade(folder, fileReason(cause), cause)
  }
}

function notMade(folder: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 2,
    act: 'make a project in',
    thing: folder,
    reason,
    advice: 'Name a new folder, in one that exists and can be written.',
    cause,
  })
}
