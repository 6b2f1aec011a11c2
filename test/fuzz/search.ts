/** Looks at one input after the other, and makes one that is wrong as small as it can. */
import { randomFrom } from '../support/random.ts'
import { type Finding, type Part, seedOf } from './part.ts'

export interface SearchOptions {
  readonly seed: number
  readonly from: number
  readonly inputs: number
  /** How many findings are enough. */
  readonly most: number
  /** Hears the number of each input before it is looked at. */
  readonly onInput?: (input: number) => void
}

export async function search<Input>(
  part: Part<Input>,
  { seed, from, inputs, most, onInput }: SearchOptions,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let input = from; input < from + inputs && findings.length < most; input++) {
    onInput?.(input)
    const made = part.make(randomFrom(seedOf(seed, input)))
    const told = part.problem(made)
    const problem = told instanceof Promise ? await told : told
    if (problem === undefined) continue
    const smallest = await shrunk(part, made, problem)
    findings.push({ seed, input, problem: smallest.problem, shown: part.describe(smallest.input) })
  }
  return findings
}

/** Enough for what is small, and soon over for what is slow. */
const mostTries = 2_000

async function shrunk<Input>(part: Part<Input>, input: Input, problem: string) {
  let smallest = { input, problem }
  let tries = 0
  for (let isSmaller = true; isSmaller && tries < mostTries; ) {
    isSmaller = false
    for (const each of part.smaller(smallest.input)) {
      if (++tries > mostTries) break
      const found = await part.problem(each)
      if (found === undefined || !isAlike(found, problem)) continue
      smallest = { input: each, problem: found }
      isSmaller = true
      break
    }
  }
  return smallest
}

/** The first words are the same: a smaller input may well be wrong in another way. */
function isAlike(one: string, other: string): boolean {
  const [first, second] = [one, other].map((problem) => problem.split(/[\d"]/)[0])
  return first === second
}
