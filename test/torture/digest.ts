/** Rows of a table as one number, whatever their order: the same rows, the same digest. */

export interface Digest {
  readonly rows: number
  readonly sum: bigint
}

export const noRows: Digest = { rows: 0, sum: 0n }

const modulus = 1n << 64n

/** @param rows each as its values in words */
export function digestOf(rows: Iterable<readonly (string | null)[]>): Digest {
  let count = 0
  let sum = 0n
  for (const row of rows) {
    count++
    sum += BigInt(Bun.hash(JSON.stringify(row)))
  }
  return { rows: count, sum: sum % modulus }
}

export function together(one: Digest, other: Digest): Digest {
  return { rows: one.rows + other.rows, sum: (one.sum + other.sum) % modulus }
}

export function textOf({ rows, sum }: Digest): string {
  return `${rows} rows, ${sum.toString(16)}`
}
