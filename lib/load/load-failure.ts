/** A load that failed, and what readers of its table see. */
import { Failure, type FailureDetail } from '../failure/failure.ts'

/**
 * What readers of the table see after a failed load; undefined: there is none; `unmanaged`: one that no load has made;
 * `otherKind`: one that a load has made, of a script that declared it otherwise.
 */
export type StillPublished =
  | { readonly load: string; readonly snapshotAt: string }
  | 'unmanaged'
  | 'otherKind'
  | 'unknown'
  | undefined

export class LoadFailure extends Failure {
  readonly load: string
  readonly published: StillPublished

  constructor(detail: FailureDetail, { load, published }: { load: string; published: StillPublished }) {
    super(detail)
    this.load = load
    this.published = published
  }
}
