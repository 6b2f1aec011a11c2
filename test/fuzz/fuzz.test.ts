/** A small sample of what `bun run fuzz` looks at by the million, always the same. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { parts } from './parts.ts'

setDefaultTimeout(300_000)

const inputsInSuite: Readonly<Record<string, number>> = {
  copy: 4_000,
  parquet: 150,
  values: 800,
  settings: 800,
  declarations: 2_000,
}

test.each(parts.map((part) => [part.words, part] as const))('%s', async (_, part) => {
  const inputs = inputsInSuite[part.name] ?? 0
  expect(inputs).toBeGreaterThan(0)
  expect(await part.search({ seed: 1, from: 0, inputs, most: 3 })).toEqual([])
})
