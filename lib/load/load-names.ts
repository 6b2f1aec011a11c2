import type { LakeConfig } from '../config/config.ts'
import type { LoadOptions } from './types.ts'

/** What names the resources of a load; a place such as `<load>` may stand for what is not known yet. */
export interface LoadNames {
  readonly lake: LakeConfig
  readonly table: string
  readonly load: string
  readonly catalog: LoadOptions['catalog']
  /** That it writes. */
  readonly files: readonly { readonly rows: number; readonly bytes: number }[]
}
