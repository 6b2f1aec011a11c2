/** What a machine says of the slice that it has read: plain data, written once, and the first counts. */
import type { LookupSize, SliceFacts } from '../../lake/facts.ts'
import type { UnfinishedFile } from '../../lake/fan-out.ts'

export interface SliceRecord {
  readonly version: 1
  readonly load: string
  /** From 0. */
  readonly slice: number
  /** Its files are not there yet, in the order of `unfinished`. */
  readonly facts: SliceFacts
  readonly lookups: Readonly<Record<string, LookupSize>>
  readonly unfinished: readonly UnfinishedFile[]
  /** For whoever looks at where the time went. */
  readonly seconds: number
}

/** undefined: it is no record of that slice of the load. */
export function parseSliceRecord(text: string, load: string, slice: number): SliceRecord | undefined {
  try {
    const record: SliceRecord = JSON.parse(text)
    const { facts, unfinished } = record
    const isOfIt = record.version === 1 && record.load === load && record.slice === slice
    const names = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name).join()
    return isOfIt && names(facts.files) === names(unfinished) ? record : undefined
  } catch {
    return undefined
  }
}
