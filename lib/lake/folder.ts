/** The folder of `--out`, the lake of a dry run that leaves its files. */
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import { isFileOf } from './file-name.ts'
import type { DryLake, LakeFile } from './lake.ts'

/** @param describe where it goes, in words */
export function openFolder(folder: string, table: string, describe: () => Promise<string>): DryLake {
  return {
    describe,
    catalog: async () => undefined,
    current: async () => ({ kind: 'absent' }),
    prepare: () => prepareFolder(folder, table),
    draft() {
      /** Where the files are that it has begun to write. */
      const paths: string[] = []
      return {
        location: '',
        openFile: (name) => openFolderFile(folder, name, paths),
        async requireWritten() {
          // Each was counted when it was closed.
        },
        async discard() {
          await removeFiles(paths)
          return []
        },
      }
    },
    close() {},
  }
}

/**
 * Makes the folder if there is none, before anything is read.
 * @throws Failure (2) if it cannot be written, or has a file of the table
 */
async function prepareFolder(folder: string, table: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? refusal(folder, 'it is a file, not a folder', error) : error
    })
    const taken = (await readdir(folder)).toSorted().find((name) => isFileOf(table, name))
    if (taken !== undefined) throw refusal(join(folder, taken), 'it is there already')
    // Permissions do not tell of a read-only disk, and mean nothing to root.
    await rmdir(await mkdtemp(join(folder, '.dracula-')))
  } catch (error) {
    throw asRefusal(error, folder)
  }
}

/** @param paths learns of the file once it is made @throws Failure (2), from every call, when the file cannot be written */
function openFolderFile(folder: string, name: string, paths: string[]): LakeFile {
  const path = join(folder, name)
  let file: FileHandle | undefined
  let bytes = 0

  async function append(part: Uint8Array): Promise<void> {
    try {
      if (file === undefined) {
        file = await open(path, 'wx')
        paths.push(path)
      }
      for (let offset = 0; offset < part.length; ) {
        const { bytesWritten } = await file.write(part, offset, part.length - offset)
        offset += bytesWritten
      }
      bytes += part.length
    } catch (error) {
      throw asRefusal(error, path)
    }
  }

  return {
    write: append,
    async finish() {
      try {
        await file?.close()
        file = undefined
      } catch (error) {
        throw asRefusal(error, path)
      }
      return { bytes, uri: path, etag: undefined, crc32: undefined }
    },
    async abort() {
      await file?.close().catch(() => {})
      file = undefined
    },
  }
}

/** Takes away what a dry run that failed has written. Never throws. */
async function removeFiles(paths: readonly string[]): Promise<void> {
  await Promise.allSettled(paths.map((path) => rm(path, { force: true })))
}

function asRefusal(error: unknown, thing: string): Failure {
  if (error instanceof Failure) return error
  return refusal(thing, fileReason(error), error)
}

function refusal(thing: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 2,
    act: 'write',
    thing,
    reason,
    advice: 'Give --out a folder that can be written and has no files of this table.',
    cause,
  })
}
