/** Whoever reads slices of a load, one after the other: a connection, and the code that makes files of what it brings. */
import type { LakeFile } from '../../lake/lake.ts'
import type { Progress, Slice, SliceRead } from '../../pipeline/slice.ts'
import type { ReadLookups } from '../steps/lookups.ts'

export interface ReadMeans {
  readonly lookups: ReadLookups
  readonly openFile: (name: string) => LakeFile
  readonly observe: (progress: Progress) => void
}

export interface SliceReader {
  /** @throws as `readSlice`; what it has under way is aborted then */
  read(slice: Slice, means: ReadMeans): Promise<SliceRead>
  /** Stops what it does, on the server as well. Never throws. */
  close(): Promise<void>
}
