/** What each part of the fuzzing is: inputs made from a seed, and what is wrong with what the product makes of one. */
import type { Random } from '../support/random.ts'

export interface Part<Input> {
  /** What `--part` calls it. */
  readonly name: string
  readonly words: string
  /** How many, unless `--inputs` says. */
  readonly inputs: number
  readonly make: (random: Random) => Input
  /** @returns what is wrong; undefined: nothing */
  readonly problem: (input: Input) => string | undefined | Promise<string | undefined>
  /** Inputs a little smaller, in which the same may be wrong; those that take most away first. */
  readonly smaller: (input: Input) => Iterable<Input>
  /** Plain data that shows it. */
  readonly describe: (input: Input) => unknown
}

/** What was found in one input. */
export interface Finding {
  readonly seed: number
  /** Its number among those of the seed, from 0 on. */
  readonly input: number
  readonly problem: string
  /** The smallest input found in which something is wrong. */
  readonly shown: unknown
}

/** @returns the seed of one input, so that it can be made again without those before it */
export function seedOf(seed: number, input: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + Math.imul(input, 0x85eb_ca6b) + Math.floor(input / 2 ** 32)) | 0
}
