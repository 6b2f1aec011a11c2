/**
 * What a client has asked, and what the stand-in has answered, against AWS' own models. A test that ends with any
 * fails: AWS would not have taken the one, and would not have said the other.
 */
import type { Model, Problem } from './problems.ts'

export interface Violation {
  readonly operation: string
  /** An answer is the stand-in's own mistake, and an error too, or that of a test which asked for it. */
  readonly side: 'request' | 'answer' | 'error'
  /** `tableInput.storageDescriptor.columns.1.member.comment`; the code of an error. */
  readonly path: string
  readonly constraint: string
}

export class Violations {
  readonly all: Violation[] = []

  request(operation: string, problems: readonly Problem[]): void {
    this.#add(operation, 'request', problems)
  }

  /** @throws Error for the first, as a client could not tell it from an answer of AWS */
  answer(operation: string, problems: readonly Problem[]): void {
    // AWS too shows what another of its services took: Athena a longer name that is in Glue.
    const own = problems.filter(({ kind }) => kind !== 'size')
    this.#add(operation, 'answer', own)
    const [first] = own
    if (first === undefined) return
    throw new Error(`its answer to ${operation} breaks AWS' model at "${first.path}": ${first.constraint}`)
  }

  error(operation: string, code: string, model: Model): void {
    if (model.errors(operation)?.has(code) !== false) return
    this.#add(operation, 'error', [{ path: code, constraint: 'AWS has no such error of this operation' }])
  }

  #add(
    operation: string,
    side: Violation['side'],
    problems: readonly Pick<Problem, 'path' | 'constraint'>[],
  ): void {
    for (const { path, constraint } of problems) this.all.push({ operation, side, path, constraint })
  }

  /** @throws Error that names each, if there are any; they are told once */
  refuse(): void {
    const words = this.all
      .splice(0)
      .map(
        ({ operation, side, path, constraint }) => `the ${side} of ${operation} at "${path}": ${constraint}`,
      )
    if (words.length > 0) throw new Error(`AWS' models forbid ${[...new Set(words)].join('; ')}`)
  }
}
