/** What the one row says that Athena answers to a query of keys or of rows. */

/** Values in Athena's own text. */
export type Answer = readonly (string | null)[]

/** What is said of the keys of one table. */
export interface Keys {
  readonly rows: number
  /** Rows in which a part of the key is null. */
  readonly without: number
  /** Keys that several rows have. */
  readonly repeated: number
  readonly repeatedRows: number
  readonly examples: readonly (readonly (string | null)[])[]
}

/** What is said of one pair. */
export interface Differing {
  readonly rows: number
  /** The key, ours, theirs; the key alone of values that are not told. */
  readonly examples: readonly (readonly (string | null)[])[]
}

export interface Rows {
  readonly both: number
  readonly onlyOurs: number
  readonly onlyTheirs: number
  /** Rows of the same key in which something differs; none where there is no key. */
  readonly differing: number
  readonly onlyOursExamples: readonly (readonly (string | null)[])[]
  readonly onlyTheirsExamples: readonly (readonly (string | null)[])[]
  readonly pairs: readonly Differing[]
}

export function keysIn(answer: Answer): Keys {
  return {
    rows: countIn(answer, 0),
    without: countIn(answer, 1),
    repeated: countIn(answer, 2),
    repeatedRows: countIn(answer, 3),
    examples: examplesIn(answer[4]),
  }
}

export function keysWithout(rows: number): Keys {
  return { rows, without: 0, repeated: 0, repeatedRows: 0, examples: [] }
}

export function wholeRowsIn(answer: Answer): Rows {
  return {
    both: countIn(answer, 0),
    onlyOurs: countIn(answer, 1),
    onlyTheirs: countIn(answer, 2),
    differing: 0,
    onlyOursExamples: examplesIn(answer[3]),
    onlyTheirsExamples: examplesIn(answer[4]),
    pairs: [],
  }
}

export function rowsIn(answer: Answer, pairs: number): Rows {
  return {
    both: countIn(answer, 0),
    onlyOurs: countIn(answer, 1),
    onlyTheirs: countIn(answer, 2),
    differing: countIn(answer, 3),
    onlyOursExamples: examplesIn(answer[4]),
    onlyTheirsExamples: examplesIn(answer[5]),
    pairs: Array.from({ length: pairs }, (_, at) => ({
      rows: countIn(answer, 6 + 2 * at),
      examples: examplesIn(answer[7 + 2 * at]),
    })),
  }
}

/** @throws Error for what is no count: nothing is the same that nobody has counted */
export function countIn(answer: Answer, at: number): number {
  const text = answer[at]
  if (typeof text !== 'string' || !/^\d+$/.test(text)) throw new Error(`Athena counts ${text}.`)
  return Number(text)
}

function examplesIn(text: string | null | undefined): (string | null)[][] {
  if (text === null || text === undefined) return []
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) throw new Error('Examples are no list.')
  return parsed.map((row: unknown) => {
    if (!Array.isArray(row)) throw new Error('An example is no list.')
    return row.map((value: unknown) => (value === null ? null : String(value)))
  })
}
