/** The file that parts are written into, each at its place. */
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

/** Bytes within a file. */
export interface Stretch {
  readonly path: string
  readonly offset: number
  readonly bytes: number
}

/** Writes into a file that may not be there yet, leaving the rest of it as it is. */
export function writeAt(path: string, bytes: Uint8Array, offset: number): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT)
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, offset + done)
    }
  } finally {
    closeSync(file)
  }
}

/** Hands the bytes over in order, in a buffer that is used again. */
export function readStretch({ path, offset, bytes }: Stretch, take: (chunk: Uint8Array) => void): void {
  const file = openSync(path, 'r')
  try {
    const buffer = new Uint8Array(Math.min(bytes, 4 * 1024 ** 2))
    for (let done = 0; done < bytes; ) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, bytes - done), offset + done)
      if (read === 0) throw new RangeError(`${path} ends before its ${offset + bytes} bytes.`)
      take(buffer.subarray(0, read))
      done += read
    }
  } finally {
    closeSync(file)
  }
}

/** The bytes themselves, at once. */
export function readBytes(stretch: Stretch): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(stretch.bytes)
  let at = 0
  readStretch(stretch, (chunk) => {
    all.set(chunk, at)
    at += chunk.length
  })
  return all
}

export function truncate(path: string, bytes: number): void {
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, bytes)
  } finally {
    closeSync(file)
  }
}

/** Writes one file of the stretches, one after the other. */
export function assemble(path: string, stretches: readonly Stretch[]): void {
  let written = 0
  for (const stretch of stretches) {
    readStretch(stretch, (chunk) => {
      writeAt(path, chunk, written)
      written += chunk.length
    })
  }
}
