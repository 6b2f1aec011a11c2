/** What a step of a run is. */
import type { LoadSummary } from '../../../lib/load/summary.ts'
import type { GuaranteeName } from '../guarantees.ts'
import type { Place } from '../place.ts'
import type { Product } from '../product.ts'
import type { Rows } from '../read-back.ts'

export interface Step {
  /** What it shows, in a few words. */
  readonly title: string
  /** Steps that have to have passed. */
  readonly after?: readonly string[]
  /** Where one of these is not offered, the step may be refused. */
  readonly needs?: readonly GuaranteeName[]
  /** @returns what was seen @throws Refused, NotOffered, Wrong, or an Error: it has failed */
  run(context: Context): Promise<string>
}

export interface Context {
  readonly place: Place
  readonly product: Product
  /** Whether the implementation does not offer it. */
  readonly lacks: (guarantee: GuaranteeName) => boolean
  /** A Python that has what outside readers want; undefined: none was named. */
  readonly python: string | undefined
  /** The URL of a Trino; undefined: as above. */
  readonly trino: string | undefined
  /** Loads that steps have published, by table, oldest first, with the rows that readers then saw. */
  readonly published: Map<string, Published[]>
  readonly signal: AbortSignal
}

export interface Published {
  readonly summary: LoadSummary
  readonly rows: Rows
}
