/** What places and names the resources of a load in S3, Glue and Athena. */
import type { Aws } from '../aws/clients.ts'
import type { LakeConfig } from '../config/config.ts'

/** One table of a lake, reachable. */
export interface TablePlace {
  readonly aws: Aws
  readonly config: LakeConfig
  /** Its name. */
  readonly table: string
}

/** One load of it. */
export interface LoadPlace extends TablePlace {
  readonly load: string
  readonly signal: AbortSignal
}

/** How the staged table is made: by a crawl, from the declaration, or by a crawl only when the schema changed. */
export type Catalog = 'auto' | 'crawler' | 'declared'

/** What is named before anything is reachable; a place such as `<load>` may stand for what is not known yet. */
export interface LoadNames {
  readonly lake: LakeConfig
  readonly table: string
  readonly load: string
  readonly catalog: Catalog
  /** That it writes. */
  readonly files: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
  /** The other tables that its rows are held against; absent: nothing is expected of them that Athena looks for. */
  readonly references?: readonly string[] | undefined
}
