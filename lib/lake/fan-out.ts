/** What a lake does for a load that several machines read: it keeps their notes, and files that nobody sees yet. */
import type { UnfinishedUpload } from '../aws/unfinished-upload.ts'

/**
 * The machines of one fan-out, as they see each other: each writes notes, none is ever changed, and the first of a name is
 * the one that counts.
 */
export interface FanOut {
  /** @returns its text; undefined: there is none */
  readPlan(): Promise<string | undefined>
  /** @returns false: there is another already, which stays */
  writePlan(text: string): Promise<boolean>
  /** Which notes of the load there are, in the order of their names. */
  listNotes(load: string): Promise<readonly string[]>
  readNote(load: string, note: string): Promise<string | undefined>
  /** @returns false: there is another already, which stays */
  writeNote(load: string, note: string, text: string): Promise<boolean>
  removeNote(load: string, note: string): Promise<void>
  /** Drops what has been uploaded of files of the load that nobody has completed. */
  dropUnfinished(load: string): Promise<void>
  /** Takes away all of a load that was not published: files, staged table and record. */
  discard(load: string): Promise<void>
  /** Takes away the plan and then all notes of the load: whoever finds no plan knows that it is over. */
  removeNotes(load: string): Promise<void>
}

/** A file whose bytes are in the lake, and which nobody sees before it is completed: plain data. */
export interface UnfinishedFile {
  readonly name: string
  readonly upload: UnfinishedUpload
}

export interface OpenUnfinishedFile {
  /** Takes bytes as a `LakeFile` does. */
  write(bytes: Uint8Array): Promise<void> | undefined
  /** Ends it, and leaves it to whoever completes it. @throws Failure when not all of its bytes are there */
  leave(): Promise<UnfinishedFile>
  /** Drops it; never throws; after `leave` too. */
  abort(): Promise<void>
}
