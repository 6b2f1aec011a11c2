/** The package as `npm pack` leaves it, for a project that no registry gives it to. */
import { readFile } from 'node:fs/promises'
import packageFile from '../../../package.json' with { type: 'json' }
import { Failure } from '../../failure/failure.ts'
import { fileReason } from '../../failure/file-reason.ts'
import type { Tarball } from './files.ts'

/**
 * @param path absolute
 * @throws Failure (2) for a file that cannot be read, or is not this version of this package
 */
export async function readTarball(path: string): Promise<Tarball> {
  const content = await readFile(path).catch((cause: unknown) => {
    throw refused(path, fileReason(cause), cause)
  })
  const { name, version } = packedIn(content, path)
  if (name !== packageFile.name || version !== packageFile.version)
    throw refused(path, `it has ${name} ${version}, and this is ${packageFile.name} ${packageFile.version}`)
  return { name: `${name}-${version}.tgz`, content }
}

function packedIn(content: Uint8Array<ArrayBuffer>, path: string): { name: string; version: string } {
  try {
    const text = fileIn(Bun.gunzipSync(content), 'package/package.json')
    const { name, version } = Object(JSON.parse(text))
    if (typeof name !== 'string' || typeof version !== 'string')
      throw new Error('It says neither name nor version.')
    return { name, version }
  } catch (cause) {
    throw refused(path, 'it is not a package as npm packs it', cause)
  }
}

/** Bytes of a block of the format, and of the fields of a header: where a name ends, and the size in octal digits. */
const block = 512
const nameEnd = 100
const size = { start: 124, end: 136 } as const

/** @throws Error if there is none of that name */
function fileIn(tar: Uint8Array, wanted: string): string {
  const text = (start: number, end: number) => new TextDecoder().decode(tar.subarray(start, end))
  for (let at = 0; at + block <= tar.length; ) {
    const [name] = text(at, at + nameEnd).split('\0')
    const bytes = Number.parseInt(text(at + size.start, at + size.end), 8)
    if (name === wanted) return text(at + block, at + block + bytes)
    if (!(bytes >= 0)) break
    at += block + Math.ceil(bytes / block) * block
  }
  throw new Error(`There is no ${wanted}.`)
}

function refused(path: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 2,
    act: 'take the package from',
    thing: path,
    reason,
    advice: 'Give --tarball the file that npm pack has made of this version.',
    cause,
  })
}
