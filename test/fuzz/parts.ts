/** The parts of the fuzzing, one line each. */
import { copy } from './copy.ts'
import { declarations } from './declarations.ts'
import { parquet } from './parquet.ts'
import type { Finding, Part } from './part.ts'
import { type SearchOptions, search } from './search.ts'
import { settings } from './settings.ts'
import { values } from './values.ts'

export interface SearchedPart extends Pick<Part<unknown>, 'name' | 'words' | 'inputs'> {
  readonly search: (options: SearchOptions) => Promise<Finding[]>
}

/** Whoever asks for a part does not know what its inputs are. */
function searched<Input>(part: Part<Input>): SearchedPart {
  const { name, words, inputs } = part
  return {
    name,
    words,
    inputs,
    search: (options) => search(part, options),
  }
}

export const parts: readonly SearchedPart[] = [
  searched(copy),
  searched(parquet),
  searched(values),
  searched(settings),
  searched(declarations),
]
