/** The lake of a dry run that leaves nothing: files are made, counted and thrown away. */
import type { DryLake, LakeFile } from './lake.ts'

/** @param describe where it goes, in words */
export function openNowhere(describe: () => Promise<string>): DryLake {
  return {
    describe,
    catalog: async () => undefined,
    current: async () => ({ kind: 'absent' }),
    async prepare() {},
    draft: () => ({
      location: '',
      openFile: countBytes,
      async requireWritten() {},
      discard: async () => [],
    }),
    close() {},
  }
}

function countBytes(): LakeFile {
  let bytes = 0
  return {
    write(part) {
      bytes += part.length
      return undefined
    },
    finish: async () => ({ bytes, uri: undefined, etag: undefined, crc32: undefined }),
    async abort() {},
  }
}
