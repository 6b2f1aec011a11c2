/** Which faults befall whom, and in which order: the same seed, the same plan. */
import { type Random, randomFrom } from '../support/random.ts'
import type { Kind } from './kinds/kind.ts'
import type { Subject } from './subjects.ts'

export interface Planned {
  /** From 1 on. */
  readonly number: number
  readonly kind: Kind
  readonly subject: Subject
  /** Everything that is chosen at random while it strikes comes from it. */
  readonly seed: number
  /** Hours that pass before it. */
  readonly hours: number
}

/** A load by several machines is many processes. */
const roundsOfLong = 3

/**
 * Every kind strikes once, then befalls everyone it can, in an order at random, and then again at other moments: of those
 * who take long less often.
 */
export function planOf(
  seed: number,
  faults: number,
  { kinds, subjects }: { readonly kinds: readonly Kind[]; readonly subjects: readonly Subject[] },
): readonly Planned[] {
  const random = randomFrom(seed)
  const pairsOf = (kind: Kind) => subjects.filter(kind.befalls).map((subject) => ({ kind, subject }))
  const pairs = kinds.flatMap(pairsOf)
  const once = kinds.flatMap((kind) => shuffled(pairsOf(kind), random).slice(0, 1))
  const planned: Planned[] = []
  let rounds = 0
  for (let round = shuffled(once, random); planned.length < faults && pairs.length > 0; ) {
    for (const pair of round.slice(0, faults - planned.length)) {
      const hours = random.pick([0, 0.2, 1, 3, 7, 26])
      planned.push({ number: planned.length + 1, ...pair, seed: random.integer(2 ** 31), hours })
    }
    rounds++
    round = shuffled(
      pairs.filter(({ subject }) => rounds % roundsOfLong === 1 || subject.action !== 'pods'),
      random,
    )
  }
  return planned
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  const left = [...all]
  for (let at = left.length - 1; at > 0; at--) {
    const other = random.integer(at + 1)
    ;[left[at], left[other]] = [left[other]!, left[at]!]
  }
  return left
}
